#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "callosum/sim/turnover.h"
#include "tests/sim/plastic_oracle.h"

// Synapses that are removed and grown while the network runs.
namespace callosum {
namespace {

using namespace callosum::plastic;

const std::map<std::string, Values> strong{{"w_max", 1.0}, {"A_plus", 0.03}, {"A_minus", 0.02}};
constexpr std::uint32_t learning = Replay::projection;

RuleOracle additive_from(std::int64_t start) {
  return [start](Synapse& s, bool is_post, std::int64_t now) {
    s.happens(is_post, now);
    s.delivered = is_post || now <= start ? 0 : s.weight;
    if (now > start)
      s.weight = clip(
          s.weight + (is_post ? 0.03 * s.pre.all(now, 20) : -0.02 * s.post.all(now, 20)), 0, 1);
  };
}

std::vector<bool> every(std::size_t number, std::size_t n) {
  std::vector<bool> which(n);
  for (std::size_t k = 0; k < n; ++k) which[k] = k % number == 0;
  return which;
}

/// New partners for synapses: over the delay of one that their source has already.
SynapseList partners(const Simulation& sim, std::size_t number, std::uint32_t targets) {
  const SynapseList all = sim.synapses(learning);
  SynapseList grown;
  for (std::size_t k = 0; k < all.sources.size(); k += number) {
    grown.sources.push_back(all.sources[k]);
    grown.targets.push_back((all.targets[k] + 7) % targets);
    grown.delays.push_back(all.delays[k]);
  }
  return grown;
}

double final_sum(const std::vector<double>& b, const Replay& replay, std::uint32_t target) {
  return b[static_cast<std::size_t>(replay.steps) * replay.targets + target];
}

TEST(RewiredSynapses, ThatStayLearnToTheBitWhatTheyWouldHaveLearned) {
  const Replay replay(71);
  Simulation cut(replay.network(library::synapse("stdp_additive"), strong)),
      whole(replay.network(library::synapse("stdp_additive"), strong));
  cut.run_steps(5000);
  const auto removed = every(3, cut.get_synapses(learning, "weight").size());
  cut.rewire_synapses(learning, removed);
  cut.run_steps(7000);
  whole.run_steps(12000);
  for (const char* variable : {"weight", "apre", "apost"}) {
    std::vector<double> expected;
    const auto all = whole.get_synapses(learning, variable);
    for (std::size_t k = 0; k < all.size(); ++k)
      if (!removed[k]) expected.push_back(all[k]);
    EXPECT_TRUE(cut.get_synapses(learning, variable) == expected) << variable;
  }
  EXPECT_EQ(cut.statistics().synapses + (removed.size() + 2) / 3, whole.statistics().synapses);
}

TEST(RewiredSynapses, DeliverUntilTheyAreRemovedAndNothingAfterwards) {
  const Replay replay(72);
  Simulation sim(replay.network(library::synapse("stdp_additive"), strong),
                 {.precision = Precision::twofold});
  sim.run_steps(5000);
  sim.rewire_synapses(learning, every(1, replay.synapses.sources.size()));
  EXPECT_TRUE(sim.get_synapses(learning, "weight").empty());
  sim.run_steps(7000);
  Replay before = replay;
  before.steps = 5000;
  const auto expected = before.oracle(additive_from(-1));
  const auto b = Recording(sim.recording()).traces.at(0).values;
  double largest = 0;
  for (std::uint32_t i = 0; i < replay.targets; ++i) {
    largest = std::max(largest, expected.sums[i]);
    EXPECT_NEAR(final_sum(b, replay, i), expected.sums[i], 1e-11) << i;
  }
  EXPECT_GT(largest, 1);
}

TEST(RewiredSynapses, ThatAreGrownShareTheTracesOfTheirNeurons) {
  const Replay replay(73);
  Simulation sim(replay.network(library::synapse("stdp_additive"), strong),
                 {.precision = Precision::twofold});
  sim.run_steps(5000);
  const std::size_t before = replay.synapses.sources.size();
  const SynapseList grown = partners(sim, 5, replay.targets);
  sim.rewire_synapses(learning, {}, grown, 0.5);
  sim.run_steps(7000);
  // An oracle that knows all spikes of both sides from the start.
  Replay added = replay;
  added.synapses.sources = grown.sources;
  added.synapses.targets = grown.targets;
  added.synapses.delays.assign(grown.delays.begin(), grown.delays.end());
  added.synapses.weights.assign(grown.sources.size(), 0.5);
  const auto old = replay.oracle(additive_from(-1)), fresh = added.oracle(additive_from(5000));
  std::multiset<double> expected(old.weights.begin(), old.weights.end());
  expected.insert(fresh.weights.begin(), fresh.weights.end());
  auto got = sim.get_synapses(learning, "weight");
  ASSERT_EQ(got.size(), before + grown.sources.size());
  std::sort(got.begin(), got.end());
  EXPECT_LT(distance(got, {expected.begin(), expected.end()}), 1e-12);
  EXPECT_GT(distance(fresh.weights, std::vector<double>(fresh.weights.size(), 0.5)), 0.01);
  const auto b = Recording(sim.recording()).traces.at(0).values;
  for (std::uint32_t i = 0; i < replay.targets; ++i)
    EXPECT_NEAR(final_sum(b, replay, i), old.sums[i] + fresh.sums[i], 1e-11) << i;
}

// Excitatory cells that learn and fire each other.
Network recurrent(const Rule& rule, const Values& weight, const Values& delay) {
  Network net(0.1_ms, "recurrent");
  const View cells = net.add("cells", 1500, library::neuron("lif_psc_exp"));
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .to = cells,
                 .target = "I_ex",
                 .value = 200_pA,
                 .rate = 2000_Hz});
  net.connect(cells, cells, rule,
              {.target = "I_ex",
               .weight = weight,
               .delay = delay,
               .model = library::synapse("stdp_additive"),
               .parameters = {{"w_max", 120_pA}},
               .name = "learning"});
  net.record_spikes(cells);
  return net;
}

