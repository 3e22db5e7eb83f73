#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/synapse_list.h"

namespace callosum::sim {

/// The synapses of a projection told one by one, in global order (source, block of targets, draw
/// order), with the weights that they were drawn with, internal units.
struct Wiring {
  SynapseList synapses;
  std::vector<double> weights;
};

/// `to`: the projection's view of its targets.
Wiring wiring_of(const Connectivity& connectivity, const View& to);

/// What is left of a wiring with synapses removed, and others grown. `from`: the place in the old
/// one of each synapse of the result, -1 of those that are new. `removed` may be empty.
Wiring rewired(const Wiring& before, const View& to, const std::vector<bool>& removed,
               const SynapseList& grown, const std::vector<double>& weights,
               std::vector<std::int64_t>& from);

/// The network with a projection whose pairs, delays and weights are these.
std::shared_ptr<const Network> with_wiring(const Network& network, std::uint32_t projection,
                                           const Wiring& wiring);

}  // namespace callosum::sim
