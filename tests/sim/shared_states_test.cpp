#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "callosum/sim/plastic_code.h"
#include "tests/sim/plastic_oracle.h"

// States of plastic synapses that are kept once a source or a target.
namespace callosum {
namespace {

using namespace callosum::plastic;
using Names = std::vector<std::string>;

const std::map<std::string, Values> strong{{"w_max", 1.0}, {"A_plus", 0.03}, {"A_minus", 0.02}};

model::SharedStates shared(const model::Model& rule, std::map<std::string, Values> parameters) {
  const Network net = Replay(81).network(rule, std::move(parameters));
  return sim::compile_plastic(net, Replay::projection, false).shared;
}

TEST(SharedStates, AreThoseThatOneSideAloneMoves) {
  const auto triplet = shared(library::synapse("stdp_triplet"), {{"w_max", 1.0}});
  EXPECT_EQ(triplet.source, (Names{"r1", "r2"}));
  EXPECT_EQ(triplet.target, (Names{"o1", "o2"}));
  const auto bcm = shared(library::synapse("bcm"), {{"w_max", 1.0}});
  EXPECT_EQ(bcm.source, (Names{"x"}));
  EXPECT_EQ(bcm.target, (Names{"theta", "y"}));
}

TEST(SharedStates, AreNotThoseThatDependOnThePair) {
  const auto rule = [](const char* equations, const char* on_pre, const char* on_post) {
    return shared(accumulators::synapse(equations, on_pre, on_post), {});
  };
  const char* x = "dx/dt = -x/(20*ms) : 1 (event-driven)";
  EXPECT_EQ(rule(x, "target += weight\nx += 1", "weight += x").source, (Names{"x"}));
  EXPECT_TRUE(rule(x, "target += weight\nx += weight", "weight += x").source.empty());
  EXPECT_TRUE(rule(x, "target += weight\nx += b_post", "weight += x").source.empty());
  EXPECT_TRUE(rule(x, "target += weight\nx += 1", "weight += x\nx = 0").source.empty());
  EXPECT_EQ(rule(x, "target += weight", "x += b_post\nweight += x").target, (Names{"x"}));
  // Where a constant drives it, it matters how far the target's spikes have to go.
  EXPECT_TRUE(
      rule("dx/dt = (1 - x)/(20*ms) : 1 (event-driven)", "target += weight", "x += 1\nweight += x")
          .target.empty());
  // One that another depends on between events.
  EXPECT_TRUE(rule("dx/dt = -x/(20*ms) : 1 (event-driven)\n"
                   "dy/dt = (x - y)/(20*ms) : 1 (event-driven)",
                   "target += weight\nx += 1", "weight += y")
                  .source.empty());
  // Drawn for each synapse.
  EXPECT_TRUE(shared(accumulators::synapse(x, "target += weight\nx += 1", "weight += x"),
                     {{"x", Values::uniform(0.0, 1.0)}})
                  .source.empty());
}

TEST(SharedStates, BecomeTheSynapsesOwnWhenTheyAreSetOneByOne) {
  const Replay replay(82);
  const auto forgets = [](std::int64_t when) {
    return [when](Synapse& s, bool is_post, std::int64_t now) {
      if (now > when)
        for (Train* train : {&s.pre, &s.post})
          std::erase_if(train->times, [&](std::int64_t t) { return t <= when; });
      s.happens(is_post, now);
      if (!is_post) s.delivered = s.weight;
      s.weight = clip(
          s.weight + (is_post ? 0.03 * s.pre.all(now, 20) : -0.02 * s.post.all(now, 20)), 0, 1);
    };
  };
  Simulation sim(replay.network(library::synapse("stdp_additive"), strong),
                 {.precision = Precision::twofold});
  sim.run_steps(4000);
  const auto once = sim.get_synapses(Replay::projection, "weight");
  sim.run_steps(1001);
  for (const char* trace : {"apre", "apost"}) {
    const auto before = sim.get_synapses(Replay::projection, "weight");
    sim.set_synapses(Replay::projection, trace, 0.0);
    for (const double x : sim.get_synapses(Replay::projection, trace)) ASSERT_EQ(x, 0);
    EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") == before);
  }
  const std::string file = testing::TempDir() + "callosum_shared_" + std::to_string(getpid());
  sim.save(file);
  Simulation resumed =
      Simulation::resume(file, replay.network(library::synapse("stdp_additive"), strong),
                         {.threads = 2, .precision = Precision::twofold});
  std::remove(file.c_str());
  for (Simulation* s : {&sim, &resumed}) s->run_steps(replay.steps - 5001);
  const auto expected = replay.oracle(forgets(5001));
  EXPECT_LT(distance(sim.get_synapses(Replay::projection, "weight"), expected.weights), 1e-12);
  EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") ==
              resumed.get_synapses(Replay::projection, "weight"));
  // A reset shares them again: the run is what it was, to the bit.
  sim.reset(Reset::all);
  sim.run_steps(4000);
  EXPECT_TRUE(sim.get_synapses(Replay::projection, "weight") == once);
}

TEST(SharedStates, OfSilentNeuronsAreKnownLongAfterTheirSpikesAreForgotten) {
  Replay replay(83);
  replay.steps = 30000;
  replay.pre = {{50, 0}, {29000, 0}};
  replay.post.clear();
  for (std::uint32_t i = 0; i < replay.targets; ++i) replay.post.emplace_back(100 + i, i);
  const std::map<std::string, Values> slow{
      {"w_max", 1.0}, {"A_plus", 0.03}, {"A_minus", 0.02}, {"tau_minus", 20_s}};
  for (const double dendritic : {-1.0, 0.5}) {
    Simulation sim(replay.network(library::synapse("stdp_additive"), slow, dendritic),
                   {.precision = Precision::twofold});
    sim.run_steps(replay.steps);
    const auto expected = replay.oracle(
        [](Synapse& s, bool is_post, std::int64_t now) {
          s.happens(is_post, now);
          s.weight = clip(
              s.weight + (is_post ? 0.03 * s.pre.all(now, 20) : -0.02 * s.post.all(now, 20000)), 0,
              1);
        },
        dendritic);
    EXPECT_LT(distance(sim.get_synapses(Replay::projection, "weight"), expected.weights), 1e-12)
        << dendritic;
  }
}

}  // namespace
}  // namespace callosum
