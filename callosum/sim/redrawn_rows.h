#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/ring.h"

namespace callosum::sim {

/// The synapses of one projection onto one segment without a store: a row is drawn again whenever
/// its source spikes, to the same synapses (Rows::procedural).
template <class T>
class RedrawnRows {
 public:
  /// `connectivity` outlives it.
  RedrawnRows(const Connectivity& connectivity, const Segment& segment);

  /// Adds the synapses of `source` with delays in [shortest, longest], whose spike was found in
  /// step n, to the arrivals, block by block in draw order. Returns how many.
  std::uint32_t deliver(std::uint32_t source, std::int64_t n, std::uint32_t shortest,
                        std::uint32_t longest, Ring<T>& ring);

 private:
  const Connectivity& connectivity_;
  Segment segment_;
  std::array<BlockSynapses, Connectivity::at_once> rows_;
  std::vector<std::uint32_t> targets_;  ///< of a whole row, where that is all there is to know
  std::vector<std::uint16_t> block_;
};

}  // namespace callosum::sim
