#include <gtest/gtest.h>

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
};

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
  return all;
}

class LibraryRules : public testing::TestWithParam<int> {};

TEST_P(LibraryRules, AgreeWithAnOracleThatSumsOverAllSpikes) {
  const Case rule = cases()[static_cast<std::size_t>(GetParam())];
  const Replay replay(31);
  for (const double dendritic : {-1.0, 0.7, 10.0}) {
    Simulation sim(replay.network(library::synapse(rule.name), rule.parameters, dendritic),
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

std::string case_name(const testing::TestParamInfo<int>& info) {
  return cases()[static_cast<std::size_t>(info.param)].name;
}
INSTANTIATE_TEST_SUITE_P(Plasticity, LibraryRules,
                         testing::Range(0, static_cast<int>(cases().size())), case_name);

}  // namespace
}  // namespace callosum
