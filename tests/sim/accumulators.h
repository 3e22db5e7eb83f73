#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/model/model.h"
#include "callosum/network/network.h"
#include "callosum/sim/simulation.h"

namespace callosum::accumulators {

inline model::SourceText text(const std::string& content) { return {"test", content, 1}; }

/// A neuron that does nothing but add up what arrives on `a` and `b`; `fires` when a passes 0.5.
inline model::Model adder(bool fires = false) {
  model::ModelText t;
  t.name = fires ? "test_relay" : "test_adder";
  t.equations = text("da/dt = 0*a/ms : 1\ndb/dt = 0*b/ms : 1");
  if (fires) {
    t.threshold = text("a > 0.5");
    t.reset = text("a = 0");
  }
  return model::Model(t);
}

inline model::Model synapse(const std::string& equations, const std::string& on_pre,
                            const std::string& on_post = "") {
  model::ModelText t;
  t.kind = model::ModelKind::synapse;
  t.name = "test_synapse";
  t.equations = text(equations);
  t.on_pre = text(on_pre);
  t.on_post = text(on_post);
  return model::Model(t);
}

/// Explicit synapses of one projection, in the order they are listed.
struct Synapses {
  std::vector<std::uint32_t> sources, targets;
  std::vector<double> weights;
  std::vector<std::int64_t> delays;

  Rule rule() const { return pairs(sources, targets); }
  Values weight() const { return Values::array(weights, {}); }
  Values delay(double dt_ms = 0.1) const {
    std::vector<double> ms;
    for (std::int64_t d : delays) ms.push_back(static_cast<double>(d) * dt_ms);
    return Values::array(ms, dimension::time);
  }
};

/// Random ones with delays in [shortest, longest]; weights of many magnitudes, so that a change of
/// the order of sums shows in their last bits.
inline Synapses random_synapses(std::uint64_t seed, std::size_t number, std::uint32_t sources,
                                std::uint32_t targets, std::int64_t shortest,
                                std::int64_t longest) {
  Synapses s;
  for (std::size_t k = 0; k < number; ++k) {
    Stream draw(StreamKey(seed, 1, Purpose::user), k);
    s.sources.push_back(static_cast<std::uint32_t>(draw.below(sources)));
    s.targets.push_back(static_cast<std::uint32_t>(draw.below(targets)));
    s.weights.push_back(draw.normal() * static_cast<double>(1 + draw.below(1000)));
    s.delays.push_back(shortest + static_cast<std::int64_t>(draw.below(
                                      static_cast<std::uint64_t>(longest - shortest + 1))));
  }
  return s;
}

/// Spikes of a spike list: (step, neuron), ascending.
using Spikes = std::vector<std::pair<std::int64_t, std::uint32_t>>;

inline Spikes random_spikes(std::uint64_t seed, std::uint32_t neurons, std::int64_t steps,
                            double probability) {
  Spikes spikes;
  for (std::int64_t step = 1; step <= steps; ++step)
    for (std::uint32_t i = 0; i < neurons; ++i) {
      Stream draw(StreamKey(seed, 2, Purpose::user), i, static_cast<std::uint64_t>(step));
      if (draw.uniform() < probability) spikes.emplace_back(step, i);
    }
  return spikes;
}

inline View add_spikes(Network& net, const std::string& name, std::uint32_t size,
                       const Spikes& spikes) {
  std::vector<std::uint32_t> neurons;
  std::vector<Quantity> times;
  for (const auto& [step, neuron] : spikes) {
    neurons.push_back(neuron);
    times.push_back(Quantity::from_internal(net.grid().ms(step), dimension::time));
  }
  return net.add_spike_list(name, size, neurons, times);
}

/// One arrival: a spike stamped k over delay d acts in slot k + d - 1.
struct Arrival {
  std::int64_t slot, emitted;
  std::uint32_t projection, source, block;
  std::size_t ordinal;
  std::uint32_t target;
  double weight;
  auto order() const { return std::tie(slot, emitted, projection, source, block, ordinal); }
};

/// All arrivals of a projection's spikes.
inline void arrivals(const Spikes& spikes, const Synapses& synapses, std::uint32_t projection,
                     std::vector<Arrival>& out) {
  std::map<std::uint32_t, std::vector<std::size_t>> rows;
  for (std::size_t k = 0; k < synapses.sources.size(); ++k) rows[synapses.sources[k]].push_back(k);
  for (const auto& [step, neuron] : spikes)
    for (std::size_t k : rows[neuron])
      out.push_back({step + synapses.delays[k] - 1, step, projection, neuron,
                     synapses.targets[k] / block_size, k, synapses.targets[k],
                     synapses.weights[k]});
}

inline void in_order(std::vector<Arrival>& all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const Arrival& x, const Arrival& y) { return x.order() < y.order(); });
}

/// The sums of an input that starts at zero and is added to its state once a step, at precision T:
/// result[step * targets + i], steps 0 .. `steps`.
template <class T>
std::vector<double> sums(std::vector<Arrival> all, std::uint32_t targets, std::int64_t steps) {
  in_order(all);
  std::vector<T> state(targets, 0);
  std::vector<double> result(state.begin(), state.end());
  auto next = all.begin();
  for (std::int64_t n = 0; n < steps; ++n) {
    std::vector<T> slot(targets, 0);
    for (; next != all.end() && next->slot == n; ++next)
      slot[next->target] += static_cast<T>(next->weight);
    for (std::uint32_t i = 0; i < targets; ++i) state[i] += slot[i];
    result.insert(result.end(), state.begin(), state.end());
  }
  return result;
}

}  // namespace callosum::accumulators
