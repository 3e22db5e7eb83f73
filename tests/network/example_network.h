#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/network/network.h"

namespace callosum::example {

inline model::SourceText text(const std::string& content) { return {"test", content, 1}; }

/// A leaky neuron with a current-based synapse and a conductance that nothing uses.
inline model::Model neuron() {
  model::ModelText t;
  t.kind = model::ModelKind::neuron;
  t.name = "test_lif";
  t.parameter_aliases = {{"tau_m", {"taum"}}, {"I_syn", {"I_synapse"}}};
  t.equations = text(
      "dV_m/dt = (E_L - V_m)/tau_m + (I_syn + I_e)/C_m : volt\n"
      "dI_syn/dt = -I_syn/tau_syn : ampere\n"
      "dg_ex/dt = -g_ex/tau_syn : siemens\n"
      "depth = V_m - E_L : volt\n");
  t.threshold = text("V_m > V_th");
  t.reset = text("V_m = E_L");
  t.parameters = {{"E_L", "-65 mV", "", "", {}},           {"tau_m", "10 ms", "", "> 0 ms", {}},
                  {"tau_syn", "0.5 ms", "", "> 0 ms", {}}, {"C_m", "250 pF", "", "> 0 pF", {}},
                  {"V_th", "-50 mV", "", "", {}},          {"I_e", "0 pA", "", "", {}}};
  return model::Model(t);
}

/// The same without a threshold, with a parameter that must be given.
inline model::Model silent_neuron() {
  model::ModelText t;
  t.kind = model::ModelKind::neuron;
  t.name = "test_silent";
  t.equations = text("dx/dt = -x/tau : 1\ntau : second\n");
  t.parameters = {{"tau", "", "", "> 0 ms", {}}};
  return model::Model(t);
}

/// A synapse with a weight of its own.
inline model::Model synapse() {
  model::ModelText t;
  t.kind = model::ModelKind::synapse;
  t.name = "test_synapse";
  t.equations = text("weight : ampere\ngain : 1\n");
  t.on_pre = text("target += gain*weight");
  return model::Model(t);
}

/// A synapse that says nothing about the unit of its weight, or uses none.
inline model::Model plain_synapse(bool weighted) {
  model::ModelText t;
  t.kind = model::ModelKind::synapse;
  t.name = "test_plain";
  t.equations = text(weighted ? "" : "step : ampere\n");
  t.on_pre = text(weighted ? "target += weight" : "target += step");
  return model::Model(t);
}

/// All synapses of a projection, block after block.
struct Synapses {
  std::vector<std::uint32_t> source, target;  ///< places in the views' populations
  std::vector<std::uint32_t> row;             ///< place of the source in the view
  std::vector<double> weight;
  std::vector<std::uint32_t> delay;
  std::size_t size() const { return source.size(); }
};

inline Synapses all(const Network& network, std::uint32_t projection, std::uint64_t seed = 1) {
  const Connectivity c(network, projection, seed);
  const View& from = network.projections()[projection].from;
  Synapses result;
  BlockSynapses block;
  for (std::uint32_t b = 0; b < c.blocks(); ++b) {
    c.draw(b, block);
    for (std::uint32_t r = 0; r < c.sources(); ++r)
      for (std::uint32_t k = block.row_offsets[r]; k < block.row_offsets[r + 1]; ++k) {
        result.row.push_back(r);
        result.source.push_back(from.index(r));
        result.target.push_back(b * block_size + block.targets[k]);
        result.weight.push_back(c.constant_weight() ? c.weight() : block.weights[k]);
        result.delay.push_back(c.constant_delay() ? c.delay() : block.delays[k]);
      }
  }
  return result;
}

/// Two populations of the example neuron.
struct Pair {
  Network network{Quantity(1e-4, dimension::time)};
  View a, b;
  Pair(std::uint32_t sources, std::uint32_t targets)
      : a(network.add("a", sources, neuron())), b(network.add("b", targets, neuron())) {}
  std::uint32_t connect(const Rule& rule, Values weight = Quantity(1e-12, dimension::current),
                        std::optional<Values> delay = {}) {
    return network.connect(a, b, rule,
                           {.target = "I_syn", .weight = std::move(weight), .delay = delay});
  }
};

}  // namespace callosum::example
