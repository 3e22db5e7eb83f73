#include "callosum/sim/recorders.h"

namespace callosum::sim {

std::vector<std::uint32_t> indices(const View& view) {
  std::vector<std::uint32_t> result(view.size());
  for (std::uint32_t i = 0; i < result.size(); ++i) result[i] = view.index(i);
  return result;
}

SpikeRecorders::SpikeRecorders(const Network& network)
    : by_population_(network.populations().size()) {
  for (const Recorder& r : network.recorders()) {
    if (r.kind != Recorder::Kind::spikes) continue;
    const Population& p = network.populations()[r.view.population];
    Kept kept{records_.size(), {}};
    if (r.view.size() != p.size) {
      kept.neurons.resize(p.size);
      for (std::uint32_t neuron : indices(r.view)) kept.neurons[neuron] = true;
    }
    by_population_[r.view.population].push_back(std::move(kept));
    SpikeRecord record;
    record.population = p.name;
    record.size = r.view.size();
    records_.push_back(std::move(record));
  }
}

void SpikeRecorders::add(std::uint32_t population, const std::vector<std::uint32_t>& neurons,
                         std::int64_t step) {
  for (const Kept& kept : by_population_[population]) {
    SpikeRecord& record = records_[kept.record];
    for (std::uint32_t neuron : neurons) {
      if (!kept.neurons.empty() && !kept.neurons[neuron]) continue;
      record.neurons.push_back(neuron);
      record.steps.push_back(step);
    }
  }
}

void SpikeRecorders::clear() {
  for (SpikeRecord& record : records_) {
    record.neurons.clear();
    record.steps.clear();
  }
}

}  // namespace callosum::sim
