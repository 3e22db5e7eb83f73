#include "callosum/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "callosum/core/error.h"

namespace callosum {
namespace {

using Words = std::array<std::uint32_t, 4>;

Stream stream(std::uint64_t index, std::uint64_t seed = 1) {
  return Stream(StreamKey(seed, name_hash("test"), Purpose::user), index);
}

TEST(Philox, MatchesTheReferenceVectors) {
  // Random123 1.14, kat_vectors, philox4x32 with 10 rounds.
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~0ull),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822ull),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Stream, LaysOutItsCounterAsDocumented) {
  const StreamKey key(7, 8, Purpose::noise, 9);
  Stream s(key, 0x123456789ABCull, 0xFEDC87654321ull);
  const Words first = philox({0, 0x87654321u, 0x56789ABCu, 0x1234FEDCu}, key.value());
  const Words second = philox({1, 0x87654321u, 0x56789ABCu, 0x1234FEDCu}, key.value());
  for (std::uint32_t word : first) EXPECT_EQ(s.bits32(), word);
  for (std::uint32_t word : second) EXPECT_EQ(s.bits32(), word);
}

TEST(Stream, DiffersByEveryPartOfItsKey) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {1, 2})
    for (std::uint64_t object : {1, 2})
      for (Purpose purpose : {Purpose::weight, Purpose::delay})
        for (std::uint32_t replica : {0, 1})
          for (std::uint64_t index : {0ull, 1ull, 1ull << 40})
            for (std::uint64_t step : {0ull, 1ull, 1ull << 40})
              seen.insert(Stream(StreamKey(seed, object, purpose, replica), index, step).bits64());
  EXPECT_EQ(seen.size(), 16u * 9u);
}

TEST(Stream, DrawsTheSameNumbersOnEveryMachine) {
  Stream s = stream(0);
  EXPECT_EQ(s.bits32(), 1284132496u);
  EXPECT_EQ(s.uniform(), 0x1.699a8568c723bp-1);
  EXPECT_EQ(s.normal(), 0x1.3b757f35b5aaap-1);
  EXPECT_EQ(s.exponential(), 0x1.0c61e7231422cp+0);
  EXPECT_EQ(s.gamma(2.5), 0x1.a95dcc42773b5p+1);
  EXPECT_EQ(s.poisson(100), 112u);
  EXPECT_EQ(s.binomial(1000, 0.3), 304u);
  EXPECT_EQ(s.hypergeometric(1000, 300, 200), 77u);
}

/// Kolmogorov's distance between `n` draws and a distribution function, times sqrt(n). Above 1.95
/// with probability 0.001 if the function is right.
double kolmogorov(int n, const std::function<double(Stream&)>& draw,
                  const std::function<double(double)>& cdf) {
  std::vector<double> xs(n);
  for (int i = 0; i < n; ++i) {
    Stream s = stream(i);
    xs[i] = draw(s);
  }
  std::sort(xs.begin(), xs.end());
  double d = 0;
  for (int i = 0; i < n; ++i) {
    const double f = cdf(xs[i]);
    d = std::max({d, f - i / double(n), (i + 1) / double(n) - f});
  }
  return d * std::sqrt(n);
}

/// Regularised lower incomplete gamma function by its series.
double incomplete_gamma(double shape, double x) {
  double term = std::exp(shape * std::log(x) - x - std::lgamma(shape + 1)), sum = term;
  for (int k = 1; k < 2000 && term > 1e-17 * sum; ++k) sum += term *= x / (shape + k);
  return sum;
}

constexpr int many = 100000;

TEST(Distributions, UniformNormalExponentialAndGammaFollowTheirDistributionFunctions) {
  EXPECT_LT(kolmogorov(
                many, [](Stream& s) { return s.uniform(); }, [](double x) { return x; }),
            1.95);
  EXPECT_LT(kolmogorov(
                many, [](Stream& s) { return s.normal(); },
                [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }),
            1.95);
  EXPECT_LT(kolmogorov(
                many, [](Stream& s) { return s.exponential(); },
                [](double x) { return 1 - std::exp(-x); }),
            1.95);
  for (double shape : {0.3, 1.0, 2.5, 40.0})
    EXPECT_LT(kolmogorov(
                  many, [&](Stream& s) { return s.gamma(shape); },
                  [&](double x) { return incomplete_gamma(shape, x); }),
              1.95)
        << shape;
}

