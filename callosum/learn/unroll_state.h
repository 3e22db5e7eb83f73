#pragma once

#include <atomic>

#include "callosum/core/team.h"
#include "callosum/learn/cell.h"
#include "callosum/learn/piece.h"
#include "callosum/learn/unroll.h"

namespace callosum::learn {

/// Samples that a thread takes through time together, so that a product loads each weight once for
/// all of them.
inline constexpr std::int64_t tile_size = 8;
/// Gradients are summed within at most this many runs of tiles, then over the runs in a fixed tree.
/// A constant of the batch, not of the threads: so are the bits.
inline constexpr std::int64_t most_chunks = 8;

template <class T>
struct Unroll<T>::Impl {
  Impl(Network network, UnrollOptions options);

  struct Record {
    std::string name;
    std::uint32_t population;
    std::size_t state;
    sim::Aligned<T> values;  ///< [time, batch, unit]
    std::span<const T> cotangent = {};
  };
  struct Current {
    std::string name;
    std::uint32_t population;
    std::size_t driven;
    std::span<const T> values = {};
    std::vector<T> gradient = {};
  };
  struct Trained {
    std::string name;
    bool weights;
    std::uint32_t object;  ///< projection or population
    std::string parameter = {};
    std::vector<T> gradient = {};
  };
  /// What one thread holds.
  struct Worker {
    std::vector<CellRows<T>> rows;           ///< by population
    std::vector<sim::Aligned<T>> list_bars;  ///< by population: of input spikes, [sample]
    std::vector<std::uint32_t> ids, positions;
    sim::Aligned<T> scratch;
    std::string not_finite;  ///< population and state
    std::int64_t not_finite_sample = -1;
  };
  /// Sums over a run of tiles.
  struct Chunk {
    sim::Aligned<T> weights;               ///< by piece, at gradient_at
    std::vector<sim::Aligned<T>> sums;     ///< by population, [summed, lanes]
    std::vector<sim::Aligned<T>> initial;  ///< by population, [state, lanes]
  };

  // Construction.
  void check_static() const;
  void make_cells();
  void make_pieces();
  void find_records();
  void find_trained();
  void make_workers();
  std::uint32_t population(std::string_view name, const char* what) const;
  std::pair<std::uint32_t, std::string> variable(std::string_view name, const char* what) const;

  // Forward.
  void take_inputs(const Inputs& inputs);
  void base_rows();
  void forward_tile(Worker& worker, std::int64_t tile);
  void step(Worker& worker, std::uint32_t p, std::size_t u, std::int64_t sample, std::int64_t n);

  // Reverse.
  void take_cotangents(const Cotangents& cotangents);
  void backward_tile(Worker& worker, Chunk& chunk, std::int64_t tile);
  void gather_spike_bars(Worker& worker, std::uint32_t p, T* bars, std::size_t lanes,
                         std::int64_t first, std::size_t count, std::int64_t n);
  void step_back(Worker& worker, Chunk& chunk, std::uint32_t p, std::int64_t first,
                 std::size_t count, std::int64_t n);
  void weight_gradients(Worker& worker, Chunk& chunk, std::uint32_t p, std::int64_t first,
                        std::size_t count, std::int64_t n);
  void reduce();

  std::span<const T> row_of(std::span<const T> all, std::int64_t n, std::int64_t sample,
                            std::uint32_t units) const {
    return all.subspan(static_cast<std::size_t>(n * batch + sample) * units, units);
  }
  void check_shape(std::string_view what, std::size_t got, std::int64_t rows,
                   std::uint32_t units) const;

  Network network;
  UnrollOptions options;
  Team team;
  std::vector<std::unique_ptr<Cell<T>>> cells;  ///< by population; null for inputs
  std::vector<std::uint32_t> order;             ///< populations, sources of zero delays first
  std::vector<Piece<T>> pieces;
  std::vector<std::size_t> gradient_at;  ///< of each piece within Chunk::weights
  std::size_t gradient_size = 0;
  std::vector<std::vector<std::vector<std::uint32_t>>> into;  ///< pieces by population and input
  std::vector<std::vector<std::uint32_t>> out_of;             ///< pieces by source population
  std::vector<std::uint32_t> input_of;                        ///< by piece
  std::vector<bool> piece_trained;
  std::vector<std::size_t> slots;       ///< of arrival_bars, by population
  std::vector<std::vector<T>> weights;  ///< by projection
  std::vector<Record> records;
  std::vector<Current> currents;
  std::vector<Trained> trained;
  std::vector<std::string> trained_names;

  std::int64_t steps = 0, batch = 0;
  bool kept = false;
  std::vector<SpikeBits> spikes;      ///< by population
  std::vector<sim::Aligned<T>> tape;  ///< by population, [time, batch, kept, lanes]
  /// By population and driven parameter: own value and stimuli, [time, lanes]; empty: no stimulus.
  std::vector<std::vector<sim::Aligned<T>>> base;
  std::vector<std::span<const T>> spike_cotangents, count_cotangents;  ///< by population
  std::vector<std::vector<T>> spike_gradients;                         ///< by input population
  std::vector<Worker> workers;
  std::vector<Chunk> chunks;
};

}  // namespace callosum::learn
