#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "callosum/sim/post_history.h"
#include "tests/sim/plastic_oracle.h"

// What a simulation promises of plastic projections, whatever the rule.
namespace callosum {
namespace {

using namespace callosum::plastic;

model::Model additive() { return library::synapse("stdp_additive"); }
const std::map<std::string, Values> strong{{"w_max", 1.0}, {"A_plus", 0.03}, {"A_minus", 0.02}};

/// The same rule with lines of its own in the model file.
model::Model with_line(const std::string& key, const std::string& value) {
  model::ModelText t = additive().text();
  if (key == "coincidence") t.coincidence = value;
  if (key == "updates") t.updates = value;
  return model::Model(t);
}

RuleOracle oracle_of_additive() {
  return [](Synapse& s, bool is_post, std::int64_t now) {
    s.happens(is_post, now);
    if (!is_post) s.delivered = s.weight;
    s.weight =
        clip(s.weight + (is_post ? 0.03 * s.pre.all(now, 20) : -0.02 * s.post.all(now, 20)), 0, 1);
  };
}

TEST(PlasticSynapses, AreTheSameToTheBitForAnyNumberOfThreads) {
  const Replay replay(41, 40, 2300, 20000, 5000, 0.003);
  Network net = replay.network(additive(), strong, 0.5);
  net.record_weights(Replay::projection, 100_ms);
  std::vector<double> weights, recorded, states;
  for (const int threads : {1, 2, 3, 7}) {
    Simulation sim(net, {.threads = threads});
    sim.run_steps(replay.steps);
    const auto w = sim.get_synapses(Replay::projection, "weight");
    const auto r = Recording(sim.recording()).weights.at(0).values;
    const auto b = Recording(sim.recording()).traces.at(0).values;
    if (threads == 1) {
      weights = w;
      recorded = r;
      states = b;
      EXPECT_GT(distance(w, sim.get_synapses(Replay::projection, "apre")), 0);
    }
    EXPECT_TRUE(w == weights) << threads;
    EXPECT_TRUE(r == recorded) << threads;
    EXPECT_TRUE(b == states) << threads;
  }
}

TEST(PlasticSynapses, AreNotChangedByLookingAtThem) {
  const Replay replay(42);
  Network watched = replay.network(additive(), strong);
  watched.record_weights(Replay::projection, 0.1_ms);
  Simulation a(replay.network(additive(), strong)), b(watched);
  a.run_steps(9000);
  for (int k = 0; k < 9; ++k) {
    b.run_steps(1000);
    b.get_synapses(Replay::projection, "apre");
    b.get_synapses(Replay::projection, "weight");
  }
  EXPECT_TRUE(a.get_synapses(Replay::projection, "weight") ==
              b.get_synapses(Replay::projection, "weight"));
  EXPECT_TRUE(a.get_synapses(Replay::projection, "apost") ==
              b.get_synapses(Replay::projection, "apost"));
  EXPECT_TRUE(Recording(a.recording()).traces.at(0).values ==
              Recording(b.recording()).traces.at(0).values);
}

TEST(PlasticSynapses, ShowTheirWeightAtEveryMomentAsTheOracleHasIt) {
  Replay replay(43);
  Network net = replay.network(additive(), strong);
  net.record_weights(Replay::projection, 50_ms);
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(replay.steps);
  const auto values = Recording(sim.recording()).weights.at(0).values;
  const std::size_t n = replay.synapses.sources.size();
  ASSERT_EQ(values.size(), n * 25);
  for (std::size_t sample = 0; sample <= 24; sample += 6) {
    Replay cut = replay;
    cut.steps = static_cast<std::int64_t>(sample) * 500;
    const auto expected = cut.oracle(oracle_of_additive());
    const std::vector<double> now(values.begin() + static_cast<std::ptrdiff_t>(sample * n),
                                  values.begin() + static_cast<std::ptrdiff_t>((sample + 1) * n));
    EXPECT_LT(distance(now, expected.weights), 1e-12) << sample;
  }
}

TEST(PlasticSynapses, LeaveWeightsUntouchedToTheBitWhileFrozenAndTracesRunOn) {
  const Replay replay(44);
  Simulation sim(replay.network(additive(), strong)), free(replay.network(additive(), strong));
  const auto initial = sim.get_synapses(Replay::projection, "weight");
  sim.freeze(Replay::projection);
  sim.run_steps(5000);
  free.run_steps(5000);
  EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") == initial);
  EXPECT_FALSE(free.get_synapses(Replay::projection, "weight") == initial);
  EXPECT_LT(distance(sim.get_synapses(Replay::projection, "apre"),
                     free.get_synapses(Replay::projection, "apre")),
            1e-5);
  // Set free in mid-run: only what comes after changes them.
  sim.freeze(Replay::projection, false);
  sim.run_steps(5000);
  const auto after = sim.get_synapses(Replay::projection, "weight");
  EXPECT_GT(distance(after, initial), 0.01);
  sim.freeze(Replay::projection);
  sim.run_steps(5000);
  EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") == after);
}

TEST(PlasticSynapses, ThatAreFrozenForAWhileAgreeWithAnOracleThatSkipsTheWhile) {
  const Replay replay(45);
  Simulation sim(replay.network(additive(), strong), {.precision = Precision::twofold});
  sim.run_steps(6000);
  sim.freeze(Replay::projection);
  sim.run_steps(3001);
  sim.freeze(Replay::projection, false);
  sim.run_steps(replay.steps - 9001);
  const RuleOracle rule = oracle_of_additive();
  const auto expected = replay.oracle([&](Synapse& s, bool is_post, std::int64_t now) {
    const double before = s.weight;
    rule(s, is_post, now);
    if (now > 6000 && now <= 9001) s.weight = before;
  });
  EXPECT_LT(distance(sim.get_synapses(Replay::projection, "weight"), expected.weights), 1e-12);
}

TEST(PlasticSynapses, MayLetTheTargetsSpikeComeFirst) {
  // Every spike meets one of the other side: what comes first at equal time decides all.
  Replay replay(46);
  for (auto& d : replay.synapses.delays) d = 6;
  replay.post.clear();
  for (const auto& [step, neuron] : replay.pre)
    for (std::uint32_t i = 0; i < replay.targets; ++i)
      if ((neuron + i) % 5 == 0) replay.post.emplace_back(step, i);
  std::sort(replay.post.begin(), replay.post.end());
  replay.post.erase(std::unique(replay.post.begin(), replay.post.end()), replay.post.end());
  // Half of the way is dendrite: spikes emitted together meet at the synapse.
  std::vector<std::vector<double>> weights;
  for (const std::string first : {"pre_first", "post_first"}) {
    Simulation sim(replay.network(with_line("coincidence", first), strong, 0.3),
                   {.precision = Precision::twofold});
    sim.run_steps(replay.steps);
    weights.push_back(sim.get_synapses(Replay::projection, "weight"));
    const auto expected = replay.oracle(oracle_of_additive(), 0.3, first == "post_first");
    EXPECT_LT(distance(weights.back(), expected.weights), 1e-12) << first;
  }
  EXPECT_GT(distance(weights[0], weights[1]), 0.01);
}

TEST(PlasticSynapses, ThatDeferShowWhatTheLastPresynapticSpikeLeft) {
  Replay replay(47);
  replay.pre = {{100, 0}, {300, 0}};
  replay.post.clear();
  for (std::uint32_t i = 0; i < replay.targets; ++i) replay.post.emplace_back(150, i);
  const auto weights = [&](const std::string& updates, std::int64_t steps) {
    Simulation sim(replay.network(with_line("updates", updates), strong));
    sim.run_steps(steps);
    return sim.get_synapses(Replay::projection, "weight");
  };
  EXPECT_FALSE(weights("immediate", 200) == weights("immediate", 140));
  EXPECT_TRUE(weights("deferred", 200) == weights("deferred", 140));
  EXPECT_TRUE(weights("deferred", 400) == weights("immediate", 400));
}

TEST(PlasticSynapses, BeginAnewAfterAReset) {
  const Replay replay(48);
  Simulation sim(replay.network(additive(), strong));
  sim.run_steps(4000);
  const auto once = sim.get_synapses(Replay::projection, "weight");
  const auto b = Recording(sim.recording()).traces.at(0).values;
  sim.run_steps(1234);
  sim.reset(Reset::all);
  sim.run_steps(4000);
  EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") == once);
  EXPECT_TRUE(Recording(sim.recording()).traces.at(0).values == b);
}

TEST(PlasticSynapses, GoOnFromACheckpointToTheSameBits) {
  const Replay replay(56, 20, 2300, 6000, 9500, 0.003);
  Network net = replay.network(
      accumulators::synapse("dx/dt = -x/(20*ms) : 1 (event-driven)", "target += weight\nx += 1",
                            "weight += 0.01*x*(1 + 0.1*b_post)"),
      {}, 0.7);
  net.record_weights(Replay::projection, 100_ms);
  Simulation whole(net);
  whole.run_steps(4444);
  whole.freeze(Replay::projection);
  whole.run_steps(1000);
  whole.freeze(Replay::projection, false);
  whole.run_steps(replay.steps - 5444);
  Simulation first(net, {.threads = 3});
  first.run_steps(4444);
  first.freeze(Replay::projection);
  first.run_steps(17);
  const std::string file = testing::TempDir() + "callosum_plastic_" + std::to_string(getpid());
  first.save(file);
  Simulation second = Simulation::resume(file, net, {.threads = 2});
  second.run_steps(983);
  second.freeze(Replay::projection, false);
  second.run_steps(3001);
  second.save(file);
  Simulation third = Simulation::resume(file, net, {});
  std::remove(file.c_str());
  third.run_steps(replay.steps - 8445);
  for (const char* variable : {"weight", "x"})
    EXPECT_TRUE(third.get_synapses(Replay::projection, variable) ==
                whole.get_synapses(Replay::projection, variable))
        << variable;
  EXPECT_TRUE(Recording(third.recording()).weights.at(0).values ==
              Recording(whole.recording()).weights.at(0).values);
  EXPECT_TRUE(Recording(third.recording()).traces.at(0).values ==
              Recording(whole.recording()).traces.at(0).values);
  EXPECT_EQ(third.statistics().plastic_updates, whole.statistics().plastic_updates);
}

TEST(PlasticHistory, CountsOnlySpikesThatWereWhateverTheSignOfTheirTime) {
  sim::PostHistory<double> history(1, 0);
  history.add(0, 3, nullptr);
  history.add(0, 8, nullptr);
  EXPECT_EQ(history.since(0, 0), 2);
  EXPECT_EQ(history.since(0, 4), 1);
  history.restart_at(100);
  EXPECT_EQ(history.since(0, -97), 2);
  EXPECT_EQ(history.since(0, -96), 1);
  EXPECT_EQ(history.since(0, -50), 0);
  EXPECT_EQ(history.size(0), 2u);
}

TEST(PlasticSynapses, KeepTheirWeightsThroughAResetOfTheState) {
  const Replay replay(49);
  Simulation sim(replay.network(additive(), strong));
  sim.run_steps(4000);
  const auto learned = sim.get_synapses(Replay::projection, "weight");
  sim.reset(Reset::state | Reset::time);
  EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") == learned);
  for (const double x : sim.get_synapses(Replay::projection, "apre")) ASSERT_EQ(x, 0);
}

TEST(PlasticSynapses, TakeNewWeights) {
  const Replay replay(50);
  Simulation sim(replay.network(additive(), strong));
  sim.run_steps(1000);
  sim.set_synapses(Replay::projection, "weight", 0.25);
  for (const double x : sim.get_synapses(Replay::projection, "weight")) ASSERT_EQ(x, 0.25);
  EXPECT_THROW(sim.set_synapses(Replay::projection, "weight", 1_mV), UnitError);
  EXPECT_THROW(sim.set_synapses(Replay::projection, "weight", Values::array({1.0}, {})),
               ShapeError);
  EXPECT_THROW(sim.get_synapses(Replay::projection, "weigth"), NameError);
  EXPECT_THROW(sim.get_synapses(0, "weight"), UnsupportedError);
  EXPECT_THROW(sim.get_synapses(7, "weight"), ValueError);
}

// Two variables that drive each other: no product of exponentials will do.
TEST(PlasticSynapses, MoveCoupledStatesByTheirPropagator) {
  const Replay replay(51);
  const model::Model rule = accumulators::synapse(
      "dx/dt = -x/(20*ms) : 1 (event-driven)\n"
      "dy/dt = (x - y)/(20*ms) : 1 (event-driven)\n"
      "dz/dt = (y + 0.5 - z)/(35*ms) : 1 (event-driven)",
      "target += weight\nx += 1", "weight += 0.01*z");
  Simulation sim(replay.network(rule, {}), {.precision = Precision::twofold});
  sim.run_steps(replay.steps);
  // y from a spike at 0 is (t/tau) exp(-t/tau); z its convolution, by partial fractions.
  const auto z_of_spike = [](double t) {
    const double a = 1 / 20.0, c = 1 / 35.0, r = c - a;
    return c * a * (t * std::exp(-a * t) / r - (std::exp(-a * t) - std::exp(-c * t)) / (r * r));
  };
  const auto expected = replay.oracle([&](Synapse& s, bool is_post, std::int64_t now) {
    if (is_post) {
      double z = 0.5 * -std::expm1(-0.1 * static_cast<double>(now) / 35);
      for (const std::int64_t t : s.pre.times) z += z_of_spike(0.1 * static_cast<double>(now - t));
      s.weight += 0.01 * z;
    }
    s.delivered = s.weight;
    s.happens(is_post, now);
  });
  EXPECT_LT(distance(sim.get_synapses(Replay::projection, "weight"), expected.weights), 1e-11);
}

TEST(PlasticSynapses, ReadTheirTargetWhereItsSpikeWasFound) {
  Replay replay(52);
  const model::Model rule = accumulators::synapse("dx/dt = -x/(20*ms) : 1 (event-driven)",
                                                  "target += 1\nx = b_post", "weight = b_post");
  for (auto& d : replay.synapses.delays) d = 1;
  Simulation sim(replay.network(rule, {}), {.precision = Precision::twofold});
  sim.run_steps(replay.steps);
  const auto b = Recording(sim.recording()).traces.at(0).values;
  const auto weights = sim.get_synapses(Replay::projection, "weight");
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const std::uint32_t target = replay.synapses.targets[k];
    std::int64_t last = -1;
    for (const auto& [step, neuron] : replay.post)
      if (neuron == target && step > 1) last = step;
    ASSERT_EQ(weights[k], b[static_cast<std::size_t>(last) * replay.targets + target]);
  }
}

template <class E>
void expect_refusal(const Network& net, const std::string& part) {
  try {
    Simulation sim(net);
    FAIL() << "not refused: " << part;
  } catch (const E& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(PlasticSynapses, RefuseWhatCannotBe) {
  const Replay replay(53);
  const auto rule = [](const char* equations, const char* on_pre, const char* on_post) {
    return accumulators::synapse(equations, on_pre, on_post);
  };
  const char* trace = "dx/dt = -x/(20*ms) : 1 (event-driven)";
  expect_refusal<UnsupportedError>(
      replay.network(rule("dx/dt = -x**2/ms : 1 (event-driven)", "target += weight", "x += 1"), {}),
      "not linear");
  expect_refusal<UnsupportedError>(
      replay.network(rule("dx/dt = -x/ms : 1", "target += weight", "x += 1"), {}), "event-driven");
  expect_refusal<UnsupportedError>(
      replay.network(rule(trace, "target += weight", "a_post += 1"), {}), "adds nothing");
  expect_refusal<UnsupportedError>(replay.network(rule(trace, "a_post = weight", "x += 1"), {}),
                                   "only add");
  expect_refusal<UnsupportedError>(
      replay.network(rule(trace, "target += weight", "x += rand()"), {}), "draw");
  expect_refusal<ValueError>(replay.network(additive(), {{"w_max", 1.0}, {"w_min", 2.0}}), "bound");
  expect_refusal<UnsupportedError>(replay.network(with_line("coincidence", "post_first"), strong),
                                   "dendrit");
}

TEST(PlasticSynapses, RefuseWhatDoesNotFitWhereItIsSaid) {
  const Replay replay(54);
  EXPECT_THROW(replay.network(additive(), {}), Error);  // w_max is missing
  EXPECT_THROW(replay.network(additive(), {{"w_max", 1_mV}}), UnitError);
  EXPECT_THROW(replay.network(additive(), {{"w_max", 1.0}, {"tau_plus", -20_ms}}), ValueError);
  EXPECT_THROW(replay.network(additive(), strong, 0.123), ValueError);  // off the grid
  Network net(0.1_ms);
  const View to = net.add("to", 3, accumulators::adder(true));
  EXPECT_THROW(net.connect(to, to, all_to_all(), {.target = "b", .dendritic_delay = 0.1_ms}),
               UnsupportedError);
  EXPECT_THROW(model::read_model_text("kind = \"synapse\"\nupdates = \"late\"", "x.toml"), Error);
}

}  // namespace
}  // namespace callosum
