#pragma once

#include <string>

#include "callosum/learn/unroll.h"
#include "callosum/library/library.h"
#include "tests/sim/accumulators.h"

namespace callosum::learn_tests {

using namespace callosum::literals;

/// What an arrival adds to a state at most, internal units; 0: nothing arrives.
inline double kick(const model::Model& neuron, const model::Variable& v) {
  // Thresholds and adaptation are left alone, so that the neuron fires.
  for (const char* slow : {"V_th", "eta", "gamma", "w", "theta", "u"})
    if (v.name.starts_with(slow)) return 0;
  if (v.dimension == dimension::voltage) return 12;
  if (v.dimension == dimension::current) return 400;
  if (v.dimension == dimension::conductance) return 8;
  if (v.dimension != Dimension{}) return 0;
  for (const auto& other : neuron.variables())
    if (other.kind == model::VariableKind::state && other.dimension == dimension::voltage)
      return 0.02;
  if (neuron.name() == "hindmarsh_rose") return 0.04;
  if (neuron.name() == "fitzhugh_nagumo") return 0.5;
  if (neuron.name() == "nalsm_lif") return 10;           // of 20 to the threshold
  if (neuron.name().starts_with("discrete_")) return 4;  // a tenth is lost in every step
  return neuron.name() == "resonate_and_fire" ? 2 : 0.2;
}

inline Quantity quantity(double x, Dimension d) { return Quantity::from_internal(x, d); }

/// The neuron with every state of it under fire from a list of spikes, and connected to itself:
/// dense and sparse, constant and drawn delays, weights drawn and constant, part of a population.
inline Network kicked(const model::Model& neuron, const accumulators::Spikes& spikes,
                      std::uint32_t sources, std::uint32_t neurons) {
  Network net(0.1_ms, "kicked");
  const View list = accumulators::add_spikes(net, "list", sources, spikes);
  const View to = net.add("neurons", neurons, neuron);
  for (const auto& v : neuron.variables()) {
    const double most = kick(neuron, v);
    if (v.kind != model::VariableKind::state || most == 0) continue;
    const Dimension d = v.dimension;
    const double low = d == Dimension{} ? -most : 0;
    net.connect(list, to, all_to_all(),
                {.target = v.name,
                 .weight = Values::uniform(quantity(low / 8, d), quantity(most / 8, d)),
                 .delay = 0.4_ms});
    net.connect(net.slice(list, 3, sources), to, fixed_probability(0.1),
                {.target = v.name,
                 .weight = Values::uniform(quantity(low, d), quantity(most, d)),
                 .delay = Values::uniform(0.2_ms, 1.6_ms)});
    if (neuron.events().empty()) continue;
    net.connect(net.slice(to, 2, neurons - 3), to, fixed_probability(0.6),
                {.target = v.name, .weight = quantity(-most / 60, d), .delay = 0.1_ms});
    net.connect(to, net.slice(to, 5, neurons), fixed_indegree(4),
                {.target = v.name,
                 .weight = quantity(-most / 30, d),
                 .delay = Values::uniform(0.1_ms, 0.9_ms)});
  }
  return net;
}

inline learn::SpikeBits bits(const accumulators::Spikes& spikes, std::int64_t steps,
                             std::int64_t batch, std::uint32_t units) {
  learn::SpikeBits result(steps, batch, units);
  for (const auto& [stamp, unit] : spikes)
    if (stamp <= steps)
      for (std::int64_t b = 0; b < batch; ++b) result.set(stamp - 1, b, unit);
  return result;
}

}  // namespace callosum::learn_tests
