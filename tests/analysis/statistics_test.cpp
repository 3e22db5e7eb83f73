#include "callosum/analysis/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "callosum/analysis/phase_controller.h"
#include "callosum/analysis/similarity.h"
#include "callosum/core/error.h"

namespace callosum::analysis {
namespace {

using Values = std::vector<double>;

TEST(Statistics, AreThoseOfTheTextbook) {
  const Values v = {2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(mean(v), 5);
  EXPECT_DOUBLE_EQ(standard_deviation(v), std::sqrt(32.0 / 7));
  EXPECT_DOUBLE_EQ(median(v), 4.5);
  EXPECT_DOUBLE_EQ(median(Values{3, 1, 2}), 2);
  EXPECT_TRUE(std::isnan(mean(Values{})));
  EXPECT_TRUE(std::isnan(median(Values{})));
  EXPECT_TRUE(std::isnan(standard_deviation(Values{1})));
}

TEST(StudentInterval, HasTheQuantilesOfTheTable) {
  // t with 1, 4, 9 and 29 degrees of freedom at 95 %, one-sided: 6.3138, 2.1318, 1.8331, 1.6991
  for (const auto& [n, t] :
       {std::pair{2, 6.313752}, {5, 2.131847}, {10, 1.833113}, {30, 1.699127}}) {
    Values v;
    for (int i = 0; i < n; ++i) v.push_back(i);
    const Interval interval = student_interval(v, 0.9);
    const double half = t * standard_deviation(v) / std::sqrt(n);
    EXPECT_NEAR(interval.low, mean(v) - half, 1e-5 * half);
    EXPECT_NEAR(interval.high, mean(v) + half, 1e-5 * half);
  }
  EXPECT_TRUE(std::isnan(student_interval(Values{1}).low));
  EXPECT_TRUE(std::isnan(student_interval(Values{1, INFINITY}).low));
  EXPECT_THROW(student_interval(Values{1, 2}, 1), ValueError);
  EXPECT_THROW(student_interval(Values{1, 2}, NAN), ValueError);
}

TEST(PairedDifferences, NeedPairs) {
  EXPECT_EQ(paired_differences(Values{3, 5}, Values{1, 9}), (Values{2, -4}));
  EXPECT_THROW(paired_differences(Values{1}, Values{1, 2}), ShapeError);
}

TEST(Ranks, ShareTies) {
  EXPECT_EQ(ranks(Values{10, 20, 10, 30, 20, 20}), (Values{1.5, 4, 1.5, 6, 4, 4}));
}

TEST(Wilcoxon, IsExactForSmallSamples) {
  // All six positive: 2 of 2^6 = 64 assignments are as extreme.
  const RankTest all = wilcoxon(Values{1, 2, 3, 4, 5, 6});
  EXPECT_EQ(all.statistic, 21);
  EXPECT_TRUE(all.exact);
  EXPECT_DOUBLE_EQ(all.p, 2.0 / 64);
  // T- = 3 of n = 6: subsets of 1..6 with sum <= 3: {}, 1, 2, 3, 12 = 5.
  EXPECT_DOUBLE_EQ(wilcoxon(Values{1, 2, -3, 4, 5, 6}).p, 2 * 5.0 / 64);
  EXPECT_DOUBLE_EQ(wilcoxon(Values{0, 0}).p, 1);
  EXPECT_EQ(wilcoxon(Values{0, 1, 2}).n, 2u);
  EXPECT_THROW(wilcoxon(Values{1, NAN}), ValueError);
}

TEST(Wilcoxon, LargeSamplesAgreeWithTheCriticalValueOfTheTable) {
  // n = 25, two-sided 5 %: T <= 89 is significant, 90 is not (Wilcoxon 1945, tables since).
  const auto with_negative_sum = [](int sum) {
    Values v;
    for (int rank = 25; rank >= 1; --rank) {
      const bool negative = rank <= sum;
      if (negative) sum -= rank;
      v.push_back(negative ? -rank : rank);
    }
    return wilcoxon(v);
  };
  EXPECT_LT(with_negative_sum(89).p, 0.05);
  EXPECT_GT(with_negative_sum(90).p, 0.05);
  EXPECT_EQ(with_negative_sum(89).statistic, 325 - 89);
}

TEST(MannWhitney, IsExactForSmallSamples) {
  // Separated samples of 3 and 4: 2 of C(7,3) = 35 orders.
  const RankTest apart = mann_whitney(Values{1, 2, 3}, Values{4, 5, 6, 7});
  EXPECT_EQ(apart.statistic, 0);
  EXPECT_DOUBLE_EQ(apart.p, 2.0 / 35);
  EXPECT_EQ(mann_whitney(Values{4, 5, 6, 7}, Values{1, 2, 3}).statistic, 12);
  // U <= 1: orders with U = 0 and U = 1, one each.
  EXPECT_DOUBLE_EQ(mann_whitney(Values{1, 2, 4}, Values{3, 5, 6, 7}).p, 2 * 2.0 / 35);
  EXPECT_THROW(mann_whitney(Values{}, Values{1}), ValueError);
}

TEST(MannWhitney, AgreesWithTheCriticalValueOfTheTable) {
  // n = 10 and 10, two-sided 5 %: U <= 23 is significant, 24 is not (Mann and Whitney 1947).
  const auto with_u = [](int u) {
    Values a, b;
    for (int i = 0; i < 10; ++i) b.push_back(i);
    // Each a beats the b's below it: u in all.
    for (int i = 0; i < 10; ++i) {
      const int beaten = std::min(10, std::max(0, u));
      u -= beaten;
      a.push_back(beaten - 0.5 + i * 1e-3);
    }
    return mann_whitney(a, b);
  };
  EXPECT_EQ(with_u(23).statistic, 23);
  EXPECT_LT(with_u(23).p, 0.05);
  EXPECT_GT(with_u(24).p, 0.05);
}

TEST(Similarity, LinearCkaIsOneUpToRotationAndScaleAndZeroForUnrelated) {
  const Values x = {1, 0, 0, 1, -1, 0, 0, -1};  // four samples in the plane
  const double c = std::cos(0.7), s = std::sin(0.7);
  Values y;
  for (std::size_t i = 0; i < 4; ++i) {
    y.push_back(3 * (c * x[2 * i] - s * x[2 * i + 1]) + 5);  // shifted, too
    y.push_back(3 * (s * x[2 * i] + c * x[2 * i + 1]) - 1);
  }
  EXPECT_NEAR(linear_cka(x, y, 4), 1, 1e-12);
  EXPECT_NEAR(linear_cka(Values{1, 1, -1, -1}, Values{1, -1, 1, -1}, 4), 0, 1e-12);
  // One of two equal directions kept: |Y'X|^2 = 4, |X'X| = sqrt(8), |Y'Y| = 2.
  EXPECT_NEAR(linear_cka(x, Values{1, 0, -1, 0}, 4), 4 / (std::sqrt(8.0) * 2), 1e-12);
  EXPECT_TRUE(std::isnan(linear_cka(x, Values{1, 1, 1, 1}, 4)));
  EXPECT_THROW(linear_cka(x, y, 3), ShapeError);
}

TEST(Similarity, KernelAlignmentIsACosine) {
  EXPECT_DOUBLE_EQ(kernel_alignment(Values{1, 2}, Values{2, 4}), 1);
  EXPECT_DOUBLE_EQ(kernel_alignment(Values{1, 0}, Values{0, 3}), 0);
  EXPECT_TRUE(std::isnan(kernel_alignment(Values{0, 0}, Values{1, 1})));
  EXPECT_THROW(kernel_alignment(Values{1}, Values{1, 1}), ShapeError);
}

using Action = PhaseController::Action;

TEST(PhaseController, AdvancesOnAPlateauRollsBackWhatIsWorseAndFreezes) {
  PhaseController c({{"grow", 2}, {"prune", 2}, {"tune", 1, 0, 1}});
  EXPECT_EQ(c.observe(1.0), Action::go_on);
  EXPECT_TRUE(c.improved());
  EXPECT_EQ(c.observe(0.5), Action::go_on);
  EXPECT_EQ(c.observe(0.6), Action::go_on);
  EXPECT_FALSE(c.improved());
  EXPECT_EQ(c.observe(0.7), Action::advance);
  EXPECT_EQ(c.phase().name, "prune");
  EXPECT_EQ(c.observe(0.9), Action::go_on);
  EXPECT_FALSE(c.improved()) << "best of its phase, not of all";
  EXPECT_EQ(c.observe(NAN), Action::go_on);
  EXPECT_EQ(c.observe(0.95), Action::roll_back);
  EXPECT_EQ(c.best(), 0.5);
  EXPECT_EQ(c.observe(0.4), Action::freeze) << "its longest time is one observation";
  EXPECT_TRUE(c.improved());
  EXPECT_TRUE(c.frozen());
  EXPECT_EQ(c.best(), 0.4);
  EXPECT_THROW(c.observe(1), ValueError);
}

TEST(PhaseController, RefusesWhatMakesNoPhases) {
  EXPECT_THROW(PhaseController({}), ValueError);
  EXPECT_THROW(PhaseController({{"x", 0}}), ValueError);
  EXPECT_THROW(PhaseController({{"x", 1, NAN}}), ValueError);
}

}  // namespace
}  // namespace callosum::analysis
