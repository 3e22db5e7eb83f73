#include <gtest/gtest.h>

#include <sstream>

#include "tests/sim/plastic_oracle.h"

// Every plastic synapse of the library against the oracle, in double, over random spike trains with
// delays that differ, wherever on the way the synapse lies.
namespace callosum {
namespace {

using namespace callosum::plastic;

struct Case {
  std::string name;
  std::map<std::string, Values> parameters;
  RuleOracle oracle;
  std::string third_factor = {};  ///< variable of the target that the rule reads
};

/// The third factor of the tests: a state of the target that falls from 1 with 400 ms.
double factor(std::int64_t step) { return std::exp(-0.1 * static_cast<double>(step) / 400); }

RuleOracle pairs_of(double tau_plus, double tau_minus, bool nearest,
                    std::function<double(double, double)> up,
                    std::function<double(double, double)> down) {
  return [=](Synapse& s, bool is_post, std::int64_t now) {
    s.happens(is_post, now);
    if (is_post) {
      s.weight = up(s.weight, nearest ? s.pre.last(now, tau_plus) : s.pre.all(now, tau_plus));
    } else {
      s.delivered = s.weight;
      s.weight = down(s.weight, nearest ? s.post.last(now, tau_minus) : s.post.all(now, tau_minus));
    }
  };
}

std::vector<Case> cases() {
  const Values tau_plus = 17.3_ms, tau_minus = 33.77_ms;
  std::vector<Case> all;
  for (const bool nearest : {false, true})
    all.push_back(
        {nearest ? "stdp_nearest" : "stdp_additive",
         {{"w_max", 1.0},
          {"w_min", 0.1},
          {"A_plus", 0.03},
          {"A_minus", 0.02},
          {"tau_plus", tau_plus},
          {"tau_minus", tau_minus}},
         pairs_of(
             17.3, 33.77, nearest, [](double w, double x) { return clip(w + 0.03 * x, 0.1, 1); },
             [](double w, double y) { return clip(w - 0.02 * y, 0.1, 1); })});
  all.push_back(
      {"stdp_multiplicative",
       {{"w_max", 1.5}, {"w_min", 0.1}, {"tau_plus", tau_plus}, {"tau_minus", tau_minus}},
       pairs_of(
           17.3, 33.77, false,
           [](double w, double x) { return clip(w + 0.01 * (1.5 - w) * x, 0.1, 1.5); },
           [](double w, double y) { return clip(w - 0.0105 * (w - 0.1) * y, 0.1, 1.5); })});
  all.push_back(
      {"stdp_power_law",
       {{"w_0", 0.7}, {"tau_plus", tau_plus}, {"tau_minus", tau_minus}},
       pairs_of(
           17.3, 33.77, false,
           [](double w, double x) { return w + 0.1 * 0.7 * std::pow(w / 0.7, 0.4) * x; },
           [](double w, double y) { return std::max(w * (1 - 0.1 * 0.0513 * y), 0.0); })});
  all.push_back(
      {"stdp_triplet",
       {{"w_max", 2.0}, {"A2_plus", 4e-3}, {"A3_minus", 2e-3}},
       [](Synapse& s, bool is_post, std::int64_t now) {
         if (is_post) {
           s.weight = clip(
               s.weight + 2 * s.pre.all(now, 16.8) * (4e-3 + 6.5e-3 * s.post.all(now, 125)), 0, 2);
         } else {
           s.delivered = s.weight;
           s.weight = clip(
               s.weight - 2 * s.post.all(now, 33.7) * (7.1e-3 + 2e-3 * s.pre.all(now, 101)), 0, 2);
         }
         s.happens(is_post, now);
       }});
  all.push_back({"stdp_inhibitory",
                 {{"w_max", 1.2}, {"eta", 0.02}, {"rho_0", 10_Hz}},
                 [](Synapse& s, bool is_post, std::int64_t now) {
                   s.happens(is_post, now);
                   if (!is_post) s.delivered = s.weight;
                   const double change =
                       is_post ? s.pre.all(now, 20) : s.post.all(now, 20) - 2 * 0.01 * 20;
                   s.weight = 1.2 * clip(s.weight / 1.2 + 0.02 * change, 0, 1);
                 }});
  // Resources by the closed solution between spikes.
  all.push_back({"short_term", {{"U", 0.3}}, [](Synapse& s, bool is_post, std::int64_t now) {
                   if (is_post) return;
                   double u = 0, x = 1;
                   std::int64_t before = now;
                   s.happens(false, now);
                   for (const std::int64_t t : s.pre.times) {
                     const double gap = 0.1 * static_cast<double>(t - std::min(before, t));
                     u *= std::exp(-gap / 50);
                     x = 1 - (1 - x) * std::exp(-gap / 200);
                     u += 0.3 * (1 - u);
                     s.delivered = s.weight * u * x;
                     x -= u * x;
                     before = t;
                   }
                 }});
  all.push_back(
      {"oja", {{"w_0", 0.8}, {"eta", 0.02}}, [](Synapse& s, bool is_post, std::int64_t now) {
         s.happens(is_post, now);
         if (is_post)
           s.weight += 0.02 * (0.8 * s.pre.all(now, 20) - s.post.all(now, 20) * s.weight);
         else
           s.delivered = s.weight;
       }});
  all.push_back(
      {"bcm", {{"w_max", 1.3}, {"eta", 0.1}}, [](Synapse& s, bool is_post, std::int64_t now) {
         if (is_post) {
           // The threshold sums what the trace was at each earlier spike.
           double theta = 0;
           Train before;
           for (const std::int64_t t : s.post.times) {
             theta += before.all(t, 50) * 50 / (1000 * 0.25) *
                      std::exp(-0.1 * static_cast<double>(now - t) / 1000);
             before.times.push_back(t);
           }
           const double change = s.pre.all(now, 20) * (s.post.all(now, 50) - theta);
           s.weight = clip(s.weight + 0.1 * 1.3 * change, 0, 1.3);
         } else {
           s.delivered = s.weight;
         }
         s.happens(is_post, now);
       }});
  all.push_back({"homeostatic_scaling",
                 {{"w_max", 2.0}, {"eta", 0.02}},
                 [](Synapse& s, bool is_post, std::int64_t now) {
                   if (!is_post) {
                     s.delivered = s.weight;
                     const double rate = s.post.all(now, 1000) / (0.005 * 1000);
                     s.weight = clip(s.weight * (1 + 0.02 * (1 - rate)), 0, 2);
                   }
                   s.happens(is_post, now);
                 }});
  // A presynaptic spike reads the target as it was when the step began.
  all.push_back({"delta",
                 {{"w_max", 1.5}, {"eta", 0.05}},
                 [](Synapse& s, bool is_post, std::int64_t now) {
                   if (is_post) return;
                   s.delivered = s.weight;
                   s.weight = clip(s.weight + 0.05 * 1.5 * factor(now - 1), 0, 1.5);
                 },
                 "error"});
  all.push_back({"stdp_reward",
                 {{"w_max", 1.5}, {"eta", 0.05}},
                 [](Synapse& s, bool is_post, std::int64_t now) {
                   rewarded(s, is_post, now, factor(is_post ? now : now - 1));
                 },
                 "reward"});
  all.push_back({"stdp_voltage",
                 {{"w_max", 1.5},
                  {"A_LTD", Quantity(40.0, Dimension() / dimension::voltage)},
                  {"A_LTP", Quantity(30.0, Dimension() / dimension::voltage)},
                  {"theta_minus", Quantity(0.3e-3, dimension::voltage)}},
                 [](Synapse& s, bool is_post, std::int64_t now) {
                   // Both voltages fall from 1 mV; per volt is per thousand mV.
                   const double above = std::max(factor(is_post ? now : now - 1) - 0.3, 0.0);
                   if (!is_post) s.delivered = s.weight;
                   const double change =
                       is_post ? 0.03 * s.pre.all(now, 15) * above : -0.04 * above;
                   s.weight = clip(s.weight + 1.5 * change, 0, 1.5);
                   s.happens(is_post, now);
                 },
                 "u_minus u_plus"});
  return all;
}

/// A relay as `accumulators::adder(true)` with states beside it, voltages where there are several.
model::Model relay_with(const std::string& factors) {
  model::ModelText t = accumulators::adder(true).text();
  std::istringstream names(factors);
  const bool volts = factors.find(' ') != std::string::npos;
  for (std::string name; names >> name;) {
    t.equations.text += "\nd" + name + "/dt = -" + name + "/(400*ms) : " + (volts ? "volt" : "1");
    t.initial.push_back({.name = name, .value = volts ? "1 mV" : "1"});
  }
  return model::Model(t);
}

class LibraryRules : public testing::TestWithParam<int> {};

TEST_P(LibraryRules, AgreeWithAnOracleThatSumsOverAllSpikes) {
  const Case rule = cases()[static_cast<std::size_t>(GetParam())];
  const Replay replay(31);
  const bool reads = !rule.third_factor.empty();
  for (const double dendritic : reads ? std::vector{-1.0} : std::vector{-1.0, 0.7, 10.0}) {
    Simulation sim(
        replay.network(library::synapse(rule.name), rule.parameters, dendritic,
                       reads ? relay_with(rule.third_factor) : accumulators::adder(true)),
        {.precision = Precision::twofold});
    sim.run_steps(replay.steps);
    const Recording recording = sim.recording();
    const auto told = static_cast<std::size_t>(std::count_if(
        replay.post.begin(), replay.post.end(), [](const auto& s) { return s.first > 1; }));
    ASSERT_EQ(recording.spikes.at(0).steps.size(), told);
    const Replay::Result expected = replay.oracle(rule.oracle, dendritic);
    const auto weights = sim.get_synapses(Replay::projection, "weight");
    EXPECT_LT(distance(weights, expected.weights), 1e-12) << rule.name << ", " << dendritic;
    const auto& b = recording.traces.at(0).values;
    const std::vector<double> sums(b.end() - replay.targets, b.end());
    EXPECT_LT(distance(sums, expected.sums), 1e-9) << rule.name << ", " << dendritic;
    EXPECT_GT(*std::max_element(sums.begin(), sums.end()), 10);
    if (rule.name != "short_term") {
      EXPECT_GT(distance(weights, replay.synapses.weights), 0.05) << "nothing was learned";
    }
  }
}

TEST(LibraryRule, ReadsAConcentrationThatOnePopulationSendsToAllTargets) {
  const Replay replay(34);
  model::ModelText relay = accumulators::adder(true).text(), pool;
  relay.equations.text += "\nreward : 1";
  pool.name = "pool";
  pool.equations = accumulators::text("dc/dt = -c/(400*ms) : 1");
  pool.initial.push_back({.name = "c", .value = "1"});
  Network net = replay.network(library::synapse("stdp_reward"), {{"w_max", 1.5}, {"eta", 0.05}}, -1,
                               model::Model(relay));
  const View modulator = net.add("modulator", 1, model::Model(pool));
  net.connect(modulator, net.population("post"), all_to_all(),
              {.target = "reward", .weight = 1.0, .source_variable = "c"});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(replay.steps);
  // What travels a step has, in each step, its value from the step's start.
  const auto expected = replay.oracle([](Synapse& s, bool is_post, std::int64_t now) {
    rewarded(s, is_post, now, factor(now - 1));
  });
  const auto weights = sim.get_synapses(Replay::projection, "weight");
  EXPECT_LT(distance(weights, expected.weights), 1e-12);
  EXPECT_GT(distance(weights, replay.synapses.weights), 0.05) << "nothing was learned";
}

TEST(LibraryRule, WithoutItsThirdFactorIsRefusedByName) {
  const Replay replay(32);
  for (const auto& [rule, missing] : {std::pair{"stdp_reward", "reward"}, {"delta", "error"}}) {
    try {
      Simulation sim(replay.network(library::synapse(rule), {{"w_max", 1.0}}));
      FAIL() << rule;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(missing), std::string::npos) << error.what();
    }
  }
}

TEST(LibraryRule, ThatIsHomeostaticKeepsTheThresholdsBalanceAndBringsTheRate) {
  Network net(0.1_ms);
  const View cell = net.add("cell", 1, library::neuron("lif_homeostatic"),
                            {.parameters = {{"I_e", 900_pA}, {"rho_0", 12_Hz}}});
  net.record_spikes(cell);
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(40_s);
  const auto early = static_cast<double>(Recording(sim.recording()).spikes.at(0).steps.size());
  EXPECT_GT(early / 40, 13) << "it began above its rate";
  sim.run(60_s);
  const auto spikes = static_cast<double>(Recording(sim.recording()).spikes.at(0).steps.size());
  EXPECT_NEAR((spikes - early) / 60, 12, 0.1);
  // What rises with spikes and falls with time.
  EXPECT_NEAR(sim.get(cell, "theta").at(0), -55 + 0.1 * (spikes - 12.0 * 100), 1e-8);
}

TEST(LibraryRule, OverADelayShorterThanAStepIsRefused) {
  Replay replay(33);
  Network net(0.1_ms);
  const View to = net.add("to", 3, accumulators::adder(true));
  const auto learning = [&](Quantity delay) {
    SynapseOptions o{.target = "b", .weight = 0.5, .delay = delay};
    o.model = library::synapse("stdp_additive");
    o.parameters = {{"w_max", 1.0}};
    net.connect(to, to, all_to_all(), o);
  };
  EXPECT_THROW(learning(0.04_ms), ValueError);
  EXPECT_NO_THROW(learning(0.1_ms));
}

std::string case_name(const testing::TestParamInfo<int>& info) {
  return cases()[static_cast<std::size_t>(info.param)].name;
}
INSTANTIATE_TEST_SUITE_P(Plasticity, LibraryRules,
                         testing::Range(0, static_cast<int>(cases().size())), case_name);

}  // namespace
}  // namespace callosum
