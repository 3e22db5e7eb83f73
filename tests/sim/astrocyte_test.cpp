#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <set>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/network/tripartite.h"
#include "callosum/sim/simulation.h"

namespace callosum {
namespace {

using namespace callosum::literals;

/// The equations of Li and Rinzel as written in the paper, in uM and ms: [IP3, Ca, h].
std::array<double, 3> slope(const std::array<double, 3>& x) {
  const auto [ip3, ca, h] = x;
  const double er = (2 - ca) / 0.185;
  const double m = ip3 / (ip3 + 0.13), n = ca / (ca + 0.08234);
  const double q2 = 1.049 * (ip3 + 0.13) / (ip3 + 0.9434);
  const double channel = 0.185 * 0.006 * std::pow(m * n * h, 3) * (er - ca);
  const double leak = 0.185 * 0.00011 * (er - ca);
  const double pump = 0.0009 * ca * ca / (0.1 * 0.1 + ca * ca);
  return {(0.16 - ip3) / 7142, channel - pump + leak, 0.0002 * (q2 * (1 - h) - ca * h)};
}

/// Many small midpoint steps.
std::array<double, 3> oracle(std::array<double, 3> x, double ms) {
  const double dt = 0.005;
  const auto steps = static_cast<int>(std::lround(ms / dt));
  for (int k = 0; k < steps; ++k) {
    const auto a = slope(x);
    std::array<double, 3> middle = x;
    for (int i = 0; i < 3; ++i) middle[i] += 0.5 * dt * a[i];
    const auto b = slope(middle);
    for (int i = 0; i < 3; ++i) x[i] += dt * b[i];
  }
  return x;
}

TEST(Astrocyte, HasTheCalciumOfLiAndRinzel) {
  Network net(0.5_ms);
  const View cell = net.add("astrocyte", 1, library::neuron("astrocyte_li_rinzel"));
  net.set(cell, "IP3", Quantity(1e-3, dimension::concentration));  // 1 uM: high enough to release
  Simulation sim(net, {.precision = Precision::twofold});
  std::array<double, 3> expected{1, 0.073, 0.793};
  double highest = 0;
  for (int k = 0; k < 30; ++k) {
    sim.run(200_ms);
    expected = oracle(expected, 200);
    // Internal units of a concentration are mM.
    EXPECT_NEAR(sim.get(cell, "IP3").at(0) * 1e3, expected[0], 1e-7) << k;
    EXPECT_NEAR(sim.get(cell, "Ca").at(0) * 1e3, expected[1], 1e-7) << k;
    EXPECT_NEAR(sim.get(cell, "h").at(0), expected[2], 1e-7) << k;
    const double above = expected[1] * 1e3 - 196.69;
    EXPECT_NEAR(sim.get(cell, "I_SIC").at(0), above > 1 ? std::log(above) : 0, 1e-4) << k;
    highest = std::max(highest, expected[1]);
  }
  EXPECT_GT(highest, 0.3) << "no calcium was released";
}

TEST(Astrocyte, RestsWithoutSpikes) {
  Network net(0.5_ms);
  const View cell = net.add("astrocyte", 1, library::neuron("astrocyte_li_rinzel"));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(20_s);
  EXPECT_NEAR(sim.get(cell, "Ca").at(0) * 1e3, 0.073, 0.002);
  EXPECT_EQ(sim.get(cell, "I_SIC").at(0), 0);
}

struct Made {
  Network net;
  TripartiteProjections projections;
  View exc, astrocytes;
};
Made tripartite(const Tripartite& wanted, std::uint64_t seed = 1, std::uint32_t cells = 10) {
  Made made{Network(0.1_ms), {}, {}, {}};
  made.exc = made.net.add("exc", 50, library::neuron("lif_psc_exp"));
  made.astrocytes = made.net.add("astrocytes", cells, library::neuron("astrocyte_li_rinzel"));
  Tripartite rule = wanted;
  rule.primary = {.target = "I_ex", .weight = 10_pA};
  rule.third_in = {.target = "IP3", .weight = Quantity(2e-4, dimension::concentration)};
  rule.third_out = {.target = "I_e", .weight = 1.0, .source_variable = "I_SIC"};
  made.projections = connect_tripartite(made.net, made.exc, made.exc, made.astrocytes, rule, seed);
  return made;
}
const Rule& pairs_of(const Made& made, std::uint32_t projection) {
  return made.net.projections().at(projection).rule;
}

TEST(Tripartite, GivesItsShareOfSynapsesAnAstrocyteOfTheTargetsPool) {
  const Made made = tripartite({.probability = 0.4, .third_probability = 0.3, .pool_size = 3});
  const Rule &primary = pairs_of(made, made.projections.primary),
             &in = pairs_of(made, made.projections.third_in),
             &out = pairs_of(made, made.projections.third_out);
  // Within five standard deviations of the binomial distributions.
  const double n = static_cast<double>(primary.sources.size());
  EXPECT_NEAR(n, 1000, 5 * std::sqrt(2500 * 0.4 * 0.6));
  EXPECT_NEAR(static_cast<double>(in.sources.size()), 0.3 * n, 5 * std::sqrt(n * 0.3 * 0.7));
  ASSERT_EQ(in.sources.size(), out.sources.size());
  std::set<std::pair<std::uint32_t, std::uint32_t>> joined;
  for (std::size_t k = 0; k < primary.sources.size(); ++k)
    joined.emplace(primary.sources[k], primary.targets[k]);
  std::vector<std::set<std::uint32_t>> pool(50);
  for (std::size_t k = 0; k < in.sources.size(); ++k) {
    EXPECT_EQ(in.targets[k], out.sources[k]) << "one astrocyte a triple";
    EXPECT_TRUE(joined.contains({in.sources[k], out.targets[k]})) << "a triple has a synapse";
    pool[out.targets[k]].insert(in.targets[k]);
  }
  std::set<std::uint32_t> used;
  for (const auto& p : pool) {
    EXPECT_LE(p.size(), 3u);
    used.insert(p.begin(), p.end());
  }
  EXPECT_EQ(used.size(), 10u);
  EXPECT_EQ(tripartite({.probability = 0.4, .third_probability = 0.3, .pool_size = 3}).net.hash(),
            made.net.hash());
  EXPECT_NE(
      tripartite({.probability = 0.4, .third_probability = 0.3, .pool_size = 3}, 2).net.hash(),
      made.net.hash());
}

TEST(Tripartite, InBlocksLetsNeighboursShare) {
  const Made made = tripartite({.pool = Tripartite::Pool::block});
  const Rule& out = pairs_of(made, made.projections.third_out);
  ASSERT_EQ(out.sources.size(), 2500u);
  for (std::size_t k = 0; k < out.sources.size(); ++k)
    EXPECT_EQ(out.sources[k], out.targets[k] / 5);
  const Made own = tripartite({.pool_size = 2, .pool = Tripartite::Pool::block}, 1, 100);
  const Rule& pairs = pairs_of(own, own.projections.third_out);
  for (std::size_t k = 0; k < pairs.sources.size(); ++k)
    EXPECT_EQ(pairs.sources[k] / 2, pairs.targets[k]);
}

TEST(Tripartite, LetsSpikesOfTheSourceReachTheTargetThroughTheAstrocyte) {
  const Made made = tripartite({.third_probability = 1, .pool = Tripartite::Pool::block});
  Network net = made.net;
  net.set(made.exc, "I_e", 600_pA);
  Simulation sim(net);
  sim.run(1500_ms);
  EXPECT_GT(sim.get(made.astrocytes, "IP3").at(0), 3 * 0.16e-3);
  bool inward = false;
  for (int k = 0; k < 60 && !inward; ++k) {
    sim.run(100_ms);
    inward = sim.get(made.astrocytes, "I_SIC").at(0) > 1;
  }
  EXPECT_TRUE(inward);
}

TEST(Tripartite, ThatCannotBeIsRefusedAndChangesNothing) {
  EXPECT_THROW(tripartite({.probability = 1.2}), ValueError);
  EXPECT_THROW(tripartite({.third_probability = std::nan("")}), ValueError);
  EXPECT_THROW(tripartite({.pool_size = 0}), ValueError);
  EXPECT_THROW(tripartite({.pool_size = 11}), ValueError);
  EXPECT_THROW(tripartite({.pool_size = 3, .pool = Tripartite::Pool::block}), ValueError);
  EXPECT_THROW(tripartite({.third_probability = 0}), ValueError);
  Made made = tripartite({});
  const std::uint64_t before = made.net.hash();
  Tripartite wrong;
  wrong.primary = {.target = "I_ex", .weight = 10_pA};
  wrong.third_in = {.target = "IP3", .weight = 1_mV};
  wrong.third_out = {.target = "I_e", .source_variable = "I_SIC"};
  EXPECT_THROW(connect_tripartite(made.net, made.exc, made.exc, made.astrocytes, wrong), UnitError);
  EXPECT_EQ(made.net.hash(), before);
}

}  // namespace
}  // namespace callosum
