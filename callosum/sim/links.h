#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "callosum/network/network.h"

namespace callosum::sim {

/// The parameter of the target's model that stands for a linked variable of a projection.
std::string link_name(const Projection& projection, const std::string& variable);

/// A network in which what synapses read elsewhere (SynapseOptions::links) comes to their targets:
/// for each linked variable a parameter of the target that a continuous projection drives. They
/// stand after all projections of the original.
struct LinkedNetwork {
  Network network;
  std::uint64_t extra_synapses = 0;  ///< connections that stand for no synapse of the original
};

/// nullopt where no projection has links.
std::optional<LinkedNetwork> expand_links(const Network& network, std::uint64_t seed);

}  // namespace callosum::sim
