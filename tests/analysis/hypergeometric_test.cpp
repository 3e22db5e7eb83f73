#include "callosum/analysis/hypergeometric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum::analysis {
namespace {

TEST(Hypergeometric, TailsAgreeWithExactRationals) {
  // total, marked, drawn, at least, log10 by rational arithmetic.
  struct Golden {
    std::int64_t n, a, s, theta;
    double log10;
  };
  for (const Golden& g : {Golden{200000, 2000, 10, 10, -20.009689416526075440},
                          {200000, 2000, 30, 12, -16.149264750046208575},
                          {20000, 400, 20, 8, -8.6130199033098463222},
                          {2048, 40, 20, 8, -8.9662382675994788157},
                          {1000, 100, 20, 5, -1.3820786374689219672},
                          {1000, 100, 20, 6, -1.9815051158120994270},
                          {256, 64, 24, 12, -2.3126444384339387463}})
    EXPECT_NEAR(Hypergeometric(g.n, g.a, g.s).log10_at_least(g.theta), g.log10, 4e-13) << g.n;
  EXPECT_NEAR(Hypergeometric(200, 140, 20).log10_below(10), -1.9002850978601046329, 4e-13);
  EXPECT_NEAR(Hypergeometric(200, 120, 30).log10_below(10), -3.4882195911907751686, 4e-13);
}

double choose(std::int64_t n, std::int64_t k) {
  if (k < 0 || k > n) return 0;
  double out = 1;
  for (std::int64_t i = 1; i <= k; ++i) out = std::round(out * static_cast<double>(n - k + i) / i);
  return out;
}

TEST(Hypergeometric, SmallCasesAgreeWithBinomialCoefficients) {
  for (std::int64_t n : {1, 5, 12})
    for (std::int64_t a = 0; a <= n; ++a)
      for (std::int64_t s = 0; s <= n; ++s) {
        const Hypergeometric h{n, a, s};
        double above = 0;
        for (std::int64_t k = n; k >= 0; --k) {
          const double p = choose(s, k) * choose(n - s, a - k) / choose(n, a);
          above += p;
          ASSERT_NEAR(std::pow(10, h.log10_probability(k)), p, 1e-13);
          ASSERT_NEAR(std::pow(10, h.log10_at_least(k)), above, 1e-12);
          ASSERT_NEAR(std::pow(10, h.log10_below(k)), 1 - above, 1e-12);
        }
      }
  EXPECT_EQ(Hypergeometric(10, 3, 3).log10_at_least(0), 0);
  EXPECT_THROW(Hypergeometric(10, 11, 3).log10_at_least(1), ValueError);
  EXPECT_THROW(Hypergeometric(10, 3, -1).log10_below(1), ValueError);
}

TEST(WilsonInterval, CoversItsRateAboutAsOftenAsItSays) {
  const RateInterval none = wilson_interval(0, 100, 1.96);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 1.96 * 1.96 / (100 + 1.96 * 1.96), 1e-12);
  Stream stream(StreamKey(1, name_hash("wilson"), Purpose::user), 0);
  int covered = 0;
  for (int k = 0; k < 4000; ++k) {
    const auto hits = static_cast<std::int64_t>(stream.binomial(200, 0.07));
    const RateInterval i = wilson_interval(hits, 200);
    covered += i.low <= 0.07 && 0.07 <= i.high;
  }
  EXPECT_NEAR(covered / 4000.0, 0.95, 0.02);
  EXPECT_THROW(wilson_interval(2, 1), ValueError);
  EXPECT_THROW(wilson_interval(0, 1, NAN), ValueError);
}

}  // namespace
}  // namespace callosum::analysis
