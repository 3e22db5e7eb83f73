#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "callosum/network/positions.h"
#include "tests/network/example_network.h"

namespace callosum {
namespace {

using namespace literals;

double separation(const Space& space, const double* a, const double* b) {
  double sum = 0;
  for (int i = 0; i < space.dimensions; ++i) {
    double d = std::fabs(a[i] - b[i]);
    if (space.wrap) d = std::min(d, space.extent_um[static_cast<std::size_t>(i)] - d);
    sum += d * d;
  }
  return std::sqrt(sum);
}

double probability(const Rule& rule, double d) {
  if (rule.maximum_um > 0 && d > rule.maximum_um) return 0;
  switch (rule.profile) {
    case Rule::Profile::gaussian:
      return rule.probability * std::exp(-d * d / (2 * rule.sigma_um * rule.sigma_um));
    case Rule::Profile::exponential:
      return rule.probability * std::exp(-d / rule.sigma_um);
    default:
      return d <= rule.sigma_um ? rule.probability : 0;
  }
}

std::vector<Rule> profiles() {
  return {distance_probability(0.7, 60_um, Rule::Profile::gaussian),
          distance_probability(0.9, 40_um, Rule::Profile::exponential, 150_um),
          distance_probability(0.4, 80_um, Rule::Profile::disc),
          distance_probability(1, 70_um, Rule::Profile::disc)};
}

TEST(DistanceRule, MatchesBruteForceByDistance) {
  for (int dimensions : {1, 2, 3})
    for (bool wrap : {false, true})
      for (const Rule& rule : profiles()) {
        const Space space{dimensions, {600, 500, 400}, wrap, false, {}};
        Network net(0.1_ms);
        const View a = net.add("a", 300, example::neuron(), {.space = space});
        const View b = net.add("b", 1500, example::neuron(), {.space = space});
        net.connect(a, b, rule, {.target = "I_syn", .weight = 1_pA});
        const Positions from = positions(net.populations()[0], 1);
        const Positions to = positions(net.populations()[1], 1);
        constexpr int bins = 40;
        std::vector<double> expected(bins, 0), variance(bins, 0), observed(bins, 0);
        const auto bin = [](double d) { return std::min(bins - 1, static_cast<int>(d / 20)); };
        for (std::uint32_t i = 0; i < 300; ++i)
          for (std::uint32_t j = 0; j < 1500; ++j) {
            const double d = separation(space, from.of(i), to.of(j));
            const double p = probability(rule, d);
            expected[bin(d)] += p;
            variance[bin(d)] += p * (1 - p);
          }
        const auto s = example::all(net, 0);
        for (std::size_t i = 0; i < s.size(); ++i)
          observed[bin(separation(space, from.of(s.source[i]), to.of(s.target[i])))] += 1;
        for (int k = 0; k < bins; ++k)
          EXPECT_NEAR(observed[k], expected[k], 5 * std::sqrt(variance[k]) + 1)
              << dimensions << "-D, wrap " << wrap << ", profile " << static_cast<int>(rule.profile)
              << ", from " << 20 * k << " um";
      }
}

TEST(DistanceRule, EveryPairHasItsOwnProbability) {
  // Explicit positions stay where they are when the seed changes.
  constexpr std::uint32_t n = 60;
  constexpr int repeats = 2000;
  Space space{2, {100, 100, 0}, true, false, {}};
  for (std::uint32_t i = 0; i < n; ++i) {
    space.positions_um.push_back((37 * i) % 100);
    space.positions_um.push_back((i * i) % 97);
  }
  Network net(0.1_ms);
  const View a = net.add("a", n, example::neuron(), {.space = space});
  const Rule rule = distance_probability(0.8, 15_um, Rule::Profile::gaussian).without_autapses();
  net.connect(a, a, rule, {.target = "I_syn", .weight = 1_pA});
  std::vector<double> counts(n * n, 0);
  for (int seed = 0; seed < repeats; ++seed) {
    const auto s = example::all(net, 0, static_cast<std::uint64_t>(seed));
    for (std::size_t i = 0; i < s.size(); ++i) counts[s.source[i] * n + s.target[i]] += 1;
  }
  double statistic = 0;
  int cells = 0;
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t j = 0; j < n; ++j) {
      const double* x = &space.positions_um[2 * i];
      const double* y = &space.positions_um[2 * j];
      const double p = i == j ? 0 : probability(rule, separation(space, x, y));
      const double mean = repeats * p;
      if (mean == 0) {
        EXPECT_EQ(counts[i * n + j], 0);
      } else if (mean > 5) {
        statistic += std::pow(counts[i * n + j] - mean, 2) / (mean * (1 - p));
        ++cells;
      }
    }
  EXPECT_GT(cells, 500);
  EXPECT_NEAR(statistic, cells, 5 * std::sqrt(2.0 * cells));
}

TEST(DistanceRule, ExpectedNumberIsTheSumOverPairs) {
  const Space space{2, {600, 500, 0}, true, true, {}};
  Network net(0.1_ms);
  const View a = net.add("a", 200, example::neuron(), {.space = space});
  const View b = net.add("b", 1500, example::neuron(), {.space = space});
  const Rule rule = profiles()[0];
  net.connect(a, b, rule, {.target = "I_syn", .weight = 1_pA});
  const Positions from = positions(net.populations()[0], 1),
                  to = positions(net.populations()[1], 1);
  double sum = 0;
  for (std::uint32_t i = 0; i < 200; ++i)
    for (std::uint32_t j = 0; j < 1500; ++j)
      sum += probability(rule, separation(space, from.of(i), to.of(j)));
  EXPECT_NEAR(Connectivity(net, 0, 1).expected(), sum, 1e-9 * sum);
}

TEST(Positions, GridFillsTheSpaceEvenly) {
  Network net(0.1_ms);
  net.add("a", 12, example::neuron(), {.space = Space{2, {400, 300, 0}, false, true, {}}});
  const Positions p = positions(net.populations()[0], 1);
  // 4 x 3 cells of 100 um, the first axis fastest.
  for (std::uint32_t i = 0; i < 12; ++i) {
    EXPECT_DOUBLE_EQ(p.of(i)[0], 50 + 100 * (i % 4));
    EXPECT_DOUBLE_EQ(p.of(i)[1], 50 + 100 * (i / 4));
  }
}

TEST(Positions, RandomOnesAreUniformAndKeyedByName) {
  const Space space{3, {10, 20, 30}, false, false, {}};
  Network one(0.1_ms), two(0.1_ms);
  one.add("a", 20000, example::neuron(), {.space = space});
  two.add("other", 10, example::neuron(), {.space = space});
  two.add("a", 20000, example::neuron(), {.space = space});
  const Positions p = positions(one.populations()[0], 1);
  EXPECT_EQ(p.coordinates, positions(two.populations()[1], 1).coordinates);
  EXPECT_NE(p.coordinates, positions(one.populations()[0], 2).coordinates);
  for (int axis = 0; axis < 3; ++axis) {
    const double extent = space.extent_um[static_cast<std::size_t>(axis)];
    double mean = 0, square = 0;
    for (std::uint32_t i = 0; i < 20000; ++i) {
      const double x = p.of(i)[axis] / extent;
      ASSERT_GT(x, 0);
      ASSERT_LT(x, 1);
      mean += x / 20000;
      square += x * x / 20000;
    }
    EXPECT_NEAR(mean, 0.5, 0.011);
    EXPECT_NEAR(square, 1.0 / 3, 0.011);
  }
}

TEST(Delays, TravelAddsDistanceOverVelocity) {
  Space space{1, {1000, 0, 0}, false, false, {0, 30, 100, 420, 999}};
  const Quantity speed(0.1, dimension::length / dimension::time);  // 100 um/ms
  Network net(0.1_ms);
  const View a = net.add("a", 5, example::neuron(), {.space = space});
  net.connect(a, a, all_to_all(),
              {.target = "I_syn", .weight = 1_pA, .delay = 0.5_ms, .velocity = speed});
  net.connect(a, a, all_to_all(), {.target = "I_syn", .weight = 1_pA, .velocity = speed});
  const auto with = example::all(net, 0), bare = example::all(net, 1);
  for (std::size_t i = 0; i < with.size(); ++i) {
    const double d =
        std::fabs(space.positions_um[with.source[i]] - space.positions_um[with.target[i]]);
    EXPECT_EQ(with.delay[i], static_cast<std::uint32_t>(std::nearbyint(5 + d / 10)));
    EXPECT_EQ(bare.delay[i], std::max(1u, static_cast<std::uint32_t>(std::nearbyint(d / 10))));
  }
  const Connectivity c(net, 0, 1);
  EXPECT_EQ(c.minimum_delay(), 5u);
  EXPECT_EQ(c.maximum_delay(), 105u);
  EXPECT_FALSE(c.constant_delay());
}

TEST(Delays, WrappedSpaceTravelsTheShortWay) {
  const Space space{1, {1000, 0, 0}, true, false, {10, 990}};
  Network net(0.1_ms);
  const View a = net.add("a", 2, example::neuron(), {.space = space});
  net.connect(a, a, all_to_all().without_autapses(),
              {.target = "I_syn",
               .weight = 1_pA,
               .velocity = Quantity(0.01, dimension::length / dimension::time)});
  for (std::uint32_t d : example::all(net, 0).delay) EXPECT_EQ(d, 20u);
}

}  // namespace
}  // namespace callosum
