#include <gtest/gtest.h>

#include "tests/learn/gradient_checks.h"
#include "tests/learn/kicked_network.h"
#include "tests/learn/plain_network.h"

// The reverse pass against the plain path (exact for the surrogate) and against finite differences
// (where there is no spike to speak of).
namespace callosum {
namespace {

using namespace callosum::learn_tests;
using learn::SpikeBits;
using learn::Unroll;
using model::Surrogate;

constexpr std::int64_t steps = 100, batch = 11;
constexpr std::uint32_t sources = 8, hidden = 9, outputs = 3;

struct Case {
  const char* name;
  const char* neuron;
  Surrogate surrogate;
  double width;
  bool detach;
  double into, back;  ///< weights, internal units of the target
  const char* target;
  const char* reset = "V_reset";
  double dt_ms = 1;
  double scale = 1;
};

Network network(const Case& c) {
  Network net(quantity(c.dt_ms, dimension::time));
  const View list = net.add_spike_list("list", sources, {}, {});
  const model::Model neuron = library::neuron(c.neuron);
  const View h =
      net.add("hidden", hidden, neuron, {.initial = {{"V_m", Values::uniform(-70_mV, -60_mV)}}});
  const View out = net.add("out", outputs, library::neuron("leaky_integrator"));
  const Dimension d = neuron.at(c.target).dimension;
  const auto around = [](double x, Dimension of) {
    return Values::uniform(quantity(std::min(-0.3 * x, 1.5 * x), of),
                           quantity(std::max(-0.3 * x, 1.5 * x), of));
  };
  net.connect(list, h, all_to_all(),
              {.target = c.target,
               .weight = around(c.into, d),
               .delay = quantity(c.dt_ms, dimension::time),
               .name = "in"});
  net.connect(h, h, fixed_probability(0.5),
              {.target = c.target,
               .weight = around(c.back, d),
               .delay = Values::uniform(quantity(c.dt_ms, dimension::time),
                                        quantity(4 * c.dt_ms, dimension::time)),
               .name = "back"});
  net.connect(net.slice(h, 1, hidden), out, all_to_all(),
              {.target = "V_m",
               .weight = around(1, dimension::voltage),
               .delay = quantity(2 * c.dt_ms, dimension::time),
               .name = "out"});
  return net;
}

class Oracle : public testing::TestWithParam<Case> {};

TEST_P(Oracle, FusedGradientsAreThoseOfThePlainPath) {
  const Case& c = GetParam();
  const Network net = network(c);
  const model::AdjointOptions surrogate{c.surrogate, c.width, c.detach, c.scale};
  const SpikeBits input = random_bits(1, steps, batch, sources, 0.2);
  const auto spike_bar = noise(1, static_cast<std::size_t>(steps * batch) * hidden);
  const auto state_bar = noise(2, static_cast<std::size_t>(steps * batch) * outputs);

  const std::string reset = std::string("hidden.") + c.reset;
  PlainNetwork plain(net, 5, surrogate);
  const auto expected = plain.run(input, "list", "hidden", spike_bar, "out", "V_m", state_bar);

  Unroll<double> fused(net, {.seed = 5,
                             .surrogate = surrogate,
                             .trained = {{"in", "back", "out", "hidden.V_th", reset}},
                             .record = {"out.V_m"},
                             .input_gradients = true});
  fused.forward(steps, batch, {.spikes = {{"list", input}}});
  const std::uint64_t spikes = fused.spikes("hidden").count();
  ASSERT_GT(spikes, 100u);
  ASSERT_LT(spikes, static_cast<std::uint64_t>(steps * batch) * hidden / 2);
  ASSERT_TRUE(fused.spikes("hidden") == expected.hidden);
  fused.backward({.spikes = {{"hidden", spike_bar}}, .recorded = {{"out.V_m", state_bar}}});
  expect_close(fused.gradient("in"), expected.weights[0], 1e-10, "in");
  expect_close(fused.gradient("back"), expected.weights[1], 1e-10, "back");
  expect_close(fused.gradient("out"), expected.weights[2], 1e-10, "out");
  expect_close(fused.input_gradient("list"), expected.spikes.at("list"), 1e-10, "input");
  expect_close(fused.gradient("hidden.V_th"), std::vector{expected.shared[1].at("V_th")}, 1e-10,
               "V_th");
  expect_close(fused.gradient(reset), std::vector{expected.shared[1].at(c.reset)}, 1e-10, reset);
}

const Case cases[] = {
    {"FastSigmoid", "lif_psc_exp", Surrogate::fast_sigmoid, 3, false, 500, 300, "I_ex"},
    {"FastSigmoidDetached", "lif_psc_exp", Surrogate::fast_sigmoid, 3, true, 500, 300, "I_ex"},
    {"Arctan", "lif_psc_exp", Surrogate::arctan, 10, false, 500, -300, "I_ex"},
    {"Triangle", "lif_psc_exp", Surrogate::triangle, 8, false, 500, 300, "I_ex"},
    {"Gaussian", "lif_psc_exp", Surrogate::gaussian, 5, true, 500, 300, "I_ex"},
    {"Sigmoid", "lif_psc_exp", Surrogate::sigmoid, 2, false, 500, 300, "I_ex"},
    {"Rectangle", "lif_psc_exp", Surrogate::rectangle, 9, false, 500, 300, "I_ex"},
    {"StraightThrough", "lif_psc_exp", Surrogate::straight_through, 60, true, 500, 300, "I_ex"},
    // Few spikes have a derivative: only those get their products.
    {"NarrowTriangle", "lif_psc_exp", Surrogate::triangle, 1, false, 500, 300, "I_ex"},
    {"NarrowRectangle", "lif_psc_exp", Surrogate::rectangle, 1.5, true, 500, 300, "I_ex"},
    {"Dampened", "lif_psc_exp", Surrogate::gaussian, 5, false, 500, 300, "I_ex", "V_reset", 1, 0.3},
    {"DeltaSynapse", "lif_psc_delta", Surrogate::arctan, 5, false, 7, 3, "V_m"},
    {"Conductance", "lif_cond_exp", Surrogate::arctan, 5, false, 25, 10, "g_ex"},
    {"AlphaCurrent", "lif_psc_alpha", Surrogate::arctan, 10, false, 500, 300, "K_ex"},
    {"Quadratic", "izhikevich", Surrogate::arctan, 20, true, 6, 3, "V_m", "c"},
};
INSTANTIATE_TEST_SUITE_P(Each, Oracle, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Gradient, DependsOnTheSurrogate) {
  const Case c = cases[0];
  const Network net = network(c);
  const SpikeBits input = random_bits(1, steps, batch, sources, 0.2);
  const auto spike_bar = noise(1, static_cast<std::size_t>(steps * batch) * hidden);
  std::vector<std::vector<double>> seen;
  for (const Case& other : cases) {
    if (std::string(other.neuron) != c.neuron) continue;
    Unroll<double> fused(net,
                         {.seed = 5,
                          .surrogate = {other.surrogate, other.width, other.detach, other.scale},
                          .trained = {{"in"}}});
    fused.forward(steps, batch, {.spikes = {{"list", input}}});
    fused.backward({.spikes = {{"hidden", spike_bar}}});
    const auto g = fused.gradient("in");
    for (const auto& s : seen) EXPECT_FALSE(std::equal(g.begin(), g.end(), s.begin()));
    seen.emplace_back(g.begin(), g.end());
  }
  EXPECT_EQ(seen.size(), 11u);
  Unroll<double> none(net, {.seed = 5, .surrogate = {}, .trained = {{"in"}}});
  none.forward(steps, batch, {.spikes = {{"list", input}}});
  none.backward({.spikes = {{"hidden", spike_bar}}});
  for (const double g : none.gradient("in")) EXPECT_EQ(g, 0);
}

TEST(Gradient, IsTheSameToTheBitForAnyThreads) {
  const Case c = cases[0];
  const Network net = network(c);
  const std::int64_t many = 100;
  const SpikeBits input = random_bits(1, steps, many, sources, 0.2);
  std::vector<float> bar(static_cast<std::size_t>(many) * hidden, 0.5f);
  std::vector<std::vector<float>> first;
  for (const int threads : {1, 2, 3, 8}) {
    Unroll<float> u(net, {.seed = 5,
                          .threads = threads,
                          .surrogate = {c.surrogate, c.width},
                          .trained = {{"in", "back", "hidden.tau_m"}}});
    for (int again = 0; again < 2; ++again) {
      u.forward(steps, many, {.spikes = {{"list", input}}});
      u.backward({.counts = {{"hidden", bar}}});
      std::vector<std::vector<float>> all;
      for (const auto& name : u.trained())
        all.emplace_back(u.gradient(name).begin(), u.gradient(name).end());
      if (first.empty()) first = all;
      EXPECT_TRUE(all == first) << threads << " threads";
    }
  }
}

// Central differences of a loss that is linear in recorded states, in double.
struct Smooth {
  Network net;
  std::string list = "list", record;
  SpikeBits input;
  std::vector<double> bar;
  std::vector<std::string> trained;

