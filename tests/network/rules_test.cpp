#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "callosum/core/error.h"
#include "tests/network/example_network.h"
#include "tests/network/statistics.h"

namespace callosum {
namespace {

using namespace literals;
using example::degrees;
using example::Pair;

constexpr std::uint32_t S = 1500, T = 2300;  // two blocks and a part of one

example::Synapses drawn(const Rule& rule, std::uint32_t sources = S, std::uint32_t targets = T) {
  Pair p(sources, targets);
  return example::all(p.network, p.connect(rule));
}

bool has_multapses(const example::Synapses& s) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::size_t i = 0; i < s.size(); ++i)
    if (!pairs.insert({s.source[i], s.target[i]}).second) return true;
  return false;
}

TEST(Rules, FixedProbabilityGivesBinomialDegreesBothWays) {
  for (double p : {0.003, 0.05, 0.7}) {
    const auto s = drawn(fixed_probability(p));
    EXPECT_LT(std::fabs(example::binomial_sigmas(degrees(s.source, S), T, p)), 5) << p;
    EXPECT_LT(std::fabs(example::binomial_sigmas(degrees(s.target, T), S, p)), 5) << p;
    EXPECT_FALSE(has_multapses(s)) << p;
  }
  EXPECT_EQ(drawn(fixed_probability(0)).size(), 0u);
  EXPECT_EQ(drawn(fixed_probability(1)).size(), std::size_t{S} * T);
}

