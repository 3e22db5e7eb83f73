#include "callosum/sim/drawn_synapses.h"

#include "callosum/network/connectivity.h"

namespace callosum::sim {

DrawnSynapses draw_synapses(const Network& network, std::uint32_t id, std::uint64_t seed) {
  const Connectivity connectivity(network, id, seed);
  const View& to = network.projections()[id].to;
  std::vector<std::uint32_t> position(network.populations()[to.population].size, 0);
  for (std::uint32_t i = 0; i < to.size(); ++i) position[to.index(i)] = i;
  DrawnSynapses all;
  BlockSynapses block;
  for (std::uint32_t b = 0; b < connectivity.blocks(); ++b) {
    connectivity.draw(b, block);
    for (std::uint32_t source = 0; source < connectivity.sources(); ++source)
      for (std::uint32_t k = block.row_offsets[source]; k < block.row_offsets[source + 1]; ++k) {
        all.sources.push_back(source);
        all.targets.push_back(position[b * block_size + block.targets[k]]);
        all.weights.push_back(block.weights.empty() ? connectivity.weight() : block.weights[k]);
        all.delays.push_back(
            network.grid().ms(block.delays.empty() ? connectivity.delay() : block.delays[k]));
      }
  }
  return all;
}

}  // namespace callosum::sim
