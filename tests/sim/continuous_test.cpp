#include <gtest/gtest.h>

#include <cmath>

#include "callosum/library/library.h"
#include "tests/sim/accumulators.h"

// Weighted sums of a source variable, against a brute-force loop.
namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

/// A rate unit under forward Euler; r is what others may read.
model::Model unit(const std::string& method = "euler") {
  model::ModelText t;
  t.name = "test_unit";
  t.equations = text("dx/dt = (I - x)/(10*ms) : 1\nr = x*x : 1\nI : 1\ns = I + x : 1");
  t.method = method;
  t.parameters = {{"I", "0.25", "", "", {}}};
  return model::Model(t);
}

class Continuous : public testing::TestWithParam<const char*> {};

TEST_P(Continuous, SumsWeightTimesTheValueADelayAgo) {
  const std::string variable = GetParam();
  constexpr std::uint32_t size = 1500;
  constexpr std::int64_t steps = 40;
  const Synapses s = random_synapses(31, 6000, size, size, 1, 12);
  std::vector<double> weights;
  for (double w : s.weights) weights.push_back(w * 1e-4);
  std::vector<double> start;
  for (std::uint32_t i = 0; i < size; ++i) start.push_back(std::sin(i * 0.7));
  Network net(0.1_ms);
  const View units = net.add("units", size, unit(), {.initial = {{"x", Values::array(start, {})}}});
  net.connect(units, units, s.rule(),
              {.target = "I",
               .weight = Values::array(weights, {}),
               .delay = s.delay(),
               .source_variable = variable});
  net.record(units, "x");
  // Values before time 0 are those at time 0.
  std::vector<std::vector<double>> x{start};
  for (std::int64_t n = 0; n < steps; ++n) {
    std::vector<double> input(size, 0.25), next(size);
    for (std::size_t k = 0; k < s.sources.size(); ++k) {
      const auto& then =
          x[static_cast<std::size_t>(std::max<std::int64_t>(0, n + 1 - s.delays[k]))];
      const double value = then[s.sources[k]];
      input[s.targets[k]] += weights[k] * (variable == "x" ? value : value * value);
    }
    for (std::uint32_t i = 0; i < size; ++i)
      next[i] = x.back()[i] + 0.1 * (input[i] - x.back()[i]) / 10;
    x.push_back(next);
  }
  std::vector<double> first;
  for (int threads : {1, 2, 3}) {
    Simulation sim(net, {.threads = threads, .precision = Precision::twofold});
    sim.run_steps(13);
    sim.run_steps(steps - 13);
    const auto got = Recording(sim.recording()).traces.at(0).values;
    ASSERT_EQ(got.size(), (steps + 1) * size);
    if (first.empty()) first = got;
    EXPECT_TRUE(got == first) << threads << " threads";
    double largest = 0;
    for (std::int64_t k = 0; k <= steps; ++k)
      for (std::uint32_t i = 0; i < size; ++i)
        largest = std::max(largest, std::abs(got[k * size + i] - x[k][i]));
    EXPECT_LT(largest, 1e-12);
  }
  EXPECT_GT(std::abs(x.back()[3] - start[3]), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(OfA, Continuous, testing::Values("x", "r"), [](const auto& info) {
  return std::string(info.param) == "x" ? "State" : "Subexpression";
});

TEST(ContinuousProjection, SeesAStateThatWasSet) {
  Network net(0.1_ms);
  const View a = net.add("a", 1, unit()), b = net.add("b", 1, unit());
  net.connect(a, b, all_to_all(), {.target = "I", .weight = 1.0, .source_variable = "x"});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(3);
  sim.set(a, "x", 5.0);
  const double before = sim.get(b, "x")[0];
  sim.run_steps(1);
  EXPECT_NEAR(sim.get(b, "x")[0], before + 0.01 * (0.25 + 5 - before), 1e-14);
}

TEST(ContinuousProjection, RefusesWhatHasNoValueADelayAgo) {
  Network net(0.1_ms);
  const View a = net.add("a", 1, unit());
  Network onto_state = net, parameter = net;
  net.connect(a, a, all_to_all(), {.target = "I", .source_variable = "s"});
  EXPECT_THROW(Simulation{net}, UnsupportedError);
  onto_state.connect(a, a, all_to_all(), {.target = "x", .source_variable = "x"});
  EXPECT_THROW(Simulation{onto_state}, UnsupportedError);
  parameter.connect(a, a, all_to_all(), {.target = "I", .source_variable = "I"});
  EXPECT_THROW(Simulation{parameter}, UnsupportedError);
}

/// Leaky cells that receive `extra`; nothing spikes.
model::Model cell() {
  model::ModelText m;
  m.name = "cell";
  m.equations = text(
      "dV_m/dt = (E - V_m)/(20*ms) + I_e/(100*pF) : volt\nI_e : amp\nE : volt\n"
      "half = V_m/2 : volt");
  m.method = "euler";
  m.parameters = {{"I_e", "0 pA", "", "", {}}, {"E", "-70 mV", "", "", {}}};
  return model::Model(m);
}

TEST(Interaction, GapJunctionsAreTheDifferenceOfBothVoltagesAStepAgo) {
  constexpr std::uint32_t size = 1100;
  const Synapses s = random_synapses(5, 4000, size, size, 1, 1);
  std::vector<double> weights, start;
  for (double w : s.weights) weights.push_back(std::abs(w) * 0.01);
  for (std::uint32_t i = 0; i < size; ++i) start.push_back(-70 + 10 * std::sin(i * 0.3));
  Network net(0.1_ms);
  const View cells = net.add("cells", size, cell(),
                             {.initial = {{"V_m", Values::array(start, dimension::voltage)}}});
  net.connect(cells, cells, s.rule(),
              {.weight = Values::array(weights, dimension::conductance),
               .model = library::synapse("gap_junction")});
  net.record(cells, "V_m");
  std::vector<double> v = start;
  for (int n = 0; n < 30; ++n) {
    std::vector<double> current(size);
    for (std::size_t k = 0; k < s.sources.size(); ++k)
      current[s.targets[k]] += weights[k] * (v[s.sources[k]] - v[s.targets[k]]);
    for (std::uint32_t i = 0; i < size; ++i) v[i] += 0.1 * ((-70 - v[i]) / 20 + current[i] / 100);
  }
  for (int threads : {1, 3}) {
    Simulation sim(net, {.threads = threads, .precision = Precision::twofold});
    sim.run_steps(30);
    const std::vector<double> ours = sim.get(cells, "V_m");
    for (std::uint32_t i = 0; i < size; ++i) ASSERT_NEAR(ours[i], v[i], 1e-10) << i;
  }
}

model::Model interaction(const char* line) {
  model::ModelText m;
  m.kind = model::ModelKind::synapse;
  m.name = "interaction";
  m.equations = text(line);
  m.parameters = {{"g", "3 nS", "", "", {}}};
  return model::Model(m);
}

TEST(Interaction, ReadsSubexpressionsAndParametersOfTheSynapse) {
  Network net(0.1_ms);
  const PopulationOptions rest{.initial = {{"V_m", -70_mV}}};
  const View a = net.add("a", 2, cell(), rest), b = net.add("b", 1, cell(), rest);
  net.connect(a, b, all_to_all(),
              {.model = interaction("I_e_post = 2*g*(half_pre - V_m_post) : amp (summed)")});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(1);  // two sources, 2 * 3 nS * (-35 + 70) mV each; 0.1 ms and 100 pF
  EXPECT_NEAR(sim.get(b, "V_m")[0], -70 + 2 * 2 * 3 * 35 * 0.1 / 100, 1e-12);
}

TEST(Interaction, RefusesByNameWhatIsNoWeightedSum) {
  Network net(0.1_ms);
  const View a = net.add("a", 2, cell());
  net.connect(a, a, all_to_all(),
              {.model = interaction("I_e_post = g*V_m_pre*(V_m_post/mV) : amp (summed)")});
  try {
    Simulation sim(net);
    FAIL();
  } catch (const UnsupportedError& error) {
    EXPECT_NE(std::string(error.what()).find("I_e_post"), std::string::npos) << error.what();
  }
  // Names and units are those of the neurons that are joined.
  EXPECT_THROW(
      net.connect(a, a, all_to_all(),
                  {.model = interaction("I_e_post = g*(V_pre - V_m_post) : amp (summed)")}),
      ErrorList);
  EXPECT_THROW(net.connect(a, a, all_to_all(),
                           {.model = interaction("I_e_post = g*I_e_pre : amp (summed)")}),
               ErrorList);
}

}  // namespace
}  // namespace callosum
