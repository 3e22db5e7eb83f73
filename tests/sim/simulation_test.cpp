#include "callosum/sim/simulation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/busy_network.h"

// What the front of the engine promises: time, set and get, stopping, what is refused.
namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

/// x rises by I a millisecond, or grows beyond all bounds.
model::Model rising(const std::string& rate = "I/ms") {
  model::ModelText t;
  t.name = "test_rising";
  t.equations = text("dx/dt = " + rate + " : 1\nI : 1\ntwice = 2*x + I : 1");
  t.parameters = {{"I", "1", "", "", {}}};
  t.method = "euler";
  return model::Model(t);
}

TEST(Simulation, CountsWholeSteps) {
  Network net(0.1_ms);
  const View to = net.add("to", 1, rising());
  Simulation sim(net, {.precision = Precision::twofold});
  EXPECT_EQ(sim.step(), 0);
  sim.run(0_ms);
  EXPECT_EQ(sim.step(), 0);
  sim.run(1.3_ms);
  sim.run_steps(2);
  EXPECT_EQ(sim.step(), 15);
  EXPECT_DOUBLE_EQ(sim.time().internal(), 1.5);
  EXPECT_NEAR(sim.get(to, "x")[0], 1.5, 1e-12);
  EXPECT_THROW(sim.run(0.15_ms), ValueError);
  EXPECT_THROW(sim.run(-1_ms), ValueError);
  EXPECT_THROW(sim.run(Quantity(NAN, dimension::time)), ValueError);
  EXPECT_THROW(sim.run(1_mV), UnitError);
  EXPECT_THROW(sim.run_steps(-1), ValueError);
  EXPECT_EQ(sim.step(), 15);
  EXPECT_EQ(sim.statistics().steps, 15);
}

TEST(Simulation, NeedsAThread) {
  Network net(0.1_ms);
  net.add("to", 1, rising());
  for (int threads : {0, -3}) EXPECT_THROW(Simulation(net, {.threads = threads}), ValueError);
}

TEST(Simulation, RunsOnWhenMoved) {
  Network net(0.1_ms);
  const View to = net.add("to", 1, rising());
  Simulation first(net, {.precision = Precision::twofold});
  first.run(1_ms);
  Simulation second(std::move(first));
  second.run(1_ms);
  EXPECT_NEAR(second.get(to, "x")[0], 2, 1e-12);
  EXPECT_EQ(second.network().name(), net.name());
}