TEST(Distributions, NormalHasItsMomentsAndUncorrelatedNeighbours) {
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, neighbour = 0;
  Stream s = stream(3);
  constexpr int n = 400000;
  double last = s.normal();
  for (int i = 0; i < n; ++i) {
    const double x = s.normal();
    m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x, neighbour += x * last;
    last = x;
  }
  const double e = 4 / std::sqrt(double(n));
  EXPECT_NEAR(m1 / n, 0, e);
  EXPECT_NEAR(m2 / n, 1, e * std::sqrt(2));
  EXPECT_NEAR(m3 / n, 0, e * std::sqrt(15));
  EXPECT_NEAR(m4 / n, 3, e * std::sqrt(96));
  EXPECT_NEAR(neighbour / n, 0, e);
}

/// Standardised chi-square of draws against a probability mass function; bins with less than ten
/// expected draws are merged at the ends. Above 4 is far out.
double chi_square(const std::function<std::uint64_t(Stream&)>& draw,
                  const std::function<double(std::uint64_t)>& pmf, std::uint64_t low,
                  std::uint64_t high) {
  std::map<std::uint64_t, double> counts;
  for (int i = 0; i < many; ++i) {
    Stream s = stream(i, 11);
    ++counts[draw(s)];
  }
  double chi = 0, expected = 0, observed = 0;
  int bins = 0;
  double rest_expected = many, rest_observed = many;
  for (std::uint64_t k = low; k <= high; ++k) {
    expected += many * pmf(k);
    observed += counts.count(k) ? counts[k] : 0;
    if (expected < 10) continue;
    chi += (observed - expected) * (observed - expected) / expected;
    rest_expected -= expected, rest_observed -= observed;
    expected = observed = 0;
    ++bins;
  }
  if (rest_expected > 5) {
    chi += (rest_observed - rest_expected) * (rest_observed - rest_expected) / rest_expected;
    ++bins;
  } else {
    EXPECT_LT(std::fabs(rest_observed - rest_expected), 30);
  }
  const double freedom = std::max(1, bins - 1);
  return (chi - freedom) / std::sqrt(2 * freedom);
}

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

TEST(Distributions, PoissonFollowsItsProbabilities) {
  for (double mean : {0.01, 0.8, 5.0, 9.99, 10.0, 12.5, 100.0, 5000.0}) {
    const auto spread = static_cast<std::uint64_t>(8 * std::sqrt(mean) + 10);
    const auto middle = static_cast<std::uint64_t>(mean);
    EXPECT_LT(chi_square([&](Stream& s) { return s.poisson(mean); },
                         [&](std::uint64_t k) {
                           return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
                         },
                         middle > spread ? middle - spread : 0, middle + spread),
              4)
        << mean;
  }
}

TEST(Distributions, BinomialFollowsItsProbabilities) {
  const std::vector<std::pair<std::uint64_t, double>> cases{
      {1, 0.3}, {20, 0.5}, {20, 0.9}, {1000, 0.001}, {100, 0.12}, {1000, 0.3}, {100000, 0.7}};
  for (const auto& [n, p] : cases) {
    const double mean = n * p;
    const auto spread = static_cast<std::uint64_t>(8 * std::sqrt(mean * (1 - p)) + 10);
    const auto middle = static_cast<std::uint64_t>(mean);
    EXPECT_LT(
        chi_square([&, n = n, p = p](Stream& s) { return s.binomial(n, p); },
                   [&, n = n, p = p](std::uint64_t k) {
                     return std::exp(log_choose(n, k) + k * std::log(p) + (n - k) * std::log1p(-p));
                   },
                   middle > spread ? middle - spread : 0, std::min(n, middle + spread)),
        4)
        << n << " " << p;
  }
}