std::vector<double> edited(Simulation& sim) {
  const std::size_t number = sim.get_synapses(0, "weight").size();
  SynapseList grown;
  for (std::uint32_t k = 0; k < 900; ++k) {
    grown.sources.push_back(k * 7 % 1500);
    grown.targets.push_back(k * 11 % 1500);
    grown.delays.push_back(15);
  }
  sim.rewire_synapses(0, every(4, number), grown, 100_pA);
  return sim.get_synapses(0, "weight");
}

TEST(RewiredSynapses, FireTheSpikesOfANetworkThatIsBuiltFromTheEditedList) {
  Simulation sim(recurrent(fixed_probability(0.02), 60_pA, 1.5_ms));
  const auto weights = edited(sim);
  const SynapseList list = sim.synapses(0);
  Simulation built(recurrent(pairs(list.sources, list.targets),
                             Values::array(weights, (1_pA).dimension), 1.5_ms));
  Simulation unchanged(recurrent(fixed_probability(0.02), 60_pA, 1.5_ms));
  for (Simulation* s : {&sim, &built, &unchanged}) s->run(200_ms);
  EXPECT_GT(sim.statistics().spikes, 1000u);
  EXPECT_EQ(sim.statistics().spike_hash, built.statistics().spike_hash);
  EXPECT_NE(sim.statistics().spike_hash, unchanged.statistics().spike_hash);
  EXPECT_TRUE(sim.get_synapses(0, "weight") == built.get_synapses(0, "weight"));
  EXPECT_FALSE(sim.get_synapses(0, "weight") == weights);
}

