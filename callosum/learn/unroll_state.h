#pragma once

#include <atomic>

#include "callosum/core/team.h"
#include "callosum/learn/cell.h"
#include "callosum/learn/piece.h"
#include "callosum/learn/unroll.h"
#include "callosum/sim/stimulus.h"

namespace callosum::learn {

/// Samples that a thread takes through time together, so that a product loads each weight once for
/// all of them.
inline constexpr std::int64_t tile_size = 8;
/// Gradients are summed within at most this many runs of tiles, then over the runs in a fixed tree.
/// A constant of the batch, not of the threads: so are the bits.
inline constexpr std::int64_t most_chunks = 8;

/// Derivatives by arrivals are kept for a window of steps before weights get their share, so that a
/// row of a gradient is fetched once for all spikes of its source in the meantime. They get it by
/// columns of so many lanes, for which so many bytes are in use; of all lanes together so many at
/// most.
inline constexpr std::size_t column_lanes = 128, window_bytes = 256 << 10,
                             most_window_bytes = 4 << 20;

/// Who fires in the rows of a tile: by step, then sample.
struct FiredLists {
  std::vector<std::uint32_t> ids;  ///< longer than what is in use
  std::vector<std::size_t> begins = {0};

  void clear() { begins.assign(1, 0); }
  void add(const SpikeBits& bits, std::int64_t n, std::int64_t sample) {
    std::size_t end = begins.back();
    if (ids.size() < end + bits.units() + 4) ids.resize(2 * (end + bits.units() + 4));
    const std::uint64_t* words = bits.row(n, sample);
    for (std::size_t w = 0; w < bits.words(); ++w) {
      // Four at a time, whether there are so many or not: hardly a branch to guess.
      std::uint64_t left = words[w];
      std::size_t at = end;
      end += static_cast<std::size_t>(std::popcount(left));
      do
        for (int k = 0; k < 4; ++k, left &= left - 1)
          ids[at++] = static_cast<std::uint32_t>(64 * w) +
                      static_cast<std::uint32_t>(std::countr_zero(left));
      while (left != 0);
    }
    begins.push_back(end);
  }
  std::span<const std::uint32_t> row(std::size_t k) const { return rows(k, k + 1); }
  std::span<const std::uint32_t> rows(std::size_t begin, std::size_t end) const {
    return {ids.data() + begins[begin], begins[end] - begins[begin]};
  }
};

/// Throws NameError with the nearest of `names`.
[[noreturn]] void unknown(std::string what, std::string_view got,
                          const std::vector<std::string>& names);

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
  /// A stimulus whose numbers differ between samples, or that shares a parameter with one.
  struct Drawn {
    std::uint32_t stimulus, population;
    bool arrives;       ///< Poisson: at an input
    std::size_t place;  ///< input, or driven parameter
    std::vector<sim::ActiveStimulus> samples = {};
  };
  struct Trained {
    enum class Kind { weights, delays, parameter };
    std::string name;
    Kind kind;
    std::uint32_t object;  ///< projection or population
    std::string parameter = {};
    std::vector<T> gradient = {};
  };
  /// A projection whose delays lie between steps: a piece for each whole delay of the range, whose
  /// weights are the shares that arrive then.
  struct LearnedDelays {
    std::uint32_t projection;
    std::uint32_t low, high;  ///< steps
    double width;             ///< steps; 0: two taps
    std::size_t first_piece = 0;
    std::vector<typename Piece<T>::Synapse> synapses = {};
    std::vector<T> delays = {};                          ///< ms, [synapse]
    bool changed = true;                                 ///< since the pieces were made
    std::vector<T> used_weights = {}, used_delays = {};  ///< those of the pieces
  };
  /// What one thread holds.
  struct Worker {
    std::vector<CellRows<T>> rows;           ///< by population
    std::vector<sim::Aligned<T>> list_bars;  ///< by population: of input spikes, [sample]
    std::vector<std::uint32_t> ids, positions;
    std::vector<std::uint32_t> places, sorted;  ///< of spikes, by source
    sim::Aligned<T> scratch;
    std::vector<std::uint64_t> active;  ///< [sample, word]: spikes whose derivative is not zero
    std::string not_finite;             ///< population and state
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
  void place_gradients();
  void find_drawn();
  void find_feedback();
  std::vector<T> weights_back(std::uint32_t projection) const;

  // Learned delays.
  void find_learned_delays();
  LearnedDelays* learned_delays(std::uint32_t projection);
  LearnedDelays* learned_delays(std::string_view delays);
  double kernel_width(std::string_view projection, double width_ms) const;
  double delay_steps(const LearnedDelays& learned, T ms) const;
  void take_delays(LearnedDelays& learned, std::vector<T> ms);
  void make_taps();
  void reduce_taps(const LearnedDelays& learned, std::vector<T>& by_weight,
                   std::vector<T>& by_delay) const;
  std::uint32_t population(std::string_view name, const char* what) const;
  std::pair<std::uint32_t, std::string> variable(std::string_view name, const char* what) const;

