#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "callosum/learn/torch/module.h"
#include "callosum/library/library.h"
#include "callosum/nets/draws.h"

namespace callosum::learn_tests {

using namespace callosum::literals;
using learn::DelayOptions;
using model::Surrogate;

inline Quantity quantity(double x, Dimension d) { return Quantity::from_internal(x, d); }

struct Case {
  const char* name;
  const char* neuron;
  const char* target;
  double into, back;  ///< weights, internal units of the target
  model::AdjointOptions surrogate;
  std::vector<std::string> parameters;
  std::map<std::string, DelayOptions> delays = {};
  bool noisy = false;
};

// Recurrent, with sparse and delayed synapses and a parameter a neuron, read out by leaky
// integrators.
inline Network network(const Case& c) {
  Network net(1_ms);
  const View in = net.add_spike_list("in", 8, {}, {});
  const model::Model neuron = library::neuron(c.neuron);
  std::map<std::string, Values> parameters;
  if (neuron.find("tau_m")) parameters.emplace("tau_m", Values::uniform(5_ms, 30_ms));
  const bool from_rest = neuron.name() == "alif";
  const View hidden = net.add("hidden", 9, neuron,
                              {.parameters = parameters,
                               .initial = {{"V_m", from_rest ? Values::uniform(0_mV, 5_mV)
                                                             : Values::uniform(-70_mV, -60_mV)}}});
  const View out = net.add("out", 3, library::neuron("leaky_integrator"));
  const Dimension d = neuron.at(c.target).dimension;
  const auto around = [](double x, Dimension of) {
    return Values::uniform(quantity(std::min(-0.3 * x, 1.5 * x), of),
                           quantity(std::max(-0.3 * x, 1.5 * x), of));
  };
  net.connect(in, hidden, all_to_all(),
              {.target = c.target, .weight = around(c.into, d), .name = "in"});
  net.connect(hidden, hidden, fixed_probability(0.5),
              {.target = c.target,
               .weight = around(c.back, d),
               .delay = Values::uniform(1_ms, 4_ms),
               .name = "back"});
  net.connect(
      net.slice(hidden, 1, 9), out, all_to_all(),
      {.target = "V_m", .weight = around(1, dimension::voltage), .delay = 2_ms, .name = "out"});
  net.stimulate({.kind = Stimulus::Kind::sine,
                 .to = hidden,
                 .target = "I_e",
                 .value = quantity(1, neuron.at("I_e").dimension),
                 .amplitude = quantity(5, neuron.at("I_e").dimension),
                 .frequency = 20_Hz});
  if (!c.noisy) return net;
  net.stimulate({.kind = Stimulus::Kind::noise,
                 .name = "rough",
                 .to = hidden,
                 .target = "I_e",
                 .value = 0_pA,
                 .amplitude = 50_pA});
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .name = "background",
                 .to = net.slice(hidden, 2, 8),
                 .target = c.target,
                 .value = quantity(0.2 * c.into, d),
                 .rate = 200_Hz});
  return net;
}

inline at::Tensor random_spikes(std::int64_t t, std::int64_t b, std::int64_t n, double p,
                                at::ScalarType type = at::kDouble) {
  return nets::Draws(1, "spikes").bernoulli({t, b, n}, p, type);
}

inline double gap(const at::Tensor& got, const at::Tensor& expected) {
  EXPECT_EQ(got.sizes(), expected.sizes());
  const double largest = expected.abs().max().item<double>();
  EXPECT_GT(largest, 0) << "nothing is shown";
  return (got - expected).abs().max().item<double>() / largest;
}

/// A recurrent network of lif_psc_exp.
inline const Case current_case{"Current",
                               "lif_psc_exp",
                               "I_ex",
                               500,
                               300,
                               {Surrogate::fast_sigmoid, 3},
                               {"tau_m", "V_th", "V_reset", "E_L", "tau_syn_ex"}};

}  // namespace callosum::learn_tests
