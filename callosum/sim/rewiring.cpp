#include "callosum/sim/rewiring.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace callosum::sim {

Wiring wiring_of(const Connectivity& connectivity, const View& to) {
  std::vector<std::uint32_t> place;  // in the view, by neuron
  for (std::uint32_t i = 0; i < to.size(); ++i) {
    if (place.size() <= to.index(i)) place.resize(to.index(i) + 1);
    place[to.index(i)] = i;
  }
  std::vector<BlockSynapses> blocks(connectivity.blocks());
  for (std::uint32_t b = 0; b < blocks.size(); ++b) connectivity.draw(b, blocks[b]);
  Wiring wiring;
  for (std::uint32_t source = 0; source < connectivity.sources(); ++source)
    for (std::uint32_t b = 0; b < blocks.size(); ++b) {
      const BlockSynapses& drawn = blocks[b];
      for (std::uint32_t k = drawn.row_offsets[source]; k < drawn.row_offsets[source + 1]; ++k) {
        wiring.synapses.sources.push_back(source);
        wiring.synapses.targets.push_back(place[b * block_size + drawn.targets[k]]);
        wiring.synapses.delays.push_back(drawn.delays.empty() ? connectivity.delay()
                                                              : drawn.delays[k]);
        wiring.weights.push_back(drawn.weights.empty() ? connectivity.weight() : drawn.weights[k]);
      }
    }
  return wiring;
}

Wiring rewired(const Wiring& before, const View& to, const std::vector<bool>& removed,
               const SynapseList& grown, const std::vector<double>& weights,
               std::vector<std::int64_t>& from) {
  Wiring all;
  std::vector<std::int64_t> origin;
  const auto add = [&](const SynapseList& of, std::size_t k, double weight, std::int64_t place) {
    all.synapses.sources.push_back(of.sources[k]);
    all.synapses.targets.push_back(of.targets[k]);
    all.synapses.delays.push_back(of.delays[k]);
    all.weights.push_back(weight);
    origin.push_back(place);
  };
  for (std::size_t k = 0; k < before.weights.size(); ++k)
    if (removed.empty() || !removed[k])
      add(before.synapses, k, before.weights[k], static_cast<std::int64_t>(k));
  for (std::size_t k = 0; k < weights.size(); ++k) add(grown, k, weights[k], -1);

  // Global order, new ones after those of their row.
  std::vector<std::size_t> order(origin.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto row = [&](std::size_t k) {
    return std::pair(all.synapses.sources[k], to.index(all.synapses.targets[k]) / block_size);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return row(a) < row(b); });
  Wiring result;
  from.clear();
  for (const std::size_t k : order) {
    result.synapses.sources.push_back(all.synapses.sources[k]);
    result.synapses.targets.push_back(all.synapses.targets[k]);
    result.synapses.delays.push_back(all.synapses.delays[k]);
    result.weights.push_back(all.weights[k]);
    from.push_back(origin[k]);
  }
  return result;
}

std::shared_ptr<const Network> with_wiring(const Network& network, std::uint32_t id,
                                           const Wiring& wiring) {
  const Projection& p = network.projections()[id];
  SynapseOptions synapse = p.synapse;
  synapse.name = p.name;
  synapse.velocity.reset();
  if (!wiring.weights.empty()) {
    synapse.weight = Values::array(wiring.weights, p.synapse.weight.dimension());
    std::vector<double> delays;
    for (const std::uint32_t steps : wiring.synapses.delays)
      delays.push_back(network.grid().ms(steps));
    synapse.delay = Values::array(std::move(delays), dimension::time);
  } else {
    synapse.weight = Quantity::from_internal(0, p.synapse.weight.dimension());
    synapse.delay = network.grid().dt();
  }
  auto result = std::make_shared<Network>(network);
  result->replace(id, p.from, p.to, pairs(wiring.synapses.sources, wiring.synapses.targets),
                  std::move(synapse));
  return result;
}

}  // namespace callosum::sim