  // Forward.
  void take_inputs(const Inputs& inputs);
  void take_state(const State* from);
  void base_rows();
  void ready_drawn();
  void drive(Worker& worker, std::uint32_t p, std::size_t u, std::int64_t sample, std::int64_t n);
  void forward_tile(Worker& worker, std::int64_t tile);
  void step(Worker& worker, std::uint32_t p, std::size_t u, std::int64_t first, std::size_t count,
            std::int64_t n);

  // Reverse.
  void take_cotangents(const Cotangents& cotangents);
  void backward_tile(Worker& worker, Chunk& chunk, std::int64_t tile);
  bool find_active(Worker& worker, std::uint32_t p, std::int64_t first, std::size_t count,
                   std::int64_t n);
  void gather_spike_bars(Worker& worker, std::uint32_t p, T* bars, std::size_t lanes,
                         std::int64_t first, std::size_t count, std::int64_t n);
  void step_back(Worker& worker, Chunk& chunk, std::uint32_t p, std::int64_t first,
                 std::size_t count, std::int64_t n);
  void weight_gradients(Worker& worker, Chunk& chunk, std::uint32_t p, std::int64_t first,
                        std::size_t count, std::int64_t begin, std::int64_t end);
  void reduce();

  std::span<const T> row_of(std::span<const T> all, std::int64_t n, std::int64_t sample,
                            std::uint32_t units) const {
    return all.subspan(static_cast<std::size_t>(n * batch + sample) * units, units);
  }
  /// Rows of a piece whose neurons fired in step n, of this run or, n < 0, before it, in sample u
  /// of the tile that begins at `first`.
  std::span<const std::uint32_t> fired(Worker& worker, const Piece<T>& piece, std::int64_t n,
                                       std::int64_t first, std::size_t count, std::size_t u) const {
    const std::uint32_t p = piece.source();
    std::span<const std::uint32_t> ids;
    if (n >= 0) {
      ids = lists[static_cast<std::size_t>(first / tile_size)][p].row(
          static_cast<std::size_t>(n) * count + u);
    } else if (!began.recent.empty() && n + began.recent[p].steps() >= 0) {
      const std::int64_t row = n + began.recent[p].steps();
      ids = {worker.ids.data(),
             began.recent[p].list(row, first + static_cast<std::int64_t>(u), worker.ids.data())};
    }
    if (piece.whole()) return ids;
    return {worker.positions.data(),
            piece.rows_of(ids.data(), ids.size(), worker.positions.data())};
  }
  /// What step n of a sample left for the reverse pass. Rows of a tile lie together.
  T* tape_row(std::uint32_t p, std::int64_t n, std::int64_t first, std::size_t count,
              std::size_t u) {
    const std::size_t row =
        static_cast<std::size_t>(first * steps) + static_cast<std::size_t>(n) * count + u;
    return tape[p].data() + row * static_cast<std::size_t>(cells[p]->kept()) * cells[p]->lanes();
  }
  /// Asks for such a row before it is needed.
  void fetch_tape_row(std::uint32_t p, std::int64_t n, std::int64_t first, std::size_t count,
                      std::size_t u) {
    const char* row = reinterpret_cast<const char*>(tape_row(p, n, first, count, u));
    const std::size_t bytes =
        static_cast<std::size_t>(cells[p]->kept()) * cells[p]->lanes() * sizeof(T);
    for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at, 1);
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
  std::vector<std::size_t> slots;     ///< of arrivals, by population
  std::vector<std::int64_t> windows;  ///< steps, by population
  std::int64_t longest_delay = 0;
  std::vector<std::vector<T>> weights;  ///< by projection
  std::vector<Record> records;
  std::vector<Current> currents;
  std::vector<Trained> trained;
  std::vector<LearnedDelays> learned;
  std::vector<Drawn> drawn;  ///< in the order of stimuli
  struct Back {
    Feedback kind = Feedback::transposed;
    T size = 0;  ///< root mean square of the first weights
  };
  std::vector<Back> back;  ///< by projection
  std::vector<std::string> trained_names;

  std::int64_t steps = 0, batch = 0;
  State began;                      ///< of this run; `states` empty: the initial state
  std::vector<std::vector<T>> end;  ///< as State::states
  bool kept = false;
  std::vector<SpikeBits> spikes;               ///< by population
  std::vector<std::vector<FiredLists>> lists;  ///< by tile and population
  std::vector<sim::Aligned<T>> tape;           ///< by population, [tile, time, sample, kept, lanes]
  /// By population and driven parameter: own value and stimuli, [time, lanes]; empty: no stimulus.
  std::vector<std::vector<sim::Aligned<T>>> base;
  std::vector<std::span<const T>> spike_cotangents, count_cotangents;  ///< by population
  std::vector<std::vector<T>> spike_gradients;                         ///< by input population
  std::vector<Worker> workers;
  std::vector<Chunk> chunks;
};

}  // namespace callosum::learn
