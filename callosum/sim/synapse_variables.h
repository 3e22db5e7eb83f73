#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/partition.h"

namespace callosum::sim {

/// The value that a variable has for all synapses of the projection at first; none where it is
/// drawn for each. Throws UnsupportedError for an initial value of what differs among synapses.
std::optional<double> common_initial_value(const Projection& projection, const std::string& name);

/// The initial values of a synapse variable, by place in the store of a segment: the weight as it
/// is drawn, others as the projection's parameters or the model's defaults say. Distributions come
/// from one stream a source and block, read in draw order: as for weights, no split shows. Throws
/// UnsupportedError for arrays of variables other than the weight.
template <class T>
void draw_synapse_variable(const Projection& projection, const std::string& name,
                           const Connectivity& connectivity, const Segment& segment,
                           std::uint64_t seed, std::vector<T>& values);

}  // namespace callosum::sim