TEST(Simulation, SetTakesEffectAtTheNextStepAndIsLogged) {
  Network net(0.1_ms);
  const View to = net.add("to", 2, rising());
  net.record(to, "x");
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(3);
  sim.set(net.slice(to, 1, 2), "x", 5.0);
  EXPECT_EQ(sim.get(to, "x")[1], 5);
  sim.run_steps(2);
  sim.set(to, "I", -1.0);
  sim.run_steps(1);
  const Recording r = sim.recording();
  const std::vector<double> expected{0,   0,   0.1, 0.1, 0.2, 0.2, 0.3,
                                     0.3, 0.4, 5.1, 0.5, 5.2, 0.4, 5.1};
  ASSERT_EQ(r.traces.at(0).values.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(r.traces[0].values[k], expected[k], 1e-12) << k;
  ASSERT_EQ(r.changes.size(), 2u);
  EXPECT_EQ(r.changes[0].step, 3);
  EXPECT_EQ(r.changes[0].population, "to");
  EXPECT_EQ(r.changes[0].parameter, "x");
  EXPECT_EQ(r.changes[0].value, "5");
  EXPECT_EQ(r.changes[1].step, 5);
  EXPECT_EQ(r.changes[1].value, "-1");
}

TEST(Simulation, GivesStatesParametersAndSubexpressionsOfThePresent) {
  Network net(0.1_ms);
  const View to = net.add("to", 3, rising());
  net.stimulate({.kind = Stimulus::Kind::constant, .to = to, .target = "I", .value = 10.0});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(1);
  sim.set(net.slice(to, 2, 3), "I", 3.0);
  EXPECT_EQ(sim.get(to, "I"), (std::vector<double>{1, 1, 3})) << "a parameter's own value";
  const auto twice = sim.get(to, "twice");
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(twice[i], 2 * 1.1 + 10 + (i == 2 ? 3 : 1), 1e-12) << "stimuli included";
}

// Parameters that only the program of constants reads.
TEST(Simulation, SetOfATimeConstantReachesThePropagator) {
  model::ModelText t;
  t.name = "test_decay";
  t.equations = text("dx/dt = -x/tau : 1");
  t.parameters = {{"tau", "10 ms", "", "> 0 ms", {}}};
  t.initial = {{"x", "1", "", "", {}}};
  Network net(0.1_ms);
  const View to = net.add("to", 3, model::Model(t));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(1_ms);
  sim.set(net.slice(to, 0, 1), "tau", 2_ms);
  sim.set(net.slice(to, 2, 3), "tau", 1_ms);
  sim.run(1_ms);
  const auto x = sim.get(to, "x");
  EXPECT_NEAR(x[0], std::exp(-0.1 - 0.5), 1e-14);
  EXPECT_NEAR(x[1], std::exp(-0.1 - 0.1), 1e-14);
  EXPECT_NEAR(x[2], std::exp(-0.1 - 1), 1e-14);
}

TEST(Simulation, InterruptedKeepsTheStepsDone) {
  const Network net = busy::network(3);
  bool stop = true;
  SimulationOptions options{.threads = 2};
  options.progress = [&](const Progress& p) { return p.task != "simulating" || !stop; };
  Simulation sim(net, options);
  EXPECT_THROW(sim.run_steps(100000000), Interrupted);
  const std::int64_t done = sim.step();
  EXPECT_GT(done, 0);
  EXPECT_LT(done, 100000000);
  Simulation whole(net, {});
  whole.run_steps(done);
  busy::expect_same(sim, whole);
  stop = false;
  sim.run_steps(37);
  whole.run_steps(37);
  busy::expect_same(sim, whole);
}

TEST(Simulation, StopsWhileConnectingOnRequest) {
  SimulationOptions options;
  int calls = 0;
  options.progress = [&](const Progress& p) { return p.task != "connecting" || ++calls < 3; };
  EXPECT_THROW(Simulation(busy::network(1), options), Interrupted);
  EXPECT_EQ(calls, 3);
}

TEST(Simulation, TellsProgressFromZeroToTotal) {
  SimulationOptions options;
  std::vector<Progress> told;
  options.progress = [&](const Progress& p) {
    told.push_back(p);
    return true;
  };
  Simulation sim(busy::network(1), options);
  sim.run_steps(50);
  ASSERT_GE(told.size(), 2u);
  for (const Progress& p : told) EXPECT_TRUE(p.done >= 0 && p.done <= p.total * (1 + 1e-12));
  EXPECT_EQ(told.back().task, "simulating");
  EXPECT_EQ(told.back().done, 50);
  EXPECT_EQ(told.back().total, 50);
}

// x' = x^2: the larger x starts, the sooner it blows up.
TEST(Simulation, StopsAtNaNNamingPopulationNeuronVariableAndTime) {
  std::vector<double> start(3000, 0.0);
  start[2049] = 300;
  start[7] = 200;
  Network net(0.1_ms);
  net.add("calm", 10, rising());
  net.add("wild", 3000, rising("x*x/ms - I*x*x*x*1e-30/ms"),
          {.initial = {{"x", Values::array(start, {})}}});
  std::string first;
  for (int threads : {1, 2, 3}) {
    Simulation sim(net, {.threads = threads});
    try {
      sim.run_steps(5000);
      FAIL() << "an infinite state was passed over";
    } catch (const NumericalError& error) {
      EXPECT_EQ(error.detail().where, "population 'wild', neuron 7");
      EXPECT_NE(error.detail().what.find("'x'"), std::string::npos) << error.what();
      EXPECT_NE(error.detail().what.find("25.6 ms"), std::string::npos) << error.what();
      EXPECT_NE(error.detail().got, "") << error.what();
      if (first.empty()) first = error.what();
      EXPECT_EQ(error.what(), first) << threads << " threads";
    }
    EXPECT_LT(sim.step(), 5000);
  }
}

TEST(Simulation, FindsWhatIsNotFiniteAtTheEndOfAShortRun) {
  Network net(0.1_ms);
  net.add("wild", 1, rising("x*x/ms"), {.initial = {{"x", Values(1e30)}}});
  Simulation sim(net);
  try {
    sim.run_steps(4);
    FAIL();
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("infinity"), std::string::npos) << error.what();
  }
}

TEST(Simulation, EstimateIsCloseToWhatIsUsed) {
  for (Precision precision : {Precision::single, Precision::twofold}) {
    const SimulationOptions options{.threads = 2, .precision = precision};
    for (const Network& net : {busy::network(1), busy::network(5, true)}) {
      const Estimate e = estimate(net, options);
      Simulation sim(net, options);
      const RunStatistics s = sim.statistics();
      EXPECT_NEAR(e.synapses, static_cast<double>(s.synapses), 0.03 * e.synapses);
      EXPECT_GT(e.bytes_synapses, 0.95 * s.synapse_bytes);
      EXPECT_LT(e.bytes_synapses, 2 * s.synapse_bytes);
      EXPECT_GE(e.bytes, e.bytes_synapses + e.bytes_neurons);
      EXPECT_NE(e.to_string().find("synapses"), std::string::npos);
    }
  }
}

TEST(Simulation, EstimatesWhatASecondOfRecordingTakes) {
  Network net(0.1_ms);
  const View to = net.add("to", 10, rising());
  net.record(to, "x", 0.5_ms);
  const double expected = estimate(net, {}).bytes_recording_per_second;
  Simulation sim(net);
  sim.run(100_ms);
  EXPECT_NEAR(8.0 * static_cast<double>(Recording(sim.recording()).traces[0].values.size() - 10),
              0.1 * expected, 1e-6);
}

TEST(Simulation, RefusesWhatCannotFitBeforeBuildingIt) {
  Network net(0.1_ms, "huge");
  const View a = net.add("a", 2000000, adder(true));
  net.connect(a, a, all_to_all(), {.target = "a", .weight = Values::uniform(0, 1)});
  try {
    Simulation sim(net);
    FAIL() << "4e12 synapses were accepted";
  } catch (const ResourceError& error) {
    EXPECT_NE(std::string(error.what()).find("huge"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("4e+12 synapses"), std::string::npos) << error.what();
  }
  const Network small = busy::network(1);
  const double bytes = estimate(small, {}).bytes;
  EXPECT_THROW(Simulation(small, {.memory_limit_bytes = 0.99 * bytes}), ResourceError);
  EXPECT_NO_THROW(Simulation(small, {.memory_limit_bytes = 1.01 * bytes}));
}

}  // namespace
}  // namespace callosum
