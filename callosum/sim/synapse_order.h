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

/// Where the row of each (source, block) begins in the global order (source, block of targets, draw
/// order): entry source * blocks + block; the last one is the number of synapses.
inline std::vector<std::uint64_t> row_places(const Connectivity& connectivity) {
  const std::size_t blocks = connectivity.blocks();
  std::vector<std::uint64_t> places(connectivity.sources() * blocks + 1, 0);
  BlockSynapses drawn;
  for (std::uint32_t b = 0; b < blocks; ++b) {
    connectivity.draw(b, drawn);
    for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
      places[s * blocks + b + 1] = drawn.row_offsets[s + 1] - drawn.row_offsets[s];
  }
  for (std::size_t k = 1; k < places.size(); ++k) places[k] += places[k - 1];
  return places;
}

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

/// The place in the global order of each synapse of a segment's store.
inline std::vector<std::uint64_t> global_places(const Connectivity& connectivity,
                                                const Segment& segment,
                                                const std::vector<std::uint64_t>& row_places) {
  std::vector<std::uint64_t> places;
  for_each_drawn(connectivity, segment, [&](const DrawnSynapse& d) {
    if (places.size() <= d.stored) places.resize(d.stored + 1);
    places[d.stored] = row_places[d.source * connectivity.blocks() + d.block] + d.ordinal;
  });
  return places;
}

}  // namespace callosum::sim