TEST(Distributions, HypergeometricFollowsItsProbabilities) {
  struct Case {
    std::uint64_t total, marked, draws;
  };
  for (const Case c : {Case{10, 4, 3}, Case{10, 7, 8}, Case{1000, 30, 100}, Case{1000, 300, 200},
                       Case{1000, 700, 200}, Case{1000, 700, 900}, Case{1000000, 1000, 20000},
                       Case{1000000, 400000, 100000}}) {
    const double mean = double(c.marked) * c.draws / c.total;
    const auto spread = static_cast<std::uint64_t>(8 * std::sqrt(mean) + 10);
    const auto middle = static_cast<std::uint64_t>(mean);
    const std::uint64_t least = c.marked + c.draws > c.total ? c.marked + c.draws - c.total : 0;
    EXPECT_LT(chi_square([&](Stream& s) { return s.hypergeometric(c.total, c.marked, c.draws); },
                         [&](std::uint64_t k) {
                           return std::exp(log_choose(c.marked, k) +
                                           log_choose(c.total - c.marked, c.draws - k) -
                                           log_choose(c.total, c.draws));
                         },
                         std::max(least, middle > spread ? middle - spread : 0),
                         std::min({c.marked, c.draws, middle + spread})),
              4)
        << c.total << " " << c.marked << " " << c.draws;
  }
}

TEST(Distributions, LargeCountsKeepMeanAndVariance) {
  const auto check = [](const std::function<std::uint64_t(Stream&)>& draw, double mean,
                        double variance) {
    constexpr int n = 40000;
    double sum = 0, squares = 0;
    for (int i = 0; i < n; ++i) {
      Stream s = stream(i, 5);
      const double x = static_cast<double>(draw(s)) - mean;
      sum += x, squares += x * x;
    }
    EXPECT_NEAR(sum / n, 0, 4 * std::sqrt(variance / n));
    EXPECT_NEAR(squares / n / variance, 1, 4 * std::sqrt(2.0 / n));
  };
  check([](Stream& s) { return s.poisson(3e8); }, 3e8, 3e8);
  check([](Stream& s) { return s.binomial(1000000000ull, 0.25); }, 2.5e8, 2.5e8 * 0.75);
  const double N = 4e9, K = 1e9, n = 1e8;
  check([](Stream& s) { return s.hypergeometric(4000000000ull, 1000000000ull, 100000000ull); },
        n * K / N, n * K / N * (1 - K / N) * (N - n) / (N - 1));
}

TEST(Distributions, BelowIsUniformAndReachesBothEnds) {
  for (std::uint64_t n : {1ull, 2ull, 7ull, 1000ull})
    EXPECT_LT(chi_square([&](Stream& s) { return s.below(n); },
                         [&](std::uint64_t) { return 1.0 / n; }, 0, n - 1),
              4);
  const std::uint64_t n = 3ull << 61;  // redraws every third time
  int low = 0;
  for (int i = 0; i < many; ++i) {
    Stream s = stream(i);
    const std::uint64_t x = s.below(n);
    ASSERT_LT(x, n);
    low += x < n / 2;
  }
  EXPECT_NEAR(low, many / 2, 4 * std::sqrt(many / 4.0));
}

TEST(Distributions, EndsAreExact) {
  Stream s = stream(0);
  EXPECT_EQ(s.poisson(0), 0u);
  EXPECT_EQ(s.binomial(10, 0), 0u);
  EXPECT_EQ(s.binomial(10, 1), 10u);
  EXPECT_EQ(s.binomial(0, 0.5), 0u);
  EXPECT_EQ(s.hypergeometric(10, 10, 4), 4u);
  EXPECT_EQ(s.hypergeometric(10, 0, 4), 0u);
  EXPECT_EQ(s.hypergeometric(10, 4, 10), 4u);
  EXPECT_EQ(s.below(1), 0u);
}

TEST(Distributions, RefuseParametersOutOfRangeAndNan) {
  Stream s = stream(0);
  EXPECT_THROW(s.poisson(-1), ValueError);
  EXPECT_THROW(s.poisson(NAN), ValueError);
  EXPECT_THROW(s.gamma(0), ValueError);
  EXPECT_THROW(s.gamma(NAN), ValueError);
  EXPECT_THROW(s.binomial(5, 1.1), ValueError);
  EXPECT_THROW(s.binomial(5, NAN), ValueError);
  EXPECT_THROW(s.hypergeometric(5, 6, 1), ValueError);
}

}  // namespace
}  // namespace callosum
