#include <cmath>

#include "callosum/learn/unroll_state.h"
#include "callosum/network/connectivity.h"

namespace callosum::learn {

namespace {

template <class T>
Values weight_array(const Projection& p, const std::vector<T>& weights) {
  return Values::array(std::vector<double>(weights.begin(), weights.end()),
                       p.synapse.weight.dimension());
}

}  // namespace

// Weights of all pairs become a matrix, others explicit lists of pairs in the order they have:
// (source, draw order).
template <class T>
Network Unroll<T>::network() const {
  Network result = impl_->network;
  const auto& projections = impl_->network.projections();
  for (std::uint32_t id = 0; id < projections.size(); ++id) {
    const Projection& p = projections[id];
    const Connectivity connectivity(impl_->network, id, impl_->options.seed);
    SynapseOptions synapse = p.synapse;
    synapse.name = p.name;
    synapse.velocity.reset();
    const typename Impl::LearnedDelays* learned = impl_->learned_delays(id);
    std::vector<double> delays;
    if (learned)
      for (const T ms : learned->delays)
        delays.push_back(impl_->network.grid().ms(
            static_cast<std::int64_t>(std::nearbyint(impl_->delay_steps(*learned, ms)))));
    if (learned)
      synapse.delay = Values::array(delays, dimension::time);
    else if (connectivity.constant_delay())
      synapse.delay =
          Quantity::from_internal(impl_->network.grid().ms(connectivity.delay()), dimension::time);
    if (p.rule.kind == Rule::Kind::all_to_all && (learned || connectivity.constant_delay()) &&
        impl_->weights[id].size() == std::size_t{p.from.size()} * p.to.size()) {
      synapse.weight = weight_array(p, impl_->weights[id]);
      result.replace(id, p.from, p.to, p.rule, synapse);
      continue;
    }
    std::vector<BlockSynapses> blocks(connectivity.blocks());
    for (std::uint32_t b = 0; b < blocks.size(); ++b) connectivity.draw(b, blocks[b]);
    std::vector<std::int32_t> place(impl_->network.populations()[p.to.population].size, -1);
    for (std::uint32_t j = 0; j < p.to.size(); ++j)
      place[p.to.index(j)] = static_cast<std::int32_t>(j);
    std::vector<std::uint32_t> sources, targets;
    for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
      for (std::uint32_t b = 0; b < blocks.size(); ++b)
        for (std::uint32_t k = blocks[b].row_offsets[s]; k < blocks[b].row_offsets[s + 1]; ++k) {
          sources.push_back(s);
          targets.push_back(
              static_cast<std::uint32_t>(place[b * block_size + blocks[b].targets[k]]));
          if (!learned)
            delays.push_back(impl_->network.grid().ms(
                blocks[b].delays.empty() ? connectivity.delay() : blocks[b].delays[k]));
        }
    if (sources.empty()) continue;
    synapse.weight = weight_array(p, impl_->weights[id]);
    if (!learned && !connectivity.constant_delay())
      synapse.delay = Values::array(std::move(delays), dimension::time);
    result.replace(id, p.from, p.to, pairs(std::move(sources), std::move(targets)), synapse);
  }
  for (std::uint32_t p = 0; p < impl_->cells.size(); ++p) {
    if (!impl_->cells[p]) continue;
    const Population& population = impl_->network.populations()[p];
    for (const auto& t : impl_->trained) {
      if (t.kind != Impl::Trained::Kind::parameter || t.object != p) continue;
      const auto& values = impl_->cells[p]->parameter(t.parameter);
      const Dimension dimension = population.model.at(t.parameter).dimension;
      result.set(result.population(population.name), t.parameter,
                 values.size() == 1 ? Values(Quantity::from_internal(values[0], dimension))
                                    : Values::array(values, dimension));
    }
  }
  return result;
}

template Network Unroll<float>::network() const;
template Network Unroll<double>::network() const;

}  // namespace callosum::learn
