#include "callosum/learn/torch/module.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/nets/draws.h"
#include "callosum/sim/simulation.h"

// The module's fused path against its plain one, which autograd differentiates by itself.
namespace callosum::learn {
namespace {

using namespace callosum::literals;
using model::Surrogate;

constexpr std::int64_t steps = 100, batch = 6;

Quantity quantity(double x, Dimension d) { return Quantity::from_internal(x, d); }

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
Network network(const Case& c) {
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

at::Tensor random_spikes(std::int64_t t, std::int64_t b, std::int64_t n, double p,
                         at::ScalarType type = at::kDouble) {
  return nets::Draws(1, "spikes").bernoulli({t, b, n}, p, type);
}

double gap(const at::Tensor& got, const at::Tensor& expected) {
  EXPECT_EQ(got.sizes(), expected.sizes());
  const double largest = expected.abs().max().item<double>();
  EXPECT_GT(largest, 0) << "nothing is shown";
  return (got - expected).abs().max().item<double>() / largest;
}

class Plain : public testing::TestWithParam<Case> {};

TEST_P(Plain, PathHasTheSpikesAndGradientsOfTheFusedOne) {
  const Case& c = GetParam();
  std::vector<std::string> trained = {"in", "back", "out", "out.tau_m"};
  for (const std::string& p : c.parameters) trained.push_back("hidden." + p);
  for (const auto& [projection, range] : c.delays) trained.push_back(projection + ".delay");
  Module module(network(c), {.seed = 5,
                             .precision = Precision::twofold,
                             .surrogate = c.surrogate,
                             .trained = trained,
                             .delays = c.delays,
                             .currents = {"hidden.I_e"},
                             .outputs = {"hidden", "hidden.count", "out.V_m"},
                             .input_gradients = true});
  nets::Draws draws(2, "loss");
  for (const auto& [projection, range] : c.delays) {
    at::Tensor d = module.parameter(projection + ".delay").detach();
    d.copy_(draws.uniform(d.sizes(), 1, range.maximum_ms));
  }
  at::Tensor in = random_spikes(steps, batch, 8, 0.2).requires_grad_();
  at::Tensor current = draws.normal({steps, batch, 9}, 0, 20).requires_grad_();
  const at::Tensor by_spike = draws.normal({steps, batch, 9});
  const at::Tensor by_count = draws.normal({batch, 9});
  const at::Tensor by_state = draws.normal({steps, batch, 3});
  const auto loss = [&](const at::Tensor& spikes, const at::Tensor& counts, const at::Tensor& v) {
    return (spikes * by_spike).sum() + (counts * by_count).sum() + (v * by_state).sum();
  };

  const auto fused = module.run({.tensors = {{"in", in}, {"hidden.I_e", current}}});
  loss(fused.at("hidden"), fused.at("hidden.count"), fused.at("out.V_m")).backward();
  std::map<std::string, at::Tensor> gradients;
  for (const std::string& name : trained) gradients[name] = module.parameter(name).grad().clone();
  const at::Tensor in_gradient = in.grad().clone(), current_gradient = current.grad().clone();
  in.mutable_grad() = at::Tensor();
  current.mutable_grad() = at::Tensor();
  module.zero_grad();

  auto state = module.start(batch);
  std::vector<at::Tensor> spikes, potentials;
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto out = module.step(state, {{"in", in[t]}, {"hidden.I_e", current[t]}});
    spikes.push_back(out.at("hidden"));
    potentials.push_back(out.at("out.V_m"));
  }
  const at::Tensor plain = at::stack(spikes), v = at::stack(potentials);
  ASSERT_TRUE(at::equal(plain.detach(), fused.at("hidden").detach()));
  ASSERT_GT(plain.sum().item<double>(), 100);
  ASSERT_LT(plain.mean().item<double>(), 0.5);
  EXPECT_LT(gap(v.detach(), fused.at("out.V_m").detach()), 1e-12);
  loss(plain, plain.sum(0), v).backward();
  for (const std::string& name : trained)
    EXPECT_LE(gap(gradients[name], module.parameter(name).grad()), 1e-10) << name;
  EXPECT_LE(gap(in_gradient, in.grad()), 1e-10);
  EXPECT_LE(gap(current_gradient, current.grad()), 1e-10);
}

const Case cases[] = {
    {"Current",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::fast_sigmoid, 3},
     {"tau_m", "V_th", "V_reset", "E_L", "tau_syn_ex"}},
    {"Detached",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::gaussian, 5, true, 0.4},
     {"tau_m", "V_th"}},
    {"Delays",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::fast_sigmoid, 3},
     {"tau_m"},
     {{"in", {.maximum_ms = 9}}, {"back", {.maximum_ms = 5, .width_ms = 1}}}},
    {"Noisy",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::fast_sigmoid, 3},
     {"tau_m", "I_e"},
     {},
     true},
    {"Triangle", "lif_psc_delta", "V_m", 7, 3, {Surrogate::triangle, 8}, {"tau_m", "V_th"}},
    {"Sigmoid", "lif_psc_delta", "V_m", 7, 3, {Surrogate::sigmoid, 2}, {"tau_m"}},
    {"Rectangle", "lif_psc_delta", "V_m", 7, 3, {Surrogate::rectangle, 9}, {"tau_m"}},
    {"StraightThrough",
     "lif_psc_delta",
     "V_m",
     7,
     3,
     {Surrogate::straight_through, 60, true},
     {"V_th"}},
    {"Conductance",
     "lif_cond_exp",
     "g_ex",
     25,
     10,
     {Surrogate::arctan, 5},
     {"C_m", "V_th", "E_ex"}},
    {"Alpha", "lif_psc_alpha", "K_ex", 500, 300, {Surrogate::arctan, 10}, {"tau_m", "tau_syn_ex"}},
    {"Adaptive", "alif", "V_m", 5, 2, {Surrogate::arctan, 5}, {"tau_m", "tau_a", "beta"}},
    {"Exponential", "adex_psc_exp", "I_ex", 700, 300, {Surrogate::arctan, 10, true}, {"C_m", "b"}},
};
INSTANTIATE_TEST_SUITE_P(Each, Plain, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

Module small(std::vector<std::string> outputs = {"out.V_m"},
             std::map<std::string, Constraint> constraints = {}) {
  return Module(network(cases[0]),
                {.seed = 5,
                 .surrogate = cases[0].surrogate,
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
  Module m(network(cases[0]), {.seed = 5,
                               .precision = Precision::twofold,
                               .surrogate = cases[0].surrogate,
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
  const Case c = cases[0];
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
  const at::Tensor in = random_spikes(steps, batch, 8, 0.2, at::kFloat);
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
