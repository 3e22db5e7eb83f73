#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/partition.h"

namespace callosum::sim {

/// One synapse as it was drawn, and where the store of its segment keeps it.
struct DrawnSynapse {
  std::uint32_t source, block;
  std::uint32_t ordinal;  ///< place within the row of (source, block)
  double weight;          ///< internal units
  std::uint64_t stored;   ///< index within SynapseStore
};

/// Draws the synapses of a segment once more and calls f for each, source by source, block by
/// block, in draw order.
template <class F>
void for_each_drawn(const Connectivity& connectivity, const Segment& segment, F f) {
  const std::uint32_t first = segment.begin / block_size;
  const std::uint32_t last = (segment.end + block_size - 1) / block_size;
  std::vector<BlockSynapses> blocks(last - first);
  for (std::uint32_t b = first; b < last; ++b) connectivity.draw(b, blocks[b - first]);
  std::vector<std::uint16_t> delays;
  std::vector<std::uint32_t> order, place;
  std::uint64_t row = 0;
  for (std::uint32_t s = 0; s < connectivity.sources(); ++s) {
    std::uint32_t size = 0;
    delays.clear();
    for (const BlockSynapses& b : blocks) {
      size += b.row_offsets[s + 1] - b.row_offsets[s];
      if (!b.delays.empty())
        delays.insert(delays.end(), b.delays.begin() + b.row_offsets[s],
                      b.delays.begin() + b.row_offsets[s + 1]);
    }
    order.resize(size);
    place.resize(size);
    std::iota(order.begin(), order.end(), 0u);
    if (!delays.empty())
      std::stable_sort(order.begin(), order.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return delays[a] < delays[b]; });
    for (std::uint32_t k = 0; k < size; ++k) place[order[k]] = k;
    std::uint32_t at = 0;
    for (std::uint32_t b = first; b < last; ++b) {
      const BlockSynapses& drawn = blocks[b - first];
      const std::uint32_t begin = drawn.row_offsets[s], end = drawn.row_offsets[s + 1];
      for (std::uint32_t k = begin; k < end; ++k, ++at)
        f(DrawnSynapse{s, b, k - begin,
                       drawn.weights.empty() ? connectivity.weight() : drawn.weights[k],
                       row + place[at]});
    }
    row += size;
  }
}

}  // namespace callosum::sim
