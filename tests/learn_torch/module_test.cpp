#include "callosum/learn/torch/module.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/nets/draws.h"
#include "callosum/sim/simulation.h"
#include "tests/learn_torch/module_network.h"

namespace callosum::learn {
namespace {

using namespace callosum::learn_tests;

Module small(std::vector<std::string> outputs = {"out.V_m"},
             std::map<std::string, Constraint> constraints = {}) {
  return Module(network(current_case),
                {.seed = 5,
                 .surrogate = current_case.surrogate,
                 .trained = {{"in", "back", "out", "hidden.tau_m", "hidden.V_th"}},
                 .constraints = std::move(constraints),
                 .outputs = std::move(outputs)});
}

TEST(Module, NamesItsParametersAndShapes) {
  Module m = small();
  EXPECT_EQ(m.parameter("in").sizes(), at::IntArrayRef({8, 9}));
  EXPECT_EQ(m.parameter("back").dim(), 1);
  EXPECT_EQ(m.parameter("hidden.tau_m").sizes(), at::IntArrayRef({9}));
  EXPECT_EQ(m.parameter("hidden.V_th").dim(), 0);
  EXPECT_EQ(m.parameters().size(), 5u);
  EXPECT_TRUE(m.named_parameters().contains("hidden:tau_m"));
  EXPECT_EQ(m.forward(random_spikes(7, 2, 8, 0.2, at::kFloat)).sizes(), at::IntArrayRef({7, 2, 3}));
}

TEST(Module, SaysBothSidesOfAClash) {
  Module m = small();
  const auto message = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  const std::string clash = message([&] { m.forward(random_spikes(7, 2, 9, 0.2)); });
  EXPECT_NE(clash.find("[7, 2, 9]"), std::string::npos) << clash;
  EXPECT_NE(clash.find("[time, batch, 8]"), std::string::npos) << clash;
  EXPECT_NE(clash.find("'in'"), std::string::npos) << clash;
  EXPECT_THROW(m.forward(random_spikes(7, 2, 8, 0.5).mul(0.5)), ValueError);
  EXPECT_THROW(m.run({.tensors = {{"inn", random_spikes(7, 2, 8, 0.2)}}}), NameError);
  EXPECT_THROW(m.parameter("hidden.tau"), NameError);
  EXPECT_THROW(small({"hidden.V"}), NameError);
  EXPECT_THROW(m.forward(random_spikes(7, 2, 8, 0.2, at::kFloat).requires_grad_()), ValueError);
}

TEST(Module, ReversesTheRunThatTheLossCameFrom) {
  Module m = small();
  const at::Tensor a = random_spikes(40, 3, 8, 0.2, at::kFloat), b = a.flip(0);
  const auto gradient = [&](const at::Tensor& x, bool between) {
    m.zero_grad();
    const at::Tensor loss = m.forward(x).square().sum();
    if (between) m.forward(b);
    loss.backward();
    return m.parameter("in").grad().clone();
  };
  const at::Tensor alone = gradient(a, false);
  EXPECT_GT(alone.abs().max().item<float>(), 0);
  EXPECT_TRUE(at::equal(alone, gradient(a, true)));
  EXPECT_FALSE(at::equal(alone, gradient(b, false)));
}

TEST(Module, CarriesItsStateFromRunToRun) {
  Module m = small({"hidden", "out.V_m"});
  const at::Tensor x = random_spikes(60, 3, 8, 0.2, at::kFloat);
  const at::NoGradGuard none;
  const auto whole = m.run({.tensors = {{"in", x}}});
  const auto first = m.run({.tensors = {{"in", x.slice(0, 0, 25)}}});
  const auto second = m.run({.tensors = {{"in", x.slice(0, 25)}}}, m.carried());
  for (const char* name : {"hidden", "out.V_m"})
    EXPECT_TRUE(at::equal(whole.at(name), at::cat({first.at(name), second.at(name)})));
  EXPECT_GT(second.at("hidden").sum().item<float>(), 10);
  EXPECT_THROW(m.run({.tensors = {{"in", random_spikes(5, 4, 8, 0.2)}}}, m.carried()), ShapeError);
}

// A carried state passes no gradient: as the plain path from a state cut loose.
TEST(Module, GradientsEndWhereTheStateWasCarriedOver) {
  Module m(network(current_case), {.seed = 5,
                                   .precision = Precision::twofold,
                                   .surrogate = current_case.surrogate,
                                   .trained = {{"in", "back", "hidden.tau_m", "hidden.E_L"}},
                                   .outputs = {"out.V_m"}});
  const at::Tensor x = random_spikes(60, 3, 8, 0.2);
  const at::Tensor by_state = nets::Draws(2, "loss").normal({60, 3, 3});
  m.forward(x.slice(0, 0, 25));
  const at::Tensor v = m.run({.tensors = {{"in", x.slice(0, 25)}}}, m.carried()).at("out.V_m");
  (v * by_state.slice(0, 25)).sum().backward();
  std::map<std::string, at::Tensor> fused;
  for (const auto& name : m.trained()) fused[name] = m.parameter(name).grad().clone();
  m.zero_grad();
  auto state = m.start(3);
  at::Tensor loss = at::zeros({}, at::kDouble);
  for (std::int64_t t = 0; t < 60; ++t) {
    const auto out = m.step(state, {{"in", x[t]}});
    if (t == 24) {
      for (auto& population : state.states)
        for (auto& [name, value] : population) value = value.detach();
      for (auto& population : state.spikes)
        for (auto& value : population) value = value.detach();
    }
    if (t >= 25) loss = loss + (out.at("out.V_m") * by_state[t]).sum();
  }
  loss.backward();
  for (const auto& name : m.trained())
    EXPECT_LE(gap(fused[name], m.parameter(name).grad()), 1e-10) << name;
}

TEST(Module, ConstraintsHoldAfterAnyStep) {
  Constraint signs{.keep_signs = true};
  Constraint masked{
      .low = -5000, .high = 800, .mask = nets::Draws(3, "mask").bernoulli({8, 9}, 0.5)};
  Module m = small({"out.V_m"}, {{"in", masked}, {"back", signs}});
  const at::Tensor in = m.parameter("in").detach().clone();
  const at::Tensor back = m.parameter("back").detach().clone();
  m.forward(random_spikes(40, 3, 8, 0.2, at::kFloat)).square().sum().backward();
  m.constrain_gradients();
  EXPECT_EQ(m.parameter("in").grad().mul(masked.mask.eq(0)).abs().max().item<float>(), 0);
  EXPECT_GT(m.parameter("in").grad().abs().max().item<float>(), 0);
  for (at::Tensor p : m.parameters()) p.detach().add_(at::randn_like(p) * 1e4);
  m.constrain();
  EXPECT_TRUE(at::equal(m.parameter("in").detach().masked_select(masked.mask.eq(0)),
                        in.masked_select(masked.mask.eq(0))));
  EXPECT_LE(m.parameter("in").detach().max().item<float>(), 800);
  EXPECT_FALSE(at::equal(m.parameter("in").detach(), in));
  EXPECT_GE((m.parameter("back").detach() * back.sign()).min().item<float>(), 0);
  EXPECT_GT(m.parameter("hidden.tau_m").detach().min().item<float>(), 0);
  EXPECT_THROW(small({"out.V_m"}, {{"in", {.low = 1e6}}}), ValueError);
  EXPECT_THROW(small({"out.V_m"}, {{"in", {.mask = at::ones({3})}}}), ShapeError);
  EXPECT_THROW(small({"out.V_m"}, {{"inn", {}}}), NameError);
}

TEST(Module, WrittenBackSimulatesWithTheSameSpikes) {
  Module m = small({"hidden"});
  {
    const at::NoGradGuard none;
    m.parameter("in").mul_(1.1);
    m.parameter("hidden.tau_m").add_(2);
    m.parameter("hidden.V_th").add_(-1);
  }
  const at::Tensor x = random_spikes(200, 1, 8, 0.2, at::kFloat);
  const at::Tensor fused = m.forward(x).detach();
  Network written = m.network();
  std::vector<std::uint32_t> neurons;
  std::vector<Quantity> times;
  for (std::int64_t t = 0; t < 200; ++t)
    for (std::uint32_t i = 0; i < 8; ++i)
      if (x[t][0][i].item<float>() != 0) {
        neurons.push_back(i);
        times.push_back(quantity(static_cast<double>(t + 1), dimension::time));
      }
  // The same network with the spikes as its list.
  Network with(1_ms);
  with.add_spike_list("in", 8, neurons, times);
  for (const char* name : {"hidden", "out"}) {
    const Population& p = written.populations()[written.population(name).population];
    with.add(name, p.size, p.model, {.parameters = p.parameters, .initial = p.initial});
  }
  for (const Projection& p : written.projections()) {
    SynapseOptions synapse = p.synapse;
    synapse.name = p.name;
    with.connect(p.from, p.to, p.rule, synapse);
  }
  for (const Stimulus& s : written.stimuli()) with.stimulate(s);
  with.record_spikes(with.population("hidden"));
  Simulation simulation(with, {.seed = 5});
  simulation.run_steps(200);
  const Recording r = simulation.recording();
  at::Tensor simulated = at::zeros({200, 1, 9});
  for (std::size_t k = 0; k < r.spikes[0].steps.size(); ++k)
    simulated[r.spikes[0].steps[k] - 1][0][r.spikes[0].neurons[k]] = 1;
  EXPECT_GT(simulated.sum().item<float>(), 50);
  EXPECT_TRUE(at::equal(simulated, fused));
}

// Convolution between two networks: what has no state in time stands between the nodes.
TEST(Module, KeepsLearnedDelaysInTheirRangeAndRoundsThem) {
  const Case c = current_case;
  Module module(network(c), {.seed = 5,
                             .trained = {{"in", "in.delay", "back.delay"}},
                             .delays = {{"in", {.minimum_ms = 1, .maximum_ms = 9}},
                                        {"back", {.maximum_ms = 5, .width_ms = 2}}},
                             .outputs = {"hidden"}});
  at::Tensor& delays = module.parameter("in.delay");
  EXPECT_EQ(delays.sizes(), (std::vector<std::int64_t>{8, 9}));
  EXPECT_EQ(module.parameter("back.delay").dim(), 1);
  delays.detach().copy_(nets::Draws(3, "delays").uniform(delays.sizes(), -3, 13));
  module.constrain();
  EXPECT_EQ(delays.min().item<double>(), 1);
  EXPECT_EQ(delays.max().item<double>(), 9);
  const at::Tensor in = random_spikes(100, 6, 8, 0.2, at::kFloat);
  const at::Tensor between = module.forward(in);
  module.set_delay_width("back", 1);
  EXPECT_THROW(between.sum().backward(), ValueError) << "the kernel of that run is gone";
  module.round_delays();
  EXPECT_TRUE(at::equal(delays.detach(), delays.detach().round()));
  const at::Tensor rounded = module.forward(in);
  EXPECT_FALSE(at::equal(between.detach(), rounded.detach())) << "nothing is shown";
  Module written(module.network(), {.seed = 5, .outputs = {"hidden"}});
  EXPECT_TRUE(at::equal(written.forward(in).detach(), rounded.detach()));
}

TEST(Module, ComposesThroughModulesWithoutTime) {
  Network first(1_ms), second(1_ms);
  const View in = first.add_spike_list("in", 16, {}, {});
  const View a = first.add("a", 16, library::neuron("lif_psc_delta"));
  first.connect(in, a, one_to_one(), {.target = "V_m", .weight = 9_mV, .name = "w"});
  second.add("b", 32, library::neuron("lif_psc_delta"));
  Module one(
      first,
      {.precision = Precision::twofold, .surrogate = {Surrogate::arctan, 5}, .outputs = {"a"}});
  Module two(second, {.precision = Precision::twofold,
                      .surrogate = {Surrogate::arctan, 5},
                      .currents = {"b.I_e"},
                      .outputs = {"b"},
                      .input_gradients = true});
  at::Tensor kernel = nets::Draws(1, "kernel").normal({2, 1, 3, 3}, 300, 500).requires_grad_();
  const at::Tensor x = random_spikes(30, 2, 16, 0.4);
  const auto between = [&](const at::Tensor& spikes) {
    return at::conv2d(spikes.reshape({-1, 1, 4, 4}), kernel, {}, 1, 1).reshape({-1, 2, 32});
  };
  const at::Tensor weights = nets::Draws(2, "loss").normal({30, 2, 32});
  const at::Tensor hidden = one.run({.tensors = {{"in", x}}}).at("a");
  const at::Tensor fused = two.run({.tensors = {{"b.I_e", between(hidden)}}}).at("b");
  (fused * weights).sum().backward();
  const at::Tensor w = one.parameter("w").grad().clone(), k = kernel.grad().clone();
  kernel.mutable_grad() = at::Tensor();
  one.zero_grad();
  auto s = one.start(2), t = two.start(2);
  at::Tensor loss = at::zeros({}, at::kDouble);
  double spikes = 0;
  for (std::int64_t n = 0; n < 30; ++n) {
    const at::Tensor now = one.step(s, {{"in", x[n]}}).at("a");
    const at::Tensor out = two.step(t, {{"b.I_e", between(now).squeeze(0)}}).at("b");
    spikes += out.sum().item<double>();
    loss = loss + (out * weights[n]).sum();
  }
  EXPECT_EQ(spikes, fused.sum().item<double>());
  EXPECT_GT(spikes, 20);
  loss.backward();
  EXPECT_LE(gap(w, one.parameter("w").grad()), 1e-10);
  EXPECT_LE(gap(k, kernel.grad()), 1e-10);
}

}  // namespace
}  // namespace callosum::learn
