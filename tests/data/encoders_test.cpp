#include "callosum/data/encoders.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "callosum/data/decoders.h"
#include "folders.h"

namespace callosum::data {
namespace {

std::vector<double> counts(const SpikeRaster& raster) { return decode_count(raster); }

TEST(RateCode, CountsAreBinomial) {
  // 4,000 channels of one value: mean n p, variance n p (1 - p), each within 5 standard errors.
  const std::size_t channels = 4000, steps = 50;
  const double p = 0.6 * 0.5;
  const auto raster = encode_rate(std::vector<float>(channels, 0.6f), steps, 0.5, {7, 3});
  const auto n = counts(raster);
  const double mean = std::accumulate(n.begin(), n.end(), 0.0) / channels;
  double variance = 0;
  for (double c : n) variance += (c - mean) * (c - mean) / (channels - 1);
  const double expected = steps * p, spread = steps * p * (1 - p);
  EXPECT_NEAR(mean, expected, 5 * std::sqrt(spread / channels));
  EXPECT_NEAR(variance, spread, 5 * spread * std::sqrt(2.0 / channels));
}

TEST(RateCode, AChannelsSpikesDependOnSeedSampleAndChannelAlone) {
  const std::vector<float> few = {0.2f, 0.9f}, more = {0.2f, 0.9f, 1, 0.5f};
  const auto small = encode_rate(few, 100, 0.5, {1, 2}),
             large = encode_rate(more, 100, 0.5, {1, 2});
  std::vector<SpikeRaster::Spike> kept;
  for (const auto& s : large.spikes)
    if (s.channel < 2) kept.push_back(s);
  EXPECT_EQ(kept, small.spikes);
  EXPECT_NE(encode_rate(few, 100, 0.5, {1, 3}).spikes, small.spikes);
  EXPECT_NE(encode_rate(few, 100, 0.5, {2, 2}).spikes, small.spikes);
  std::vector<float> rows;
  for (int t = 0; t < 100; ++t) rows.insert(rows.end(), few.begin(), few.end());
  EXPECT_EQ(encode_changing_rate(rows, 2, 0.5, {1, 2}).spikes, small.spikes);
}

TEST(RateCode, EndsAreNeverAndAlways) {
  const auto raster = encode_rate(std::vector<float>{0, 1}, 20, 1, {});
  EXPECT_EQ(counts(raster), (std::vector<double>{0, 20}));
  for (float bad : {-0.1f, 1.1f, NAN})
    EXPECT_THROW(encode_rate(std::vector<float>{bad}, 5, 0.5, {}), ValueError) << bad;
  EXPECT_THROW(encode_rate(std::vector<float>{1}, 5, NAN, {}), ValueError);
  EXPECT_THROW(encode_changing_rate(std::vector<float>{1, 1, 1}, 2, 0.5, {}), ShapeError);
}

TEST(LatencyCode, LargerIsEarlierByTheClosedForm) {
  const std::vector<float> values = {1, 0.75f, 0.5f, 0.02f, 0};
  const auto linear = decode_first_spike(encode_latency(values, 101));
  EXPECT_EQ(linear, (std::vector<double>{0, 25, 50, 98, 101}));
  LatencyOptions options{LatencyOptions::Curve::logarithmic, 0.25, 20};
  const auto log = decode_first_spike(encode_latency(values, 101, options));
  // A leaky integrator of time constant tau driven by x: v = x (1 - exp(-t/tau)) reaches 0.25.
  for (std::size_t i : {0u, 1u, 2u}) {
    const double reached = values[i] * (1 - std::exp(-log[i] / options.tau));
    EXPECT_NEAR(reached, 0.25, values[i] * 0.5 / options.tau) << i;
  }
  EXPECT_EQ(log[3], 101);
  EXPECT_TRUE(encode_latency(std::vector<float>{0.2500001f}, 10, options).spikes.empty());
}

TEST(DeltaCode, LevelsFollowTheSignalWithinOneThreshold) {
  const std::size_t steps = 400;
  std::vector<float> signal;
  for (std::size_t t = 0; t < steps; ++t) {
    signal.push_back(static_cast<float>(std::sin(0.05 * static_cast<double>(t))));
    signal.push_back(t < 200 ? 0.0f : -3.0f);
  }
  const auto raster = encode_delta(signal, 2, 0.1);
  const auto levels = decode_delta(raster, std::vector<float>{0, 0}, 0.1);
  for (std::size_t i = 0; i < signal.size(); ++i)
    ASSERT_LT(std::abs(levels[i] - signal[i]), 0.1 * (1 + 1e-5)) << i;
  const auto n = counts(raster);
  EXPECT_EQ(n[2], 0);
  EXPECT_NEAR(n[3], 30, 1) << "one step of 3 is 30 spikes at once";
  EXPECT_TRUE(encode_delta(std::vector<float>(50, 0.7f), 1, 0.1).spikes.empty());
  EXPECT_THROW(encode_delta(signal, 2, 0), ValueError);
  EXPECT_THROW(encode_delta(std::vector<float>{0, 1e30f}, 1, 0.1), ValueError);
  EXPECT_THROW(encode_delta(std::vector<float>{0, NAN}, 1, 0.1), ValueError);
}

TEST(PopulationCode, FieldsStandWhereBohteEtAlPutThem) {
  // Five fields on 0..3: spacing 1, centres -0.5, 0.5, 1.5, 2.5, 3.5, widths 1 / 1.5.
  const auto out = population_code(std::vector<float>{0.5f, 1}, 5, 0, 3);
  ASSERT_EQ(out.size(), 10u);
  EXPECT_FLOAT_EQ(out[1], 1);
  EXPECT_FLOAT_EQ(out[0], static_cast<float>(std::exp(-1.5 * 1.5 / 2)));
  EXPECT_FLOAT_EQ(out[0], out[2]);
  EXPECT_FLOAT_EQ(out[6], out[7]) << "1 lies between two centres";
  EXPECT_THROW(population_code(std::vector<float>{1}, 2, 0, 1), ValueError);
  EXPECT_THROW(population_code(std::vector<float>{1}, 5, 1, 1), ValueError);
}

TEST(EventCamera, AnExponentialRampFiresAtEqualIntervals) {
  // Log brightness rises by 1 over 10 ms: with contrast 0.1 one event a millisecond.
  const float low = 0.2f, high = 0.2f * std::exp(1.0f);
  const std::vector<float> frames = {low, low, high, low};
  const auto events = encode_events(frames, 2, 1, 10000, {.contrast = 0.1, .refractory_us = 0});
  std::vector<Event> up, down;
  for (const Event& e : events) {
    EXPECT_EQ(e.x, 0) << "the other pixel never changes";
    (e.on ? up : down).push_back(e);
  }
  ASSERT_TRUE(down.empty());
  ASSERT_GE(up.size(), 9u);
  for (std::size_t k = 0; k < up.size(); ++k) EXPECT_NEAR(up[k].t_us, 1000.0 * (k + 1), 2) << k;
}

TEST(EventCamera, APixelRestsAndDarknessIsBounded) {
  const std::vector<float> frames = {0.01f, 1};
  const auto free = encode_events(frames, 1, 1, 1000, {.contrast = 0.1, .refractory_us = 0});
  EXPECT_EQ(free.size(), 46u);  // ln 100 / 0.1
  const auto resting = encode_events(frames, 1, 1, 1000, {.contrast = 0.1, .refractory_us = 100});
  EXPECT_LT(resting.size(), 11u);
  for (std::size_t k = 1; k < resting.size(); ++k)
    EXPECT_GE(resting[k].t_us - resting[k - 1].t_us, 99u);
  EXPECT_TRUE(encode_events(std::vector<float>{0, 0.009f}, 1, 1, 1000).empty());
  EXPECT_THROW(encode_events(std::vector<float>{2}, 1, 1, 1000), ValueError);
  EXPECT_THROW(encode_events(std::vector<float>{1, 1, 1}, 2, 1, 1000), ShapeError);
}

TEST(Binning, EventsFallIntoTheirPixelsAndSteps) {
  const std::vector<Event> events = {
      {0, 1, 0, true}, {999, 0, 1, false}, {1000, 0, 0, true}, {5000, 0, 0, true}};
  const auto raster = bin_events(events, 2, 2, 1000, 3);
  EXPECT_EQ(raster.channels, 8u);
  EXPECT_EQ(raster.spikes, (std::vector<SpikeRaster::Spike>{{0, 1}, {0, 6}, {1, 0}}));
  EXPECT_THROW(bin_events(events, 1, 1, 1000, 3), ValueError);
  const SpokenSpikes word{{0.0f, 0.0105f, 2}, {5, 3, 1}, 0, 0};
  EXPECT_EQ(bin_spikes(word, 700, 0.01, 100).spikes,
            (std::vector<SpikeRaster::Spike>{{0, 5}, {1, 3}}));
}

TEST(SpikeRaster, DenseAndBackIsTheSame) {
  SpikeRaster raster{3, 4, {{3, 1}, {0, 2}, {0, 2}}};
  raster.sort();
  EXPECT_EQ(SpikeRaster::from_dense(raster.dense(), 3).spikes, raster.spikes);
  EXPECT_THROW(SpikeRaster::from_dense(std::vector<float>{0.5f}, 1), ValueError);
  EXPECT_THROW(SpikeRaster::from_dense(std::vector<float>{1, 1}, 3), ShapeError);
  raster.spikes.push_back({4, 0});
  EXPECT_THROW(raster.sort(), ValueError);
}

TEST(Decoders, AgreeWithSlowSums) {
  const auto raster = encode_rate(std::vector<float>{0.1f, 0.5f, 0.3f, 0}, 80, 0.6, {5, 0});
  const auto dense = raster.dense();
  const auto n = decode_count(raster), rate = decode_rate(raster, 0.001),
             first = decode_first_spike(raster), leaky = decode_leaky_maximum(raster, 0.9);
  for (std::size_t c = 0; c < 4; ++c) {
    double sum = 0, v = 0, most = 0, earliest = 80;
    for (std::size_t t = 80; t-- > 0;)
      if (dense[t * 4 + c] > 0) earliest = static_cast<double>(t);
    for (std::size_t t = 0; t < 80; ++t) {
      sum += dense[t * 4 + c];
      v = 0.9 * v + dense[t * 4 + c];
      most = std::max(most, v);
    }
    EXPECT_EQ(n[c], sum);
    EXPECT_DOUBLE_EQ(rate[c], sum / 0.08);
    EXPECT_EQ(first[c], earliest);
    EXPECT_NEAR(leaky[c], most, 1e-12);
  }
  EXPECT_EQ(winner(n), 1);
  EXPECT_THROW(decode_leaky_maximum(raster, 1.1), ValueError);
  EXPECT_THROW(decode_rate(raster, 0), ValueError);
}

TEST(Decoders, TiesGoToTheLowerChannelAndSilenceToNone) {
  EXPECT_EQ(winner({1, 2, 2}), 1);
  EXPECT_EQ(winner({0, 0}), -1);
  EXPECT_EQ(winner({}), -1);
  EXPECT_EQ(first_winner({2, 5, {{3, 0}, {3, 1}}}), 0);
  EXPECT_EQ(first_winner({2, 5, {}}), -1);
  // A steady train: the leaky sum approaches 1 / (1 - decay).
  const auto steady = encode_rate(std::vector<float>{1}, 500, 1, {});
  EXPECT_NEAR(decode_leaky_maximum(steady, 0.9)[0], 10, 1e-9);
}

TEST(Codes, LatencyOfAPopulationTellsValuesApart) {
  // Values go through fields and latencies and come back by the field that spikes first.
  std::vector<float> values;
  for (int i = 0; i <= 20; ++i) values.push_back(static_cast<float>(i) / 20);
  const auto fields = population_code(values, 12, 0, 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::span<const float> one(fields.data() + 12 * i, 12);
    const auto raster = encode_latency(one, 1000);
    const double centre = (2 * first_winner(raster) - 1) / 2.0 / 10;
    EXPECT_NEAR(centre, values[i], 0.051);
  }
}

}  // namespace
}  // namespace callosum::data
