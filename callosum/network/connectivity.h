#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/network/network.h"

namespace callosum {

/// The synapses of one projection into one block of its target population, rows by source in
/// ascending order, within a row in the rule's draw order (the synapse ordinal).
struct BlockSynapses {
  std::vector<std::uint32_t> row_offsets;  ///< sources of the view + 1
  std::vector<std::uint16_t> targets;      ///< index within the block
  std::vector<double> weights;             ///< internal units; empty when the weight is constant
  std::vector<std::uint16_t> delays;       ///< steps, >= 0; empty when the delay is constant
};

/// Draws one projection's synapses. Every block comes from its own keyed streams, so blocks may be
/// drawn in any order, by any thread or rank, and always give the same network.
/// Thread-safe; throws ResourceError/ValueError only from the constructor.
class Connectivity {
 public:
  Connectivity(const Network& network, std::uint32_t projection, std::uint64_t seed);
  ~Connectivity();
  Connectivity(Connectivity&&) noexcept;

  /// Expected number of synapses (exact for rules that fix it).
  double expected() const;
  double expected(std::uint32_t block) const;
  /// Blocks of the target *population* (not of the view): block b covers neurons
  /// [b * block_size, (b+1) * block_size).
  std::uint32_t blocks() const;
  std::uint32_t sources() const;  ///< size of the source view
  bool constant_weight() const;
  bool constant_delay() const;
  /// Drawn weights are whole multiples of half precision numbers: weight / half_scale() is one.
  /// Zero where weights are not in half precision.
  double half_scale() const;
  double weight() const;                ///< the constant one, internal units
  std::uint32_t delay() const;          ///< the constant one, steps
  std::uint32_t minimum_delay() const;  ///< bounds in steps, known before drawing
  std::uint32_t maximum_delay() const;

  /// Replaces the content of `out`; keeps its capacity.
  void draw(std::uint32_t block, BlockSynapses& out) const;
  /// The row of one source alone, as draw() gives it: `out` has one row. Rules that draw by source.
  void draw_row(std::uint32_t source, std::uint32_t block, BlockSynapses& out) const;
  static constexpr std::uint32_t at_once = 8;
  /// The same of `count` blocks from `first` on, at most `at_once`: out[k] is block first + k.
  void draw_rows(std::uint32_t source, std::uint32_t first, std::uint32_t count,
                 BlockSynapses* out) const;
  /// The targets of one source in blocks [first, end), as neurons of their population: the same
  /// ones in the same order, without weights and delays. Replaces the content of `targets`; `row`
  /// is memory to be kept from call to call.
  void draw_targets(std::uint32_t source, std::uint32_t first, std::uint32_t end,
                    std::vector<std::uint32_t>& targets, std::vector<std::uint16_t>& row) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callosum