TEST(RewiredSynapses, AreTheSameToTheBitForAnyNumberOfThreadsAndAcrossACheckpoint) {
  const Network net = recurrent(fixed_probability(0.02), 60_pA, 1.5_ms);
  const auto turn = [](Simulation& sim) {
    return turn_over(sim, 0, {.below = 59.5_pA, .weight = Values::uniform(50_pA, 70_pA)});
  };
  std::vector<double> weights;
  std::uint64_t hash = 0;
  for (const int threads : {1, 2, 3, 7}) {
    Simulation sim(net, {.threads = threads});
    for (int k = 0; k < 3; ++k) {
      sim.run(50_ms);
      const auto done = turn(sim);
      EXPECT_GT(done.removed, 0u);
      EXPECT_EQ(done.grown, done.removed);
    }
    if (threads == 2) {
      const std::string file = testing::TempDir() + "callosum_rewire_" + std::to_string(getpid());
      sim.save(file);
      Simulation second = Simulation::resume(file, net, {.threads = 3});
      std::remove(file.c_str());
      second.run(50_ms);
      EXPECT_EQ(second.statistics().spike_hash, hash);
      EXPECT_TRUE(second.get_synapses(0, "weight") == weights);
    }
    sim.run(50_ms);
    if (threads == 1) {
      weights = sim.get_synapses(0, "weight");
      hash = sim.statistics().spike_hash;
    }
    EXPECT_EQ(sim.statistics().spike_hash, hash) << threads;
    EXPECT_TRUE(sim.get_synapses(0, "weight") == weights) << threads;
  }
}

TEST(RewiredSynapses, AreWeakNoMoreAfterATurnover) {
  Simulation sim(recurrent(fixed_probability(0.02), Values::uniform(40_pA, 80_pA), 1.5_ms));
  const std::size_t number = sim.get_synapses(0, "weight").size();
  const auto done = turn_over(sim, 0, {.below = 50_pA, .weight = 60_pA});
  EXPECT_NEAR(static_cast<double>(done.removed), 0.25 * static_cast<double>(number),
              4 * std::sqrt(0.1875 * static_cast<double>(number)));
  const auto weights = sim.get_synapses(0, "weight");
  EXPECT_EQ(weights.size(), number);
  for (const double w : weights) ASSERT_GE(w, 50);
  const SynapseList list = sim.synapses(0);
  std::set<std::pair<std::uint32_t, std::uint32_t>> known;
  for (std::size_t k = 0; k < list.sources.size(); ++k)
    ASSERT_TRUE(known.insert({list.sources[k], list.targets[k]}).second);
}

TEST(RewiredSynapses, BeginAnewAsTheyWereWiredLast) {
  Simulation sim(recurrent(fixed_probability(0.02), 60_pA, 1.5_ms));
  const auto weights = edited(sim);
  sim.run(50_ms);
  const auto learned = sim.get_synapses(0, "weight");
  sim.reset(Reset::all);
  EXPECT_TRUE(sim.get_synapses(0, "weight") == weights);
  sim.run(50_ms);
  EXPECT_TRUE(sim.get_synapses(0, "weight") == learned);
}

TEST(RewiredSynapses, AreRefusedWhereTheyCannotBe) {
  const Replay replay(74);
  Network net = replay.network(library::synapse("stdp_additive"), strong);
  Simulation sim(net);
  const auto weights = sim.get_synapses(learning, "weight");
  EXPECT_THROW(sim.rewire_synapses(learning, {true}), ShapeError);
  EXPECT_THROW(sim.rewire_synapses(learning, {}, {{0}, {0}, {}}), ShapeError);
  EXPECT_THROW(sim.rewire_synapses(learning, {}, {{12}, {0}, {5}}), ValueError);
  EXPECT_THROW(sim.rewire_synapses(learning, {}, {{0}, {25}, {5}}), ValueError);
  EXPECT_THROW(sim.rewire_synapses(learning, {}, {{0}, {0}, {4000}}), ValueError);
  EXPECT_THROW(sim.rewire_synapses(learning, {}, {{0}, {0}, {5}}, 1_mV), UnitError);
  EXPECT_THROW(sim.rewire_synapses(0, {}), UnsupportedError);
  EXPECT_THROW(turn_over(sim, learning, {.below = 1_mV}), UnitError);
  EXPECT_TRUE(sim.get_synapses(learning, "weight") == weights);
  net.record_weights(learning, 100_ms);
  Simulation recorded(net);
  EXPECT_THROW(recorded.rewire_synapses(learning, {}, {{0}, {0}, {5}}), UnsupportedError);
}

}  // namespace
}  // namespace callosum
