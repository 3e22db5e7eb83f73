#include "callosum/network/connectivity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "callosum/core/error.h"
#include "tests/network/example_network.h"

namespace callosum {
namespace {

using namespace literals;
using example::Pair;

std::vector<std::pair<std::string, Rule>> rules() {
  return {{"one_to_one", one_to_one()},
          {"all_to_all", all_to_all()},
          {"fixed_probability", fixed_probability(0.02)},
          {"fixed_indegree", fixed_indegree(7)},
          {"fixed_indegree, no multapses", fixed_indegree(7).without_multapses()},
          {"fixed_outdegree", fixed_outdegree(9)},
          {"fixed_outdegree, no multapses", fixed_outdegree(9).without_multapses()},
          {"fixed_total_number", fixed_total_number(20000)},
          {"fixed_total_number, no multapses", fixed_total_number(20000).without_multapses()},
          {"list", pairs({5, 0, 5, 2499}, {1030, 7, 3, 2400})},
          {"distance", distance_probability(0.5, 40_um, Rule::Profile::gaussian)}};
}

/// A population connected to itself, so that autapses are in play.
Network recurrent(Rule rule, bool autapses, bool crowded = false) {
  Network net(0.1_ms);
  const Space space{.dimensions = 2, .extent_um = {500, 500, 0}};
  if (crowded) net.add("before", 33, example::neuron());
  const View a = net.add("a", 2500, example::neuron(), {.space = space});
  if (!autapses) rule = rule.without_autapses();
  if (rule.kind == Rule::Kind::one_to_one && !autapses) rule.autapses = true;
  if (crowded) net.connect(a, a, all_to_all(), {.target = "g_ex", .weight = 1_nS, .name = "other"});
  net.connect(a, a, rule,
              {.target = "I_syn",
               .weight = rule.kind == Rule::Kind::list ? Values::array({1_pA, 2_pA, 3_pA, 4_pA})
                                                       : Values::normal(10_pA, 2_pA),
               .delay = Values::normal(1.5_ms, 0.75_ms),
               .name = "it"});
  if (crowded) net.add("after", 5000, example::neuron());
  return net;
}

bool equal(const BlockSynapses& a, const BlockSynapses& b) {
  return a.row_offsets == b.row_offsets && a.targets == b.targets && a.weights == b.weights &&
         a.delays == b.delays;
}

TEST(Connectivity, DoesNotDependOnTheOrderInWhichBlocksAreDrawn) {
  for (const auto& [name, rule] : rules()) {
    const Network net = recurrent(rule, false);
    const Connectivity c(net, 0, 5);
    ASSERT_EQ(c.blocks(), 3u);
    BlockSynapses reused;
    for (std::uint32_t b : {2u, 0u, 1u, 0u, 2u}) {
      BlockSynapses fresh;
      Connectivity(net, 0, 5).draw(b, fresh);
      c.draw(b, reused);
      EXPECT_TRUE(equal(fresh, reused)) << name << ", block " << b;
    }
  }
}

TEST(Connectivity, OtherPopulationsAndProjectionsChangeNothing) {
  for (const auto& [name, rule] : rules()) {
    const Network alone = recurrent(rule, true), among = recurrent(rule, true, true);
    const Connectivity a(alone, 0, 5), b(among, 1, 5);
    BlockSynapses x, y;
    for (std::uint32_t block = 0; block < a.blocks(); ++block) {
      a.draw(block, x);
      b.draw(block, y);
      EXPECT_TRUE(equal(x, y)) << name;
    }
  }
}

TEST(Connectivity, SeedAndNameDecideTheDraw) {
  const Network net = recurrent(fixed_probability(0.02), true);
  const auto one = example::all(net, 0, 1), two = example::all(net, 0, 2);
  EXPECT_NE(one.target, two.target);
  EXPECT_NE(one.weight, two.weight);
}

// Changes only with the way networks are drawn; then say so in the change log.
TEST(Connectivity, DrawsTheSameNetworkOnEveryMachine) {
  const std::vector<std::pair<Rule, std::uint64_t>> golden{
      {fixed_probability(0.05), 0x8603cac772011898},
      {fixed_indegree(10), 0x63e219a23f56941d},
      {fixed_outdegree(10).without_multapses(), 0x6185fc28ee3cc436},
      {fixed_total_number(50000).without_autapses(), 0x55f3910d7ccd2648},
      {fixed_total_number(50000).without_multapses(), 0xeda07e1b2d05eb6f},
      {distance_probability(0.5, 50_um, Rule::Profile::gaussian), 0x517ad0b6989f7132},
      {distance_probability(0.5, 50_um, Rule::Profile::exponential), 0x6a759fc589467aaa}};
  Network net(0.1_ms);
  const View a =
      net.add("a", 3000, example::neuron(), {.space = Space{2, {1000, 1000, 0}, true, false, {}}});
  for (const auto& [rule, expected] : golden) {
    const auto projection = net.connect(a, a, rule,
                                        {.target = "I_syn",
                                         .weight = Values::lognormal(5_pA, 0.5),
                                         .delay = Values::normal(1.5_ms, 0.7_ms)});
    const auto s = example::all(net, projection);
    std::uint64_t digest = 1;
    for (std::size_t k = 0; k < s.size(); ++k)
      digest = mix64(digest ^ s.source[k] ^ std::uint64_t{s.target[k]} << 20 ^
                     std::bit_cast<std::uint64_t>(s.weight[k]) ^ std::uint64_t{s.delay[k]} << 40);
    EXPECT_EQ(digest, expected) << "rule " << projection;
  }
}

TEST(Connectivity, BlocksAreWellFormed) {
  for (const auto& [name, rule] : rules()) {
    const Network net = recurrent(rule, true);
    const Connectivity c(net, 0, 5);
    BlockSynapses out;
    double total = 0;
    for (std::uint32_t b = 0; b < c.blocks(); ++b) {
      c.draw(b, out);
      ASSERT_EQ(out.row_offsets.size(), c.sources() + 1u) << name;
      EXPECT_EQ(out.row_offsets.front(), 0u);
      EXPECT_TRUE(std::is_sorted(out.row_offsets.begin(), out.row_offsets.end())) << name;
      ASSERT_EQ(out.row_offsets.back(), out.targets.size()) << name;
      EXPECT_EQ(out.weights.size(), out.targets.size()) << name;
      EXPECT_EQ(out.delays.size(), out.targets.size()) << name;
      const std::uint32_t size = std::min(block_size, 2500 - b * block_size);
      for (std::uint16_t t : out.targets) ASSERT_LT(t, size) << name;
      for (std::uint16_t d : out.delays) {
        ASSERT_GE(d, c.minimum_delay());
        ASSERT_LE(d, c.maximum_delay());
      }
      const double n = static_cast<double>(out.targets.size());
      total += n;
      EXPECT_NEAR(n, c.expected(b), 6 * std::sqrt(c.expected(b)) + 0.05 * c.expected(b)) << name;
    }
    EXPECT_NEAR(total, c.expected(), 6 * std::sqrt(c.expected()) + 0.05 * c.expected()) << name;
  }
}

TEST(Connectivity, SwitchedOffAutapsesDoNotOccur) {
  for (const auto& [name, rule] : rules()) {
    if (rule.kind == Rule::Kind::one_to_one || rule.kind == Rule::Kind::list) continue;
    for (bool allowed : {false, true}) {
      Rule r = rule;
      // Dense enough that some would be there.
      if (r.kind == Rule::Kind::distance_probability) r.probability = 1;
      if (r.kind == Rule::Kind::fixed_probability) r.probability = 0.3;
      if (r.number) r.number *= 20;
      const auto s = example::all(recurrent(r, allowed), 0);
      int autapses = 0;
      for (std::size_t i = 0; i < s.size(); ++i) autapses += s.source[i] == s.target[i];
      EXPECT_EQ(autapses > 0, allowed) << name;
    }
  }
}

TEST(Connectivity, OneToOneWithoutAutapsesIsEmptyOntoItself) {
  Network net(0.1_ms);
  const View a = net.add("a", 1100, example::neuron());
  net.connect(a, a, one_to_one().without_autapses(), {.target = "I_syn", .weight = 1_pA});
  EXPECT_EQ(example::all(net, 0).size(), 0u);
  EXPECT_EQ(Connectivity(net, 0, 1).expected(), 0);
  // Shifted against each other, no pair is an autapse.
  net.connect(net.slice(a, 0, 1000), net.slice(a, 100, 1100), one_to_one().without_autapses(),
              {.target = "I_syn", .weight = 1_pA});
  const auto s = example::all(net, 1);
  ASSERT_EQ(s.size(), 1000u);
  for (std::size_t i = 0; i < s.size(); ++i) EXPECT_EQ(s.source[i] + 100, s.target[i]);
}

TEST(Connectivity, AnUnknownProjectionIsAnError) {
  EXPECT_THROW(Connectivity(Network(0.1_ms), 0, 1), ValueError);
}

TEST(Connectivity, TooManySynapsesOntoABlockAreRefused) {
  Pair p(10, 10);
  p.connect(fixed_total_number(5'000'000'000));
  EXPECT_THROW(Connectivity(p.network, 0, 1), ResourceError);
}

// Sources and targets taken from ranges with a step and from lists.
TEST(Connectivity, ViewsAreHonoured) {
  Network net(0.1_ms);
  const View a = net.add("a", 3000, example::neuron());
  const View odd{a.population, 1, 3000, 2, {}};
  const View some{a.population, 0, 0, 1, {0, 7, 1023, 1024, 1025, 2047, 2048, 2999}};
  for (const auto& [name, rule] : rules()) {
    if (rule.kind == Rule::Kind::one_to_one || rule.kind == Rule::Kind::list ||
        rule.kind == Rule::Kind::distance_probability)
      continue;
    Rule r = rule.without_autapses();
    if (r.kind == Rule::Kind::fixed_indegree || r.kind == Rule::Kind::fixed_outdegree) r.number = 5;
    if (r.kind == Rule::Kind::fixed_total_number) r.number = 3000;
    if (r.kind == Rule::Kind::fixed_probability) r.probability = 0.3;
    const auto out = net.connect(odd, some, r, {.target = "I_syn", .weight = 1_pA});
    const auto in = net.connect(some, odd, r, {.target = "I_syn", .weight = 1_pA});
    for (std::uint32_t projection : {out, in}) {
      const auto s = example::all(net, projection);
      EXPECT_GT(s.size(), 30u) << name;
      const auto& lists = projection == out ? s.target : s.source;
      const auto& odds = projection == out ? s.source : s.target;
      std::vector<int> seen(some.list.size(), 0);
      for (std::size_t i = 0; i < s.size(); ++i) {
        EXPECT_EQ(odds[i] % 2, 1u) << name;
        const auto at = std::find(some.list.begin(), some.list.end(), lists[i]);
        ASSERT_NE(at, some.list.end()) << name;
        ++seen[static_cast<std::size_t>(at - some.list.begin())];
        EXPECT_NE(s.source[i], s.target[i]) << name;
      }
      if (r.number != 5 || (projection == in) == (r.kind == Rule::Kind::fixed_outdegree) ||
          r.kind == Rule::Kind::fixed_indegree) {
        for (int n : seen) EXPECT_GT(n, 0) << name;
      }
    }
  }
}

}  // namespace
}  // namespace callosum