  double loss(Unroll<double>& u) const {
    u.forward(input.steps(), input.batch(), {.spikes = {{list, input}}}, false);
    double sum = 0;
    const auto x = u.recorded(record);
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * bar[k];
    return sum;
  }
  void check(double tolerance) const {
    // No surrogate: what is differentiated has no spike.
    Unroll<double> u(net, {.seed = 2, .surrogate = {}, .trained = trained, .record = {record}});
    u.forward(input.steps(), input.batch(), {.spikes = {{list, input}}});
    u.backward({.recorded = {{record, bar}}});
    for (const std::string& name : trained) {
      const std::vector<double> gradient(u.gradient(name).begin(), u.gradient(name).end());
      const std::vector<double> at = u.values(name);
      std::vector<double> by_difference(at.size());
      for (std::size_t k = 0; k < at.size(); ++k) {
        const double h = 1e-5 * (at[k] == 0 ? 1 : std::max(std::abs(at[k]), 0.1));
        std::vector<double> moved = at;
        moved[k] = at[k] + h;
        u.set(name, moved);
        const double up = loss(u);
        moved[k] = at[k] - h;
        u.set(name, moved);
        by_difference[k] = (up - loss(u)) / (2 * h);
      }
      u.set(name, at);
      expect_close(gradient, by_difference, tolerance, name);
    }
  }
};

TEST(Gradient, OfALinearMembraneIsThatOfFiniteDifferences) {
  Network net(1_ms);
  const View list = net.add_spike_list("list", 4, {}, {});
  const View out = net.add("out", 3, library::neuron("leaky_integrator"),
                           {.parameters = {{"tau_m", Values::uniform(5_ms, 30_ms)},
                                           {"E_L", Values(-2_mV)},
                                           {"I_e", Values(10_pA)}}});
  net.connect(
      list, out, all_to_all(),
      {.target = "V_m", .weight = Values::uniform(-1_mV, 1_mV), .delay = 3_ms, .name = "w"});
  Smooth{net,
         "list",
         "out.V_m",
         random_bits(3, 60, 2, 4, 0.3),
         noise(4, 60 * 2 * 3),
         {"w", "out.tau_m", "out.E_L", "out.I_e", "out.C_m"}}
      .check(1e-7);
}

TEST(Gradient, OfAMemoryUnitIsThatOfFiniteDifferences) {
  Network net(1_ms);
  const View list = net.add_spike_list("list", 4, {}, {});
  const View unit = net.add("unit", 3, library::neuron("leaky_memory"));
  net.connect(list, unit, all_to_all(),
              {.target = "s", .weight = Values::uniform(-1, 1), .delay = 1_ms, .name = "w"});
  Smooth{net,
         "list",
         "unit.m_3",
         random_bits(3, 60, 2, 4, 0.3),
         noise(4, 60 * 2 * 3),
         {"w", "unit.tau_s", "unit.tau_3", "unit.w_s", "unit.w_m", "unit.lambda_m"}}
      .check(1e-6);
}

TEST(Gradient, BelowThresholdIsThatOfFiniteDifferences) {
  for (const char* name : {"lif_cond_alpha", "hh_traub", "lif_psc_exp", "adex_cond_exp"}) {
    SCOPED_TRACE(name);
    const model::Model neuron = library::neuron(name);
    Network one(0.05_ms);
    const View in = one.add_spike_list("list", 4, {}, {});
    const View cell = one.add("cell", 2, neuron);
    const std::string target = neuron.find("g_ex") ? "g_ex" : "I_ex";
    const Dimension d = neuron.at(target).dimension;
    one.connect(in, cell, all_to_all(),
                {.target = target,
                 .weight = Values::uniform(quantity(0, d),
                                           quantity(0.002 * kick(neuron, neuron.at(target)), d)),
                 .delay = 0.1_ms,
                 .name = "w"});
    std::vector<std::string> trained = {"w"};
    for (const char* parameter : {"C_m", "E_L", "g_L", "tau_m", "tau_syn_ex", "g_Na", "E_ex"})
      if (neuron.find(parameter)) trained.push_back(std::string("cell.") + parameter);
    Smooth{one, "list", "cell.V_m", random_bits(3, 80, 2, 4, 0.2), noise(4, 80 * 2 * 2), trained}
        .check(2e-5);
  }
}

}  // namespace
}  // namespace callosum
