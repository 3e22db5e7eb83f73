#include "callosum/sim/links.h"

#include <utility>

#include "callosum/network/connectivity.h"

namespace callosum::sim {
namespace {

std::uint64_t count_synapses(const Network& network, std::uint32_t projection, std::uint64_t seed) {
  const Connectivity connectivity(network, projection, seed);
  std::uint64_t sum = 0;
  BlockSynapses drawn;
  for (std::uint32_t block = 0; block < connectivity.blocks(); ++block) {
    connectivity.draw(block, drawn);
    sum += drawn.targets.size();
  }
  return sum;
}

}  // namespace

std::string link_name(const Projection& projection, const std::string& variable) {
  return variable + " of " + projection.name;
}

std::optional<LinkedNetwork> expand_links(const Network& network, std::uint64_t seed) {
  std::optional<LinkedNetwork> linked;
  for (const Projection& p : network.projections())
    for (const auto& [variable, link] : p.synapse.links) {
      if (!linked) linked = LinkedNetwork{network, 0};
      Network& out = linked->network;
      const std::string name = link_name(p, variable);
      const Population& to = network.populations()[p.to.population];
      out.declare(network.population(to.name), name, p.synapse.model->at(variable).dimension);
      SynapseOptions s{.target = name,
                       .weight = link.weight,
                       .source_variable = link.variable,
                       .name = "link: " + name};
      s.delay = link.delay;
      const std::uint32_t id = out.connect(link.from, p.to, *link.rule, std::move(s));
      linked->extra_synapses += count_synapses(out, id, seed);
    }
  return linked;
}

}  // namespace callosum::sim