TEST(Rules, FixedTotalNumberIsExactAndSpreadEvenly) {
  for (std::uint64_t n : {0ull, 1ull, 777ull, 100'000ull})
    EXPECT_EQ(drawn(fixed_total_number(n)).size(), n);
  const auto s = drawn(fixed_total_number(100'000));
  EXPECT_LT(std::fabs(example::uniform_sigmas(degrees(s.source, S))), 5);
  EXPECT_LT(std::fabs(example::uniform_sigmas(degrees(s.target, T))), 5);
  EXPECT_LT(std::fabs(example::binomial_sigmas(degrees(s.source, S), 100'000, 1.0 / S)), 5);
  EXPECT_LT(std::fabs(example::binomial_sigmas(degrees(s.target, T), 100'000, 1.0 / T)), 5);
  EXPECT_TRUE(has_multapses(s));
}

TEST(Rules, FixedTotalNumberHasNoBiasTowardsAnyRow) {
  const auto s = drawn(fixed_total_number(6'000'000));
  EXPECT_LT(std::fabs(example::uniform_sigmas(degrees(s.source, S))), 5);
  EXPECT_LT(std::fabs(example::uniform_sigmas(degrees(s.target, T))), 5);
}

TEST(Rules, FixedOutdegreeIsMultinomialOverBlocks) {
  // Four whole blocks: ten synapses of a source in each on average.
  constexpr std::uint32_t sources = 3000;
  const auto s = drawn(fixed_outdegree(40), sources, 4 * block_size);
  std::vector<std::uint32_t> counts[4];
  for (auto& of_block : counts) of_block.resize(sources, 0);
  for (std::size_t i = 0; i < s.size(); ++i) ++counts[s.target[i] / block_size][s.source[i]];
  double statistic = 0;
  for (const auto& of_block : counts) {
    EXPECT_LT(std::fabs(example::binomial_sigmas(of_block, 40, 0.25)), 5);
    for (std::uint32_t n : of_block) statistic += (n - 10.0) * (n - 10.0) / 10;
  }
  // Each source adds a chi-square with three degrees of freedom.
  EXPECT_NEAR(statistic, 3.0 * sources, 5 * std::sqrt(6.0 * sources));
}

TEST(Rules, FixedTotalNumberWithoutMultapsesCanFillEveryPair) {
  const Rule none = fixed_total_number(100'000).without_multapses();
  const auto s = drawn(none);
  EXPECT_EQ(s.size(), 100'000u);
  EXPECT_FALSE(has_multapses(s));
  // Hypergeometric degrees: the variance of the multinomial times the share that is left out.
  std::vector<std::uint32_t> out = degrees(s.source, S);
  const double mean = 100'000.0 / S, f = 100'000.0 / (double(S) * T);
  double variance = 0;
  for (std::uint32_t d : out) variance += (d - mean) * (d - mean) / S;
  EXPECT_NEAR(variance / (mean * (1 - f)), 1, 5 * std::sqrt(2.0 / S));
  const auto full = drawn(fixed_total_number(40 * 1100).without_multapses(), 40, 1100);
  EXPECT_EQ(full.size(), 40u * 1100);
  EXPECT_FALSE(has_multapses(full));
}

TEST(Rules, FixedIndegreeIsExactAndSourcesAreEven) {
  for (bool multapses : {true, false}) {
    Rule rule = fixed_indegree(50);
    rule.multapses = multapses;
    const auto s = drawn(rule);
    for (std::uint32_t d : degrees(s.target, T)) ASSERT_EQ(d, 50u);
    EXPECT_EQ(has_multapses(s), multapses);
    const double sigmas = multapses
                              ? example::binomial_sigmas(degrees(s.source, S), 50 * T, 1.0 / S)
                              : example::binomial_sigmas(degrees(s.source, S), T, 50.0 / S);
    EXPECT_LT(std::fabs(sigmas), 5) << multapses;
  }
}

TEST(Rules, FixedOutdegreeIsExactAndTargetsAreEven) {
  for (bool multapses : {true, false}) {
    Rule rule = fixed_outdegree(50);
    rule.multapses = multapses;
    const auto s = drawn(rule);
    for (std::uint32_t d : degrees(s.source, S)) ASSERT_EQ(d, 50u);
    EXPECT_EQ(has_multapses(s), multapses);
    const double sigmas = multapses
                              ? example::binomial_sigmas(degrees(s.target, T), 50 * S, 1.0 / T)
                              : example::binomial_sigmas(degrees(s.target, T), S, 50.0 / T);
    EXPECT_LT(std::fabs(sigmas), 5) << multapses;
  }
}

TEST(Rules, FullDegreesWithoutMultapsesAreAllPairs) {
  for (const Rule& rule : {fixed_indegree(40), fixed_outdegree(1100)}) {
    const auto s = drawn(rule.without_multapses(), 40, 1100);
    EXPECT_EQ(s.size(), 40u * 1100);
    EXPECT_FALSE(has_multapses(s));
  }
  // One less than all: the smaller complement is what is drawn.
  const auto s = drawn(fixed_indegree(39).without_multapses(), 40, 1100);
  EXPECT_EQ(s.size(), 39u * 1100);
  EXPECT_FALSE(has_multapses(s));
  EXPECT_LT(std::fabs(example::binomial_sigmas(degrees(s.source, 40), 1100, 39.0 / 40)), 5);
}

TEST(Rules, EveryPairIsEquallyLikelyWithoutAutapses) {
  // All rules that leave every allowed pair equally likely, over many small networks.
  constexpr std::uint32_t n = 12;
  constexpr int repeats = 3000;
  for (Rule rule :
       {fixed_probability(0.25), fixed_total_number(33), fixed_indegree(3), fixed_outdegree(3),
        fixed_total_number(33).without_multapses(), fixed_indegree(3).without_multapses(),
        fixed_indegree(8).without_multapses(), fixed_outdegree(3).without_multapses(),
        fixed_outdegree(8).without_multapses()}) {
    Network net(0.1_ms);
    const View a = net.add("a", n, example::neuron());
    net.connect(a, a, rule.without_autapses(), {.target = "I_syn", .weight = 1_pA});
    std::vector<double> counts(n * n, 0);
    double total = 0;
    for (int seed = 0; seed < repeats; ++seed) {
      const auto s = example::all(net, 0, static_cast<std::uint64_t>(seed));
      for (std::size_t i = 0; i < s.size(); ++i) counts[s.source[i] * n + s.target[i]] += 1;
      total += static_cast<double>(s.size());
    }
    const double mean = total / (n * (n - 1));
    double worst = 0;
    for (std::uint32_t i = 0; i < n * n; ++i) {
      if (i / n == i % n) {
        EXPECT_EQ(counts[i], 0);
      } else {
        worst = std::max(worst, std::fabs(counts[i] - mean) / std::sqrt(mean));
      }
    }
    EXPECT_LT(worst, 5) << static_cast<int>(rule.kind) << " " << rule.multapses;
  }
}

TEST(Rules, PairsAreEquallyLikelyWhereOnlySomeSourcesHaveAnAutapse) {
  constexpr int repeats = 4000;
  for (Rule rule : {fixed_probability(0.3), fixed_total_number(20),
                    fixed_total_number(7).without_multapses()}) {
    Network net(0.1_ms);
    const View a = net.add("a", 9, example::neuron());
    net.connect(net.slice(a, 0, 6), net.slice(a, 4, 7), rule.without_autapses(),
                {.target = "I_syn", .weight = 1_pA});
    std::vector<std::uint32_t> counts(9 * 9, 0), allowed;
    for (int seed = 0; seed < repeats; ++seed) {
      const auto s = example::all(net, 0, static_cast<std::uint64_t>(seed));
      for (std::size_t i = 0; i < s.size(); ++i) ++counts[s.source[i] * 9 + s.target[i]];
    }
    double total = 0;
    for (std::uint32_t i = 0; i < 6; ++i)
      for (std::uint32_t j = 4; j < 7; ++j)
        if (i != j) {
          allowed.push_back(counts[9 * i + j]);
          total += counts[9 * i + j];
        }
    ASSERT_EQ(allowed.size(), 16u);
    for (std::uint32_t n : allowed)
      EXPECT_NEAR(n, total / 16, 5 * std::sqrt(total / 16)) << static_cast<int>(rule.kind);
  }
}

TEST(Rules, AllToAllIsEveryPairOnceTargetsAscending) {
  const auto s = drawn(all_to_all(), 3, 1030);
  ASSERT_EQ(s.size(), 3u * 1030);
  EXPECT_FALSE(has_multapses(s));
}

TEST(Rules, OneToOnePairsPlaces) {
  const auto s = drawn(one_to_one(), 1500, 1500);
  EXPECT_EQ(s.size(), 1500u);
  EXPECT_EQ(s.source, s.target);
}

TEST(Rules, ListsKeepTheirOrderWithinARow) {
  Pair p(10, 2000);
  // Source 3 reaches block 0 three times, in this order.
  const Rule rule = pairs({3, 1, 3, 3, 9, 3}, {700, 5, 20, 700, 1999, 1024});
  p.network.connect(p.a, p.b, rule,
                    {.target = "I_syn",
                     .weight = Values::array({1_pA, 2_pA, 3_pA, 4_pA, 5_pA, 6_pA}),
                     .delay = Values::array({1_ms, 2_ms, 3_ms, 4_ms, 5_ms, 0_ms})});
  const auto s = example::all(p.network, 0);
  EXPECT_EQ(s.source, (std::vector<std::uint32_t>{1, 3, 3, 3, 3, 9}));
  EXPECT_EQ(s.target, (std::vector<std::uint32_t>{5, 700, 20, 700, 1024, 1999}));
  EXPECT_EQ(s.weight, (std::vector<double>{2, 1, 3, 4, 6, 5}));
  EXPECT_EQ(s.delay, (std::vector<std::uint32_t>{20, 10, 30, 40, 0, 50}));
}

TEST(Rules, CompressedRowsAreTheListTheyStandFor) {
  const Rule rows = compressed_rows({0, 2, 2, 5}, {4, 1, 0, 0, 3});
  EXPECT_EQ(rows, pairs({0, 0, 2, 2, 2}, {4, 1, 0, 0, 3}));
  EXPECT_THROW(compressed_rows({}, {}), ValueError);
  EXPECT_THROW(compressed_rows({1, 2}, {0, 0}), ValueError);
  EXPECT_THROW(compressed_rows({0, 3, 2}, {0, 0}), ValueError);
  EXPECT_THROW(compressed_rows({0, 2}, {0}), ValueError);
}

TEST(Rules, RefuseWhatIsNoRule) {
  const double nan = std::nan("");
  EXPECT_THROW(fixed_probability(1.5), ValueError);
  EXPECT_THROW(fixed_probability(-0.1), ValueError);
  EXPECT_THROW(fixed_probability(nan), ValueError);
  EXPECT_THROW(fixed_indegree(static_cast<std::uint64_t>(-3)), ValueError);
  EXPECT_THROW(fixed_outdegree(static_cast<std::uint64_t>(-3)), ValueError);
  EXPECT_THROW(fixed_total_number(static_cast<std::uint64_t>(-3)), ValueError);
  EXPECT_THROW(pairs({1, 2}, {1}), ValueError);
  const auto profile = Rule::Profile::gaussian;
  EXPECT_THROW(distance_probability(0.5, 0_um, profile), ValueError);
  EXPECT_THROW(distance_probability(0.5, Quantity(nan, dimension::length), profile), ValueError);
  EXPECT_THROW(distance_probability(0.5, 1_ms, profile), UnitError);
  EXPECT_THROW(distance_probability(2, 1_um, profile), ValueError);
  EXPECT_THROW(distance_probability(0.5, 1_um, profile, -1_um), ValueError);
}

}  // namespace
}  // namespace callosum
