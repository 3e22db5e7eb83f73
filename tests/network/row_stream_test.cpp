#include "callosum/network/row_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "callosum/network/binomial_table.h"
#include "tests/network/statistics.h"

namespace callosum {
namespace {

const StreamKey key(7, name_hash("rows"), Purpose::topology);

TEST(RowStream, GivesTheWordsOfPhilox) {
  RowStream stream(key, RowStream::counts, 0x89abcdef, 77);
  for (std::uint32_t block = 0; block < 40; ++block) {
    const auto words = philox({block, RowStream::counts, 0x89abcdef, 77}, key.value());
    for (std::uint32_t word : words) ASSERT_EQ(stream.bits32(), word) << block;
  }
}

TEST(RowStream, LanesRowsAndColumnsDiffer) {
  const std::uint32_t first = RowStream(key, RowStream::synapses, 1, 2).bits32();
  EXPECT_NE(first, RowStream(key, RowStream::counts, 1, 2).bits32());
  EXPECT_NE(first, RowStream(key, RowStream::synapses, 2, 1).bits32());
  EXPECT_NE(first, RowStream(key, RowStream::synapses, 1, 3).bits32());
}

TEST(RowStream, BelowIsUniform) {
  RowStream stream(key, RowStream::synapses, 0, 0);
  for (std::uint32_t n : {1u, 2u, 3u, 7u, 100u, 1000u}) {
    std::vector<std::uint32_t> counts(n, 0);
    for (std::uint32_t i = 0; i < 200 * n; ++i) ++counts.at(stream.below(n));
    if (n > 1) {
      EXPECT_LT(std::fabs(example::uniform_sigmas(counts)), 5) << n;
    }
  }
}

TEST(RowStream, NormalsFollowTheNormalDistribution) {
  RowStream stream(key, RowStream::synapses, 3, 0);
  constexpr int n = 400000;
  std::vector<double> x(n);
  double power[5] = {};
  for (double& v : x) {
    v = stream.normal();
    for (int k = 1; k < 5; ++k) power[k] += std::pow(v, k) / n;
  }
  EXPECT_NEAR(power[1], 0, 5 / std::sqrt(n));
  EXPECT_NEAR(power[2], 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(power[3], 0, 5 * std::sqrt(15.0 / n));
  EXPECT_NEAR(power[4], 3, 5 * std::sqrt(96.0 / n));
  // Kolmogorov and Smirnov's distance; 1.95 / sqrt(n) is exceeded once in a thousand times.
  std::sort(x.begin(), x.end());
  double distance = 0;
  for (int i = 0; i < n; ++i)
    distance =
        std::max(distance, std::fabs(0.5 * std::erfc(-x[i] / std::sqrt(2.0)) - (i + 0.5) / n));
  EXPECT_LT(distance, 1.95 / std::sqrt(n));
}

TEST(RowStream, NormalsHaveTheRightTail) {
  // Beyond the last layer: how many, and how far beyond on average.
  RowStream stream(key, RowStream::synapses, 6, 0);
  constexpr double r = NormalTable::tail;
  constexpr int n = 16'000'000;
  double count = 0, excess = 0;
  for (int i = 0; i < n; ++i) {
    const double x = std::fabs(stream.normal());
    if (x > r) {
      count += 1;
      excess += x - r;
    }
  }
  const double mass = std::erfc(r / std::sqrt(2.0));
  EXPECT_NEAR(count, n * mass, 5 * std::sqrt(n * mass));
  const double mean = 2 * std::exp(-r * r / 2) / std::sqrt(2 * std::numbers::pi) / mass - r;
  EXPECT_NEAR(excess / count, mean, 5 * mean / std::sqrt(count));
}

TEST(RowStream, LayersOfTheNormalTableCloseAtTheTop) {
  const NormalTable& t = normal_table();
  // The uppermost layer has the common area as well: its height ends at exp(0) = 1.
  EXPECT_NEAR(t.height[255] + NormalTable::area / t.edge[255], 1, 1e-14);
  EXPECT_EQ(t.height[256], 1);
}

TEST(RowStream, ExponentialsHaveMeanAndVarianceOne) {
  RowStream stream(key, RowStream::synapses, 4, 0);
  constexpr int n = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.exponential();
    ASSERT_GT(x, 0);
    sum += x / n;
    squares += x * x / n;
  }
  EXPECT_NEAR(sum, 1, 5 / std::sqrt(n));
  EXPECT_NEAR(squares, 2, 5 * std::sqrt(20.0 / n));
}

TEST(BinomialTable, FollowsTheBinomialDistribution) {
  RowStream stream(key, RowStream::counts, 5, 0);
  for (const auto& [n, p] : std::vector<std::pair<std::uint32_t, double>>{
           {1, 0.5}, {1024, 0.1}, {1024, 0.001}, {1000, 0.97}, {37, 0.3}, {1024, 1e-5}}) {
    const BinomialTable table(n, p);
    std::vector<std::uint32_t> counts(50000);
    for (std::uint32_t& c : counts) c = table(stream.bits64());
    EXPECT_LT(std::fabs(example::binomial_sigmas(counts, n, p)), 5) << n << " " << p;
  }
}

TEST(BinomialTable, InvertsTheDistributionFunction) {
  const BinomialTable table(20, 0.3);
  double below = 0;
  for (std::uint32_t k = 0; k < 20; ++k) {
    below += example::binomial(20, 0.3, k);
    EXPECT_EQ(table(static_cast<std::uint64_t>((below - 1e-11) * 0x1p64)), k);
    if (below < 1 - 1e-10) {
      EXPECT_EQ(table(static_cast<std::uint64_t>((below + 1e-11) * 0x1p64)), k + 1);
    }
  }
}

TEST(BinomialTable, TakesCertainCases) {
  for (std::uint64_t bits : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    EXPECT_EQ(BinomialTable(100, 0)(bits), 0u);
    EXPECT_EQ(BinomialTable(100, 1)(bits), 100u);
    EXPECT_EQ(BinomialTable(0, 0.5)(bits), 0u);
    EXPECT_LE(BinomialTable(100, 0.5)(bits), 100u);
  }
}

}  // namespace
}  // namespace callosum
