#include "callosum/sim/population_state.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/library/library.h"
#include "tests/sim/accumulators.h"

namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

/// A neuron whose threshold is a parameter that each spike raises; `quiet` has an event beside it.
model::Model rising() {
  model::ModelText t;
  t.name = "test_rising";
  t.equations = text("dx/dt = I/ms : 1\nI : 1\ntheta : 1\nquiet_count : 1");
  t.threshold = text("x > theta");
  t.reset = text("x = 0\ntheta += 1");
  t.events = {{"half", text("x > theta/2"), text("quiet_count += 1")}};
  t.parameters = {
      {"I", "1", "", "", {}}, {"theta", "0.55", "", "> 0", {}}, {"quiet_count", "0", "", "", {}}};
  t.initial = {{"x", "I/10", "", "", {}}};
  return model::Model(t);
}

TEST(Population, ParametersThatEventsAssignToStartAtTheirValue) {
  Network net(0.1_ms);
  const View to =
      net.add("to", 2, rising(),
              {.parameters = {{"theta", Values::array(std::vector<double>{0.55, 2.25}, {})}}});
  Simulation sim(net, {.precision = Precision::twofold});
  EXPECT_EQ(sim.get(to, "theta"), (std::vector<double>{0.55, 2.25}));
  EXPECT_EQ(sim.get(to, "x"), (std::vector<double>{0.1, 0.1}));
  sim.run_steps(10);  // x reaches 0.6 in 5 steps
  EXPECT_EQ(sim.get(to, "theta"), (std::vector<double>{1.55, 2.25}));
  sim.reset(Reset::state);
  EXPECT_EQ(sim.get(to, "theta"), (std::vector<double>{0.55, 2.25}));
}

TEST(Population, EventsOtherThanTheThresholdAreNoSpikes) {
  Network net(0.1_ms);
  const View to = net.add("to", 1, rising(), {.parameters = {{"theta", 1.05}}});
  net.record_spikes(to);
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(10);  // x = 0.2 ... 1.1
  EXPECT_EQ(Recording(sim.recording()).spikes.at(0).steps, std::vector<std::int64_t>{10});
  EXPECT_EQ(sim.statistics().spikes, 1u);
  EXPECT_EQ(sim.get(to, "quiet_count"), std::vector<double>{6});  // x in 0.6 ... 1.1
}

TEST(Population, WithoutThresholdNeverSpikesWhateverItsEvents) {
  model::ModelText t;
  t.name = "test_events_only";
  t.equations = text("dx/dt = 1/ms : 1\nseen : 1");
  t.events = {{"late", text("x > 0.25"), text("seen += 1")}};
  t.parameters = {{"seen", "0", "", "", {}}};
  Network net(0.1_ms);
  const View to = net.add("to", 1, model::Model(t));
  Simulation sim(net);
  sim.run_steps(5);
  EXPECT_EQ(sim.get(to, "seen"), std::vector<double>{3});
  EXPECT_EQ(sim.statistics().spikes, 0u);
}

TEST(Population, DrawsParametersAndStatesByTheirNamesAlone) {
  const auto drawn = [](bool more) {
    Network net(0.1_ms);
    if (more) net.add("before", 10, rising(), {.initial = {{"x", Values::normal(0, 1)}}});
    const View to = net.add("to", 5000, rising(),
                            {.parameters = {{"theta", Values::uniform(1, 2)}},
                             .initial = {{"x", Values::normal(-3, 0.5)}}});
    Simulation sim(net, {.threads = more ? 3 : 1, .seed = 8, .precision = Precision::twofold});
    return std::pair(sim.get(to, "x"), sim.get(to, "theta"));
  };
  const auto [x, theta] = drawn(false);
  EXPECT_EQ(drawn(true), std::pair(x, theta));
  double mean = 0, product = 0;
  for (int i = 0; i < 5000; ++i) {
    mean += x[i] / 5000;
    product += (x[i] + 3) * (theta[i] - 1.5) / 5000;
    ASSERT_TRUE(theta[i] > 1 && theta[i] < 2);
  }
  EXPECT_NEAR(mean, -3, 4 * 0.5 / std::sqrt(5000));
  EXPECT_NEAR(product, 0, 4 * 0.5 * 0.29 / std::sqrt(5000)) << "two variables share their draws";
}

TEST(Population, RefusesADrawnValueOutsideItsRange) {
  Network net(0.1_ms);
  net.add("to", 1000, rising(), {.parameters = {{"theta", Values::normal(0.5, 0.3)}}});
  try {
    Simulation sim(net);
    FAIL() << "a threshold below 0 was accepted";
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("theta"), std::string::npos) << error.what();
  }
}

