#include "callosum/learn/match_to_sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "callosum/core/error.h"

namespace callosum::learn {
namespace {

double rate(const SpikeSamples& s, std::int64_t k, std::int64_t begin, std::int64_t end,
            std::uint32_t unit) {
  double spikes = 0;
  for (std::int64_t t = begin; t < end; ++t)
    spikes += static_cast<double>(s.row(k, t)[unit / 64] >> (unit % 64) & 1);
  return spikes / static_cast<double>(end - begin);
}

/// Angle of the population vector of what fires from step `begin` to `end`.
double decoded(const SpikeSamples& s, std::int64_t k, std::int64_t begin, std::int64_t end) {
  double x = 0, y = 0;
  for (std::uint32_t i = 0; i < s.units(); ++i) {
    const double angle = 2 * std::numbers::pi * i / s.units();
    x += rate(s, k, begin, end, i) * std::cos(angle);
    y += rate(s, k, begin, end, i) * std::sin(angle);
  }
  return std::atan2(y, x);
}

TEST(MatchToSample, LabelsSayWhetherTheTwoDirectionsAreTheSame) {
  const MatchToSample task;
  const SpikeSamples s = match_trials(task, 200, 7);
  ASSERT_EQ(s.steps(), 250);
  double same = 0;
  for (std::int64_t k = 0; k < s.size(); ++k) {
    const double turn = decoded(s, k, 50, 100) - decoded(s, k, 200, 250);
    // Neighbouring directions are 45 degrees apart.
    const bool equal = std::cos(turn) > std::cos(std::numbers::pi / 8);
    EXPECT_EQ(equal, s.label(k) == 1) << "trial " << k;
    same += static_cast<double>(s.label(k));
  }
  EXPECT_NEAR(same / 200, 0.5, 0.15);
}

TEST(MatchToSample, RatesFollowTheTuningWhileADirectionIsShownAndTheBackgroundElsewhere) {
  MatchToSample task;
  task.directions = 2;
  task.units = 4;
  const SpikeSamples s = match_trials(task, 2000, 3);
  double shown[4] = {}, silent[4] = {}, trials = 0;
  for (std::int64_t k = 0; k < s.size(); ++k) {
    if (std::cos(decoded(s, k, 50, 100)) < 0) continue;  // direction 0
    ++trials;
    for (std::uint32_t i = 0; i < 4; ++i) {
      shown[i] += rate(s, k, 50, 100, i);
      silent[i] += (rate(s, k, 0, 50, i) + 2 * rate(s, k, 100, 200, i)) / 3;
    }
  }
  ASSERT_GT(trials, 800);
  for (std::uint32_t i = 0; i < 4; ++i) {
    const double near = std::exp(2 * (std::cos(std::numbers::pi / 2 * i) - 1));
    const double p = 0.01 + 0.4 * near;
    EXPECT_NEAR(shown[i] / trials, p, 5 * std::sqrt(p / (50 * trials))) << i;
    EXPECT_NEAR(silent[i] / trials, 0.01, 5 * std::sqrt(0.01 / (150 * trials))) << i;
  }
}

TEST(MatchToSample, ATrialDependsOnItsNumberAlone) {
  const MatchToSample task;
  const SpikeSamples all = match_trials(task, 12, 5), part = match_trials(task, 4, 5, 8);
  for (std::int64_t k = 0; k < 4; ++k) {
    EXPECT_EQ(part.label(k), all.label(8 + k));
    for (std::int64_t t = 0; t < all.steps(); ++t)
      for (std::size_t w = 0; w < all.words(); ++w)
        ASSERT_EQ(part.row(k, t)[w], all.row(8 + k, t)[w]);
  }
}

TEST(MatchToSample, RefusesWhatCannotBe) {
  EXPECT_THROW(match_trials({.peak_hz = 200}, 1, 1), ValueError);
  EXPECT_THROW(match_trials({.delay_ms = 1005}, 1, 1), ValueError);
  EXPECT_THROW(match_trials({.directions = 1}, 1, 1), ValueError);
  EXPECT_THROW(match_trials({.kappa = std::nan("")}, 1, 1), ValueError);
  EXPECT_THROW(match_trials({}, 0, 1), ValueError);
}

}  // namespace
}  // namespace callosum::learn
