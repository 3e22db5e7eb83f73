#include <gtest/gtest.h>

#include "tests/sim/plastic_oracle.h"

// Synapses that read a variable of another population: a neuromodulator, an astrocyte, an error.
namespace callosum {
namespace {

using namespace callosum::plastic;

/// Reward-modulated STDP with its reward linked instead of read from the target.
model::Model linked_rule() {
  model::ModelText t = library::synapse("stdp_reward").text();
  t.equations.text += "\nreward : 1 (linked)";
  for (model::SourceText* s : {&t.on_pre, &t.on_post})
    for (std::size_t at; (at = s->text.find("reward_post")) != std::string::npos;)
      s->text.erase(at + 6, 5);
  return model::Model(t);
}
/// A concentration that falls from 1 with 400 ms and takes what arrives at `c`.
model::Model pool() {
  model::ModelText t;
  t.name = "pool";
  t.equations = accumulators::text("dc/dt = -c/(400*ms) : 1");
  t.initial.push_back({.name = "c", .value = "1"});
  return model::Model(t);
}
const std::map<std::string, Values> strong{{"w_max", 1.5}, {"eta", 0.05}};

/// The replay's network with another rule on its plastic projection.
Network with_rule(const Replay& replay, const model::Model& rule,
                  const std::function<std::map<std::string, Link>(Network&)>& links) {
  Network net = replay.network(library::synapse("stdp_additive"), {{"w_max", 1.5}});
  const Projection p = net.projections()[Replay::projection];
  SynapseOptions o = p.synapse;
  o.model = rule;
  o.parameters = strong;
  o.links = links(net);
  net.replace(Replay::projection, p.from, p.to, p.rule, o);
  return net;
}
Network from_one_pool(const Replay& replay) {
  return with_rule(replay, linked_rule(), [](Network& net) {
    return std::map<std::string, Link>{{"reward", {net.add("pool", 1, pool()), "c"}}};
  });
}

// What is linked is as it was at the start of the step.
void by_the_link(Synapse& s, bool is_post, std::int64_t now) {
  rewarded(s, is_post, now, std::exp(-0.1 * static_cast<double>(now - 1) / 400));
}

TEST(ThirdFactor, OfAnotherPopulationActsAsTheOracleHasIt) {
  const Replay replay(34);
  Simulation sim(from_one_pool(replay), {.precision = Precision::twofold});
  sim.run_steps(replay.steps);
  const auto weights = sim.get_synapses(Replay::projection, "weight");
  EXPECT_LT(distance(weights, replay.oracle(by_the_link).weights), 1e-12);
  EXPECT_GT(distance(weights, replay.synapses.weights), 0.05) << "nothing was learned";
}

TEST(ThirdFactor, GivesTheSameBitsForAnyNumberOfThreadsAndAcrossACheckpoint) {
  const Replay replay(35, 40, 2300, 20000, 4000, 0.003);
  const std::string file = testing::TempDir() + "third_factor.checkpoint";
  std::vector<double> weights;
  for (const int threads : {1, 2, 3, 7}) {
    Simulation first(from_one_pool(replay), {.threads = threads});
    first.run_steps(1777);
    first.save(file);
    Simulation sim = Simulation::resume(file, from_one_pool(replay), {.threads = 8 - threads});
    sim.run_steps(replay.steps - 1777);
    const auto w = sim.get_synapses(Replay::projection, "weight");
    if (threads == 1) weights = w;
    EXPECT_TRUE(w == weights) << threads;
  }
  std::remove(file.c_str());
}

TEST(ThirdFactor, MayBeAConcentrationThatSeveralSitesReleaseByDistance) {
  // Sites that hold 2 and 3 times the concentration of one, with weights that sum to it again.
  const Replay replay(36);
  const Network net = with_rule(replay, linked_rule(), [&](Network& n) {
    const View sites = n.add("sites", 2, pool());
    n.set(sites, "c", Values::array({2, 3}, {}));
    std::vector<std::uint32_t> sources, targets;
    std::vector<double> weights;
    for (std::uint32_t t = 0; t < replay.targets; ++t)
      for (const std::uint32_t s : {0u, 1u}) {
        sources.push_back(s);
        targets.push_back(t);
        weights.push_back(s == 0 ? 0.5 - 0.015 * t : 0.01 * t);
      }
    Link link{sites, "c", pairs(sources, targets), Values::array(weights, {}), {}};
    return std::map<std::string, Link>{{"reward", link}};
  });
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(replay.steps);
  EXPECT_LT(
      distance(sim.get_synapses(Replay::projection, "weight"), replay.oracle(by_the_link).weights),
      1e-12);
  EXPECT_EQ(sim.statistics().synapses, replay.targets + replay.synapses.sources.size())
      << "links are no synapses";
}

TEST(ThirdFactor, ThatIsNotThereIsRefusedByName) {
  const Replay replay(37);
  const auto refused = [&](const std::string& name, auto link) -> ErrorDetail {
    try {
      with_rule(replay, linked_rule(), [&](Network& net) {
        const View one = net.add("pool", 1, pool());
        std::map<std::string, Link> links;
        if (!name.empty()) links[name] = link(net, one);
        return links;
      });
    } catch (const Error& error) {
      return error.detail();
    }
    return {};
  };
  const auto fine = [](Network&, View one) { return Link{one, "c"}; };
  EXPECT_NE(refused("", fine).what.find("'reward'"), std::string::npos);
  EXPECT_EQ(refused("rewrad", fine).nearest, "reward");
  EXPECT_EQ(refused("reward", [](Network&, View one) { return Link{one, "cc"}; }).nearest, "c");
  EXPECT_NE(refused("reward",
                    [](Network&, View one) {
                      Link l{one, "c"};
                      l.weight = 1_mV;
                      return l;
                    })
                .what,
            "");
  EXPECT_NE(refused("reward",
                    [](Network&, View one) {
                      Link l{one, "c"};
                      l.delay = 0_ms;
                      return l;
                    })
                .what.find("at least a step"),
            std::string::npos);
  EXPECT_NE(refused("reward",
                    [](Network& net, View) {
                      return Link{net.add("three", 3, pool()), "c"};
                    })
                .what.find("which of them"),
            std::string::npos);
}

TEST(ThirdFactor, CannotBeAssignedNorMoveAnEventDrivenState) {
  const Replay replay(38);
  const auto with = [&](const std::string& from, const std::string& to) {
    model::ModelText t = linked_rule().text();
    for (model::SourceText* s : {&t.equations, &t.on_pre})
      if (const auto at = s->text.find(from); at != std::string::npos)
        s->text.replace(at, from.size(), to);
    const model::Model rule(t);
    return Simulation(with_rule(replay, rule, [](Network& net) {
      return std::map<std::string, Link>{{"reward", {net.add("pool", 1, pool()), "c"}}};
    }));
  };
  EXPECT_THROW(with("apre += 1", "apre += 1\nreward = 0"), UnsupportedError);
  EXPECT_THROW(with("-eligible/tau_eligible", "-reward*eligible/tau_eligible"), UnsupportedError);
}

}  // namespace
}  // namespace callosum