TEST(Population, SetOfOneNeuronLeavesTheOthersAlone) {
  Network net(0.1_ms);
  const View to = net.add("to", 70, rising(), {.parameters = {{"theta", 100.0}}});
  Simulation one(net, {.precision = Precision::twofold});
  one.run_steps(10);
  one.set(net.slice(to, 66, 67), "I", 3.0);
  one.run_steps(10);
  const auto x = one.get(to, "x");
  for (int i = 0; i < 70; ++i) EXPECT_NEAR(x[i], i == 66 ? 0.1 + 1 + 3 : 0.1 + 2, 1e-12) << i;
  EXPECT_EQ(one.get(to, "I")[66], 3);
  EXPECT_EQ(one.get(to, "I")[65], 1);
}

TEST(Population, SetChangesNothingWhenItThrows) {
  Network net(0.1_ms);
  const View to = net.add("to", 4, rising());
  Simulation sim(net);
  const auto before = sim.get(to, "theta");
  EXPECT_THROW(sim.set(to, "theta", Values::array(std::vector<double>{1, 2, -3, 4}, {})),
               ValueError);
  EXPECT_THROW(sim.set(to, "theta", Values::array(std::vector<double>{1, 2}, {})), ShapeError);
  EXPECT_THROW(sim.set(to, "theta", Values(NAN)), ValueError);
  EXPECT_THROW(sim.set(to, "theta", Values(5_mV)), UnitError);
  EXPECT_THROW(sim.set(to, "thetta", 1.0), NameError);
  EXPECT_THROW(sim.set(View{.population = 7, .begin = 0, .end = 1}, "theta", 1.0), Error);
  EXPECT_THROW(sim.set(View{.population = 0, .begin = 0, .end = 9}, "theta", 1.0), Error);
  EXPECT_THROW(sim.get(View{.population = 0, .begin = 0, .end = 9}, "theta"), Error);
  EXPECT_THROW(sim.get(to, "nothing"), NameError);
  EXPECT_EQ(sim.get(to, "theta"), before);
  EXPECT_TRUE(Recording(sim.recording()).changes.empty());
}

TEST(Population, SetDrawsDifferentNumbersForDifferentVariables) {
  Network net(0.1_ms);
  const View to = net.add("to", 3000, rising());
  Simulation sim(net, {.precision = Precision::twofold});
  sim.set(to, "x", Values::normal(0, 1));
  sim.set(to, "I", Values::normal(0, 1));
  const auto x = sim.get(to, "x"), I = sim.get(to, "I");
  double product = 0;
  for (int i = 0; i < 3000; ++i) product += x[i] * I[i] / 3000;
  EXPECT_NEAR(product, 0, 4 / std::sqrt(3000));
}

// More input variables than any fixed table would hold.
TEST(Population, TakesAnyNumberOfInputs) {
  model::ModelText t;
  t.name = "test_wide";
  std::string equations;
  for (int i = 0; i < 80; ++i)
    equations += "dx" + std::to_string(i) + "/dt = 0*x" + std::to_string(i) + "/ms : 1\n";
  t.equations = text(equations);
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 1, model::Model(t));
  for (int i = 0; i < 80; ++i)
    net.connect(list, to, all_to_all(), {.target = "x" + std::to_string(i), .weight = i + 1.0});
  Simulation sim(net);
  sim.run_steps(4);
  for (int i = 0; i < 80; ++i)
    EXPECT_EQ(sim.get(to, "x" + std::to_string(i)), std::vector<double>{i + 1.0});
}

// What a model draws depends on its name, neuron and step, not on who computes it.
TEST(Population, NoiseIsKeyedByNeuronAndStep) {
  model::ModelText t;
  t.name = "test_noise";
  t.equations = text("dx/dt = -x/(10*ms) + xi/sqrt(ms) : 1");
  std::vector<double> first;
  for (int threads : {1, 3}) {
    Network net(0.1_ms);
    const View to = net.add("to", 3000, model::Model(t));
    Simulation sim(net, {.threads = threads});
    sim.run_steps(20);
    sim.run_steps(13);
    const auto x = sim.get(to, "x");
    if (first.empty()) first = x;
    EXPECT_EQ(x, first);
  }
  // Ornstein-Uhlenbeck from 0: variance tau/2 (1 - exp(-2 t/tau)), here with dt = 0.1 steps.
  double square = 0;
  for (double x : first) square += x * x / 3000;
  const double expected = 5 * (1 - std::exp(-2 * 3.3 / 10));
  EXPECT_NEAR(square, expected, 5 * expected * std::sqrt(2.0 / 3000));
}

}  // namespace
}  // namespace callosum
