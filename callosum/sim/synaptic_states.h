#pragma once

#include <cstdint>
#include <optional>

#include "callosum/network/network.h"

namespace callosum::sim {

/// A network whose synapses with equations of their own have become populations: what lives in a
/// synapse is a lane of a hidden population, reached by the spikes, and read by the target through
/// a continuous projection. Hidden populations stand after all others.
struct ExpandedNetwork {
  Network network;
  std::uint64_t extra_synapses = 0;  ///< connections that stand for no synapse of the original
};

/// Whether its synapses have equations of their own.
bool has_synaptic_states(const Projection& projection);

/// Where a synapse's states are kept (DESIGN section 4, "Synapses"):
///
/// - per target (align-post): one set a target. Right where states are linear and homogeneous, all
///   constants equal, and spikes only add: sums of solutions are solutions.
/// - per source (align-pre): one set a source. Right where neither a spike's effect nor the
///   equations hold the weight or anything that differs among a source's synapses, delays included;
///   the weight may multiply what the target receives.
/// - per synapse: always right, and the oracle of the two others.
///
/// `automatic` takes the first that is right. A state demanded where it is not right is an
/// UnsupportedError that says why. Projections whose synapses have no states are left alone;
/// nullopt when there are no others.
std::optional<ExpandedNetwork> expand_synaptic_states(const Network& network, std::uint64_t seed);

}  // namespace callosum::sim
