#pragma once

#include <cstdint>
#include <vector>

#include "callosum/core/ranks.h"
#include "callosum/model/interpret.h"
#include "callosum/network/network.h"

namespace callosum::sim {

/// A run of whole blocks of one population that one thread owns: it updates these neurons and
/// delivers to them. At most 64 blocks, so that targets within it take 16 bits.
struct Segment {
  std::uint32_t population = 0;
  std::uint32_t begin = 0, end = 0;  ///< neurons; begin is a multiple of block_size
};

/// Lanes up to the next whole group of the interpreter and all vector widths.
constexpr std::int64_t padded_lanes(std::uint32_t neurons) {
  return (static_cast<std::int64_t>(neurons) + model::lane_padding - 1) / model::lane_padding *
         model::lane_padding;
}

/// The segments of each thread: blocks in order of populations, dealt out in contiguous runs of
/// about equal cost (neurons and the synapses that end on them).
std::vector<std::vector<Segment>> partition(const Network& network, int threads);
/// Those of this rank's threads where all threads of all ranks share the network: thread after
/// thread, rank after rank. Collective; `ranks` may be null.
std::vector<std::vector<Segment>> partition(const Network& network, int threads, Ranks* ranks);

}  // namespace callosum::sim
