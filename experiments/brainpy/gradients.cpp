#include <algorithm>
#include <cmath>

#include "callosum/learn/unroll.h"
#include "callosum/library/library.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/simulation.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;
using learn::Unroll;

/// Loss sum of V_m times fixed numbers, of Hodgkin-Huxley cells under a current, and its gradient
/// by conductances against central differences: no spike counts, so nothing is a surrogate.
double hodgkin_huxley_error(const Trial& t) {
  Network net(0.05_ms, "smooth");
  const View cells = net.add("cells", 3, library::neuron("hh_traub"),
                             {.initial = {{"V_m", Values::uniform(-70_mV, -60_mV)}}});
  net.stimulate({.kind = Stimulus::Kind::sine,
                 .to = cells,
                 .target = "I_e",
                 .value = 300_pA,
                 .amplitude = 200_pA,
                 .frequency = 50_Hz});
  const std::vector<std::string> names = {"cells.g_Na", "cells.g_K", "cells.g_L", "cells.E_L",
                                          "cells.C_m"};
  Unroll<double> unroll(net, {.seed = t.seed,
                              .surrogate = {model::Surrogate::none},
                              .trained = names,
                              .record = {"cells.V_m"}});
  constexpr std::int64_t steps = 400;
  Stream stream = t.stream("smooth loss");
  std::vector<double> by_value(steps * 3);
  for (double& x : by_value) x = stream.normal();
  const auto loss = [&] {
    unroll.forward(steps, 1, {}, true);
    double sum = 0;
    const auto v = unroll.recorded("cells.V_m");
    for (std::size_t k = 0; k < v.size(); ++k) sum += v[k] * by_value[k];
    return sum;
  };
  loss();
  unroll.backward({.recorded = {{"cells.V_m", by_value}}});
  std::map<std::string, double> gradients;
  for (const std::string& name : names) gradients[name] = unroll.gradient(name)[0];
  double worst = 0;
  for (const std::string& name : names) {
    const double value = unroll.values(name)[0], h = 1e-6 * std::abs(value);
    const auto at = [&](double x) {
      unroll.set(name, std::vector<double>{x});
      return loss();
    };
    const double difference = (at(value + h) - at(value - h)) / (2 * h);
    at(value);
    worst = std::max(worst, std::abs(gradients[name] - difference) / std::abs(difference));
  }
  return worst;
}

/// d(loss)/d(input spike) of a matrix that the rule draws, for all sources, silent ones too,
/// against sums over the matrix: W g must be made of the W that was multiplied with.
double product_gradient_error(const Trial& t) {
  constexpr std::uint32_t n = 300, m = 1500;  // two blocks of targets
  Network net(1_ms, "product");
  const View in = net.add_spike_list("in", n, {}, {});
  const View out = net.add("out", m, library::neuron("leaky_integrator"));
  net.connect(in, out, fixed_probability(0.1),
              {.target = "V_m", .weight = Values::normal(1_mV, 0.3_mV), .delay = 0_ms});
  Unroll<double> unroll(net, {.seed = t.seed, .record = {"out.V_m"}, .input_gradients = true});
  learn::SpikeBits spikes(1, 1, n);
  Stream stream = t.stream("product");
  for (std::uint32_t i = 0; i < n; ++i)
    if (stream.uniform() < 0.1) spikes.set(0, 0, i);
  unroll.forward(1, 1, {.spikes = {{"in", spikes}}});
  std::vector<double> g(m);
  for (double& x : g) x = stream.normal();
  unroll.backward({.recorded = {{"out.V_m", g}}});
  const auto got = unroll.input_gradient("in");
  std::vector<double> expected(n, 0.0);
  const Connectivity c(net, 0, t.seed);
  BlockSynapses block;
  for (std::uint32_t b = 0; b < c.blocks(); ++b) {
    c.draw(b, block);
    for (std::uint32_t s = 0; s < n; ++s)
      for (std::uint32_t k = block.row_offsets[s]; k < block.row_offsets[s + 1]; ++k)
        expected[s] += block.weights[k] * g[b * block_size + block.targets[k]];
  }
  double worst = 0, largest = 0;
  for (std::uint32_t s = 0; s < n; ++s) {
    worst = std::max(worst, std::abs(got[s] - expected[s]));
    largest = std::max(largest, std::abs(expected[s]));
  }
  return worst / largest;
}

/// Does nothing but show the conductance it receives.
model::Model meter() {
  model::ModelText text;
  text.name = "meter";
  text.equations.text =
      "dV_m/dt = -V_m/(10*ms) : volt\n"
      "g = g_AMPA : siemens\n"
      "g_AMPA : siemens\n";
  return model::Model(text);
}

struct Kept {
  std::vector<double> conductance;
  double bytes = 0;
};
Kept synapses(const Trial& t, SynapseState state) {
  Network net(0.1_ms, "synapses");
  const View in = net.add("in", 4000, library::source("poisson"),
                          {.parameters = {{"rate", Quantity(10, dimension::frequency)}}});
  const View to = net.add("to", 4000, meter());
  net.connect(in, to, fixed_probability(80.0 / 4000),
              {.weight = Values::normal(1_nS, 0.2_nS),
               .model = library::synapse("exp_conductance"),
               .state = state});
  net.record(net.slice(to, 0, 100), "g");
  Simulation simulation(net, {.seed = t.seed, .precision = Precision::twofold});
  simulation.run(100_ms);
  const Recording recording = simulation.recording();
  return {recording.traces[0].values, simulation.statistics().synapse_bytes};
}

}  // namespace

void gradient_study(const Trial& t, Outcome& out) {
  out.values["smooth gradient error"] = hodgkin_huxley_error(t);
  out.values["product gradient error"] = product_gradient_error(t);
}

void align_study(const Trial& t, Outcome& out) {
  const Kept post = synapses(t, SynapseState::per_target);
  const Kept each = synapses(t, SynapseState::per_synapse);
  double gap = 0, largest = 0;
  for (std::size_t k = 0; k < post.conductance.size(); ++k) {
    gap = std::max(gap, std::abs(post.conductance[k] - each.conductance[k]));
    largest = std::max(largest, post.conductance[k]);
  }
  out.values["align-post difference"] = largest > 0 ? gap : NAN;
  out.values["largest conductance"] = largest;
  out.values["bytes ratio"] = each.bytes / post.bytes;
}

}  // namespace callosum::experiment
