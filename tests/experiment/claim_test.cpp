#include "callosum/experiment/claim.h"

#include <gtest/gtest.h>

#include <cmath>

namespace callosum::experiment {
namespace {

TEST(Judge, HoldsWhenTheIntervalClearsTheBarOnly) {
  // mean 3, sd sqrt(2.5), t(4, 95 %) = 2.131847: 3 -+ 1.507443
  const std::vector<double> values = {1, 2, 3, 4, 5};
  EXPECT_EQ(judge(values, above(1.49), Scale::linear).verdict, Verdict::holds);
  EXPECT_EQ(judge(values, above(1.50), Scale::linear).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge(values, above(4.50), Scale::linear).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge(values, above(4.51), Scale::linear).verdict, Verdict::fails);
  EXPECT_EQ(judge(values, below(4.51), Scale::linear).verdict, Verdict::holds);
  EXPECT_EQ(judge(values, below(1.49), Scale::linear).verdict, Verdict::fails);
  EXPECT_EQ(judge(values, {}, Scale::linear).verdict, Verdict::reported);
  EXPECT_NEAR(judge(values, {}, Scale::linear).low, 3 - 1.507443, 1e-5);
}

TEST(Judge, TakesRatiosOnTheLogarithmicScale) {
  const Judgement j = judge({0.01, 1, 100}, {}, Scale::log);
  EXPECT_NEAR(j.mean, 1, 1e-12);
  EXPECT_NEAR(j.sd, 2, 1e-12);
  EXPECT_NEAR(j.low * j.high, 1, 1e-9);
  EXPECT_EQ(judge({1e-30, 2e-30, 1e-29}, below(1e-20), Scale::log).verdict, Verdict::holds);
}

TEST(Judge, NeverDecidesOnOneSeedOrWithoutNumbers) {
  EXPECT_EQ(judge({5}, above(0), Scale::linear).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge({}, above(0), Scale::linear).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge({5, NAN, 5}, above(0), Scale::linear).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge({5, INFINITY, 5}, above(0), Scale::linear).verdict, Verdict::holds);
  EXPECT_EQ(judge({5, INFINITY, 5}, below(0), Scale::linear).verdict, Verdict::fails);
  EXPECT_EQ(judge({-5, INFINITY, 5}, above(0), Scale::linear).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge({0, 0}, below(1e-20), Scale::log).verdict, Verdict::holds);
}

TEST(Bar, IsToldAsAPersonWould) {
  EXPECT_EQ(text(above(0.5)), "> 0.5");
  EXPECT_EQ(text(below(1e-20)), "< 1e-20");
  EXPECT_EQ(text(Bar{}), "");
}

}  // namespace
}  // namespace callosum::experiment
