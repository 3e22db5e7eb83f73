#pragma once

#include <cstdint>
#include <vector>

#include "callosum/network/network.h"

namespace callosum::sim {

/// All synapses of a projection, in the order in which they are drawn.
struct DrawnSynapses {
  std::vector<std::uint32_t> sources, targets;  ///< positions in the projection's views
  std::vector<double> weights, delays;          ///< internal units
};

DrawnSynapses draw_synapses(const Network& network, std::uint32_t projection, std::uint64_t seed);

}  // namespace callosum::sim
