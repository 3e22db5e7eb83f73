#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "callosum/report/axis.h"
#include "callosum/report/histogram.h"
#include "callosum/report/spike_statistics.h"

namespace callosum::report {
namespace {

using Counts = std::vector<std::uint64_t>;

TEST(Histogram, CountsHalfOpenBinsAndClosesTheLast) {
  const std::vector<double> values = {0, 0.5, 1, 1.999, 2, 3, -1, 4, NAN};
  const Histogram h = histogram(values, 0, 1, 3);
  EXPECT_EQ(h.counts, (Counts{2, 2, 2}));
  EXPECT_EQ(h.below, 1u);
  EXPECT_EQ(h.above, 1u);
  EXPECT_EQ(h.high(), 3);
  EXPECT_EQ(h.largest(), 2u);
}

TEST(Histogram, WithoutBinsOrWidthHoldsNothing) {
  const std::vector<double> values = {1};
  EXPECT_TRUE(histogram(values, 0, 1, 0).counts.empty());
  EXPECT_TRUE(histogram(values, 0, NAN, 5).counts.empty());
}

TEST(Quantile, IsTheNearestRank) {
  std::vector<double> values = {5, 1, 4, 2, 3};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 0.5), 3);
  EXPECT_EQ(quantile(values, 0.6), 3);
  EXPECT_EQ(quantile(values, 0.61), 4);
  EXPECT_EQ(quantile(values, 1), 5);
  std::vector<double> none;
  EXPECT_EQ(quantile(none, 0.5), 0);
}

TEST(PleasantWidth, IsTheLeastOneTwoOrFiveThatFits) {
  EXPECT_DOUBLE_EQ(pleasant_width(10, 10), 1);
  EXPECT_DOUBLE_EQ(pleasant_width(11, 10), 2);
  EXPECT_DOUBLE_EQ(pleasant_width(300, 100), 5);
  EXPECT_DOUBLE_EQ(pleasant_width(0.06, 10), 0.01);
  EXPECT_DOUBLE_EQ(pleasant_width(0, 10), 1);
}

/// Neuron 0 spikes every 10 steps, neuron 1 twice, neuron 2 never.
SpikeRecord three_neurons() {
  SpikeRecord record{"p", 3, {}, {}};
  for (int step = 10; step <= 60; step += 10) {
    record.neurons.push_back(0);
    record.steps.push_back(step);
    if (step == 20 || step == 50) {
      record.neurons.push_back(1);
      record.steps.push_back(step);
    }
  }
  return record;
}

TEST(SpikeStatistics, CountsSilentNeuronsAndFindsIntervals) {
  const SpikeStatistics s = spike_statistics(three_neurons(), 0.5);
  EXPECT_EQ(s.spikes_per_neuron, (std::vector<double>{6, 2, 0}));
  EXPECT_EQ(s.intervals_ms, (std::vector<double>{5, 5, 5, 5, 15, 5}));
  ASSERT_EQ(s.cv.size(), 1u);  // two spikes are too few
  EXPECT_EQ(s.cv[0], 0);
}

TEST(SpikeStatistics, CvIsTheStandardDeviationOverTheMean) {
  // Intervals 1, 3, 1, 3: mean 2, deviation 1.
  const SpikeRecord record{"p", 1, {0, 0, 0, 0, 0}, {1, 2, 5, 6, 9}};
  const SpikeStatistics s = spike_statistics(record, 0.1);
  ASSERT_EQ(s.cv.size(), 1u);
  EXPECT_DOUBLE_EQ(s.cv[0], 0.5);
}

TEST(SpikeStatistics, TakesIndicesOfASliceOfAPopulation) {
  const SpikeRecord record{"p", 2, {100, 101, 100}, {1, 2, 3}};
  const IndexRange range = index_range(record);
  EXPECT_EQ(range.first, 100u);
  EXPECT_EQ(range.count, 2u);
  EXPECT_EQ(spike_statistics(record, 1).spikes_per_neuron, (std::vector<double>{2, 1}));
}

TEST(BinnedRate, PutsASpikeIntoTheStepThatEndsWithIt) {
  const SpikeRecord record{"p", 2, {0, 1, 0, 1}, {1, 10, 11, 25}};
  const std::vector<double> rate = binned_rate_hz(record, 25, 10, 1);
  ASSERT_EQ(rate.size(), 3u);
  EXPECT_DOUBLE_EQ(rate[0], 2 / 0.010 / 2);
  EXPECT_DOUBLE_EQ(rate[1], 1 / 0.010 / 2);
  EXPECT_DOUBLE_EQ(rate[2], 1 / 0.005 / 2);  // a bin cut short by the end of the run
}

TEST(BinnedRate, OfNothingIsEmpty) {
  EXPECT_TRUE(binned_rate_hz({"p", 3, {}, {}}, 0, 10, 1).empty());
  EXPECT_TRUE(binned_rate_hz({"p", 0, {}, {}}, 10, 1, 1).empty());
}

TEST(PleasantBin, IsAtLeastAMillisecondAndAStep) {
  EXPECT_EQ(pleasant_bin(10000, 0.1, 250), 50);  // 1 s in bins of 5 ms
  EXPECT_EQ(pleasant_bin(100, 0.1, 250), 10);
  EXPECT_EQ(pleasant_bin(100, 2, 250), 1);
}

TEST(Axis, HasTicksAtRoundNumbersWithinIt) {
  const Axis axis = axis_over(0, 1000, 10);
  EXPECT_EQ(axis.ticks.size(), 11u);
  EXPECT_EQ(axis.label(1000), "1,000");
  const Axis narrow = axis_over(-66.3, -49.1, 3);
  ASSERT_GE(narrow.ticks.size(), 2u);
  EXPECT_EQ(narrow.low, -66.3);
  EXPECT_EQ(narrow.label(narrow.ticks[0]), "-60");
}

TEST(Axis, OfOneValueStillHasAnExtent) {
  const Axis axis = axis_over(-70, -70, 3);
  EXPECT_LT(axis.low, -70);
  EXPECT_GT(axis.high, -70);
  EXPECT_GE(axis.ticks.size(), 2u);
  EXPECT_GE(axis_over(INFINITY, -INFINITY, 3).ticks.size(), 2u);
}

TEST(CountAxis, HasWholeTicksAndHoldsTheHighest) {
  EXPECT_EQ(count_axis(1, 3).ticks, (std::vector<double>{0, 1}));
  EXPECT_EQ(count_axis(3, 3).ticks, (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(count_axis(0, 3).high, 1);
  EXPECT_GE(count_axis(970, 3).high, 970);
}

TEST(TimeAxis, TurnsToSecondsForLongRuns) {
  EXPECT_EQ(time_axis(0, 1000, 10).axis.title, "time (ms)");
  const TimeAxis seconds = time_axis(0, 20000, 10);
  EXPECT_EQ(seconds.axis.title, "time (s)");
  EXPECT_DOUBLE_EQ(seconds.axis.high, 20);
}

}  // namespace
}  // namespace callosum::report
