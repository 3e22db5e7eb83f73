#pragma once

#include <cstdint>

#include "callosum/network/network.h"

namespace callosum {

/// Synapses with an astrocyte as the third party (the rule of NEST's
/// tripartite_bernoulli_with_pool): every pair of source and target is joined with `probability`; a
/// synapse has with `third_probability` an astrocyte, drawn from the pool of its target, which then
/// receives the source's spikes and acts on the target.
struct Tripartite {
  enum class Pool {
    random,  ///< a target's pool is drawn from all astrocytes, without repetition
    block    ///< targets in blocks share one astrocyte, or each has the next `pool_size` of them
  };
  double probability = 1, third_probability = 1;
  std::uint32_t pool_size = 1;
  Pool pool = Pool::random;
  SynapseOptions primary = {};    ///< from source to target
  SynapseOptions third_in = {};   ///< from source to astrocyte
  SynapseOptions third_out = {};  ///< from astrocyte to target: spikes or a source_variable
};

/// Numbers of the projections.
struct TripartiteProjections {
  std::uint32_t primary = 0, third_in = 0, third_out = 0;
};

/// Draws the triples (by `seed`, the population's names and the name of `primary`, so that nothing
/// else of the network matters) and adds three projections of explicit pairs. All or nothing.
/// ValueError for probabilities outside [0, 1], a pool that is empty or larger than the population
/// of astrocytes, blocks that do not come out even, and where nothing is drawn; what
/// Network::connect throws.
TripartiteProjections connect_tripartite(Network& network, View from, View to, View astrocytes,
                                         const Tripartite& rule, std::uint64_t seed = 1);

}  // namespace callosum
