#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "callosum/core/error.h"
#include "tests/network/example_network.h"

namespace callosum {
namespace {

using namespace literals;
using example::Pair;

double below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

example::Synapses drawn(Values weight, std::optional<Values> delay = {}) {
  Pair p(100, 2000);
  return example::all(p.network, p.connect(fixed_probability(0.5), weight, delay));
}

struct Moments {
  double mean = 0, sd = 0;
};

Moments moments(const std::vector<double>& x) {
  Moments m;
  const double n = static_cast<double>(x.size());
  for (double v : x) m.mean += v / n;
  for (double v : x) m.sd += (v - m.mean) * (v - m.mean) / n;
  m.sd = std::sqrt(m.sd);
  return m;
}

TEST(Weights, FollowTheirDistribution) {
  const double n = std::sqrt(100000.0);
  Moments m = moments(drawn(Values::normal(-40_pA, 4_pA)).weight);
  EXPECT_NEAR(m.mean, -40, 5 * 4 / n);
  EXPECT_NEAR(m.sd, 4, 5 * 4 / n);
  m = moments(drawn(Values::lognormal(10_pA, 0.3)).weight);
  EXPECT_NEAR(m.mean, 10 * std::exp(0.045), 5 * 3.2 / n);
  m = moments(drawn(Values::exponential(10_pA)).weight);
  EXPECT_NEAR(m.mean, 10, 5 * 10 / n);
  EXPECT_NEAR(m.sd, 10, 10 * 10 / n);
  m = moments(drawn(Values::uniform(10_pA, 22_pA)).weight);
  EXPECT_NEAR(m.mean, 16, 5 * 3.5 / n);
  EXPECT_NEAR(m.sd, 12 / std::sqrt(12.0), 5 * 3.5 / n);
}

TEST(Weights, BoundsCutTheNormalDistribution) {
  // Cut at zero, two thirds of a standard deviation below the mean.
  const double a = -10.0 / 15;
  const double density = std::exp(-a * a / 2) / std::sqrt(2 * std::numbers::pi),
               hazard = density / below(-a);
  const auto s = drawn(Values::normal(10_pA, 15_pA).within(0_pA, {}, OutOfBounds::redraw));
  const Moments m = moments(s.weight);
  EXPECT_GE(*std::min_element(s.weight.begin(), s.weight.end()), 0);
  EXPECT_NEAR(m.mean, 10 + 15 * hazard, 0.15);
  EXPECT_NEAR(m.sd, 15 * std::sqrt(1 + a * hazard - hazard * hazard), 0.15);
  const auto clipped = drawn(Values::normal(10_pA, 15_pA).within(0_pA, {}, OutOfBounds::clip));
  const auto zeros = std::count(clipped.weight.begin(), clipped.weight.end(), 0.0);
  EXPECT_NEAR(static_cast<double>(zeros) / double(clipped.size()), below(a), 0.01);
}

TEST(Weights, ConstantOnesAreNotStored) {
  Pair p(10, 10);
  p.connect(all_to_all(), 3_pA, 1.5_ms);
  const Connectivity c(p.network, 0, 1);
  EXPECT_TRUE(c.constant_weight());
  EXPECT_TRUE(c.constant_delay());
  EXPECT_EQ(c.weight(), 3);
  EXPECT_EQ(c.delay(), 15u);
  EXPECT_EQ(c.minimum_delay(), 15u);
  EXPECT_EQ(c.maximum_delay(), 15u);
  BlockSynapses block;
  c.draw(0, block);
  EXPECT_TRUE(block.weights.empty());
  EXPECT_TRUE(block.delays.empty());
  EXPECT_EQ(block.targets.size(), 100u);
}

TEST(Weights, ArraysFollowThePairs) {
  Pair p(3, 1200);
  std::vector<double> w(3 * 1200);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<double>(i);
  const auto dense = p.connect(all_to_all(), Values::array(w, dimension::current));
  const auto s = example::all(p.network, dense);
  ASSERT_EQ(s.size(), 3600u);
  for (std::size_t i = 0; i < s.size(); ++i)
    EXPECT_EQ(s.weight[i], s.source[i] * 1200 + s.target[i]);
  // Within one population, leaving out autapses moves no element.
  std::vector<double> square(30 * 30);
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = static_cast<double>(i);
  const View few = p.network.slice(p.b, 1010, 1040);
  const auto inside =
      p.network.connect(few, few, all_to_all().without_autapses(),
                        {.target = "I_syn", .weight = Values::array(square, dimension::current)});
  const auto t = example::all(p.network, inside);
  ASSERT_EQ(t.size(), 30u * 29);
  for (std::size_t i = 0; i < t.size(); ++i)
    EXPECT_EQ(t.weight[i], (t.source[i] - 1010) * 30 + t.target[i] - 1010);
  std::vector<double> line(w.begin(), w.begin() + 1200);
  const auto one =
      p.network.connect(p.b, p.b, one_to_one(),
                        {.target = "I_syn", .weight = Values::array(line, dimension::current)});
  const auto u = example::all(p.network, one);
  for (std::size_t i = 0; i < u.size(); ++i) EXPECT_EQ(u.weight[i], u.source[i]);
}

TEST(Weights, DoNotDependOnTheDelays) {
  const auto with = drawn(Values::normal(10_pA, 1_pA), Values::normal(1.5_ms, 0.75_ms));
  const auto without = drawn(Values::normal(10_pA, 1_pA));
  EXPECT_EQ(with.weight, without.weight);
  EXPECT_EQ(with.target, without.target);
}

TEST(Delays, AbsentMeansOneStepAndZeroIsLegal) {
  Pair p(10, 10);
  p.connect(all_to_all());
  p.connect(all_to_all(), 1_pA, 0_ms);
  EXPECT_EQ(Connectivity(p.network, 0, 1).delay(), 1u);
  EXPECT_EQ(Connectivity(p.network, 1, 1).delay(), 0u);
}

TEST(Delays, DrawnOnesAreRoundedAndRedrawnToOneStep) {
  // Mean 1.5 ms, sd 0.75 ms: step k holds what rounds to it, below half a step is drawn again.
  const auto s = drawn(1_pA, Values::normal(1.5_ms, 0.75_ms));
  std::map<std::uint32_t, double> share;
  for (std::uint32_t d : s.delay) share[d] += 1.0 / double(s.size());
  const auto z = [](double ms) { return (ms - 1.5) / 0.75; };
  const double kept = 1 - below(z(0.05));
  EXPECT_EQ(share.begin()->first, 1u);
  for (std::uint32_t k : {1u, 2u, 10u, 15u, 30u}) {
    const double p = (below(z(0.1 * k + 0.05)) - below(z(0.1 * k - 0.05))) / kept;
    EXPECT_NEAR(share[k], p, 5 * std::sqrt(p / double(s.size()))) << k;
  }
}

TEST(Delays, ClippedOnesGatherAtOneStep) {
  const auto s = drawn(1_pA, Values::normal(0.5_ms, 0.5_ms).within({}, 1_ms, OutOfBounds::clip));
  double shortest = 0, longest = 0;
  for (std::uint32_t d : s.delay) {
    ASSERT_TRUE(d >= 1 && d <= 10);
    shortest += d == 1;
    longest += d == 10;
  }
  EXPECT_NEAR(shortest / double(s.size()), below(-0.7), 0.01);
  EXPECT_NEAR(longest / double(s.size()), below(-0.9), 0.01);
}

TEST(Delays, BoundsAreKnownBeforeDrawing) {
  const auto bounds = [](const Values& delay) {
    Pair p(2, 2);
    const Connectivity c(p.network, p.connect(all_to_all(), 1_pA, delay), 1);
    return std::pair(c.minimum_delay(), c.maximum_delay());
  };
  using Steps = std::pair<std::uint32_t, std::uint32_t>;
  EXPECT_EQ(bounds(Values::normal(1.5_ms, 0.75_ms)), Steps(1, 71));
  EXPECT_EQ(bounds(Values::normal(10_ms, 0.4_ms)), Steps(70, 130));
  EXPECT_EQ(bounds(Values::normal(1.5_ms, 0.75_ms).within(1_ms, 2_ms, OutOfBounds::redraw)),
            Steps(10, 20));
  EXPECT_EQ(bounds(Values::uniform(0.5_ms, 2_ms)), Steps(5, 20));
  EXPECT_EQ(bounds(Values::exponential(1_ms)), Steps(1, 320));
  EXPECT_EQ(bounds(Values::array({1_ms, 0_ms, 3_ms, 2_ms})), Steps(0, 30));
}

}  // namespace
}  // namespace callosum
