#pragma once

#include <cstdint>

#include "callosum/network/network.h"

namespace callosum::sim {

/// Whether the projection's synapses have summed variables and nothing that spikes or time change:
/// what a gap junction is, `I_post = g*(V_pre - V_post) : amp (summed)`.
bool is_interaction(const Projection& projection);

/// Replaces such a projection of `out`, drawn as in `network`, by weighted sums that run every
/// step: one over each variable of the sources that it reads, and for those of the target one from
/// each target to itself, whose weight is the sum over its synapses. Returns the connections added
/// that stand for no synapse. Throws UnsupportedError unless the summed expression is a sum of
/// variables of the two neurons, each times a constant of the synapse.
std::uint64_t expand_interaction(const Network& network, std::uint32_t projection,
                                 std::uint64_t seed, Network& out);

}  // namespace callosum::sim
