#include "callosum/data/encoders.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/random.h"
#include "callosum/data/encoder_checks.h"

namespace callosum::data {

namespace {

/// The numbers of one channel, drawn in the order of time.
Stream channel_stream(EncoderKey key, std::size_t channel) {
  return Stream(StreamKey(key.seed, name_hash("encode_rate"), Purpose::user), channel, key.sample);
}

}  // namespace

SpikeRaster encode_rate(std::span<const float> values, std::size_t steps, double probability,
                        EncoderKey key) {
  constexpr const char* where = "rate code";
  check::within(where, "probability", probability, 0, 1);
  check::all_within(where, values, 0, 1);
  SpikeRaster out{values.size(), steps, {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double p = values[i] * probability;
    if (p == 0) continue;
    Stream stream = channel_stream(key, i);
    for (std::size_t t = 0; t < steps; ++t)
      if (stream.uniform() < p)
        out.spikes.push_back({static_cast<std::int32_t>(t), static_cast<std::uint32_t>(i)});
  }
  out.sort();
  return out;
}

SpikeRaster encode_changing_rate(std::span<const float> values, std::size_t channels,
                                 double probability, EncoderKey key) {
  constexpr const char* where = "rate code";
  check::within(where, "probability", probability, 0, 1);
  check::all_within(where, values, 0, 1);
  const std::size_t steps = check::rows(where, values, channels);
  SpikeRaster out{channels, steps, {}};
  for (std::size_t i = 0; i < channels; ++i) {
    Stream stream = channel_stream(key, i);
    for (std::size_t t = 0; t < steps; ++t)
      if (stream.uniform() < values[t * channels + i] * probability)
        out.spikes.push_back({static_cast<std::int32_t>(t), static_cast<std::uint32_t>(i)});
  }
  out.sort();
  return out;
}

SpikeRaster encode_latency(std::span<const float> values, std::size_t steps,
                           const LatencyOptions& options) {
  constexpr const char* where = "latency code";
  check::all_within(where, values, 0, 1);
  check::positive(where, "tau", options.tau);
  if (!(options.threshold >= 0 && options.threshold < 1))
    check::within(where, "threshold", options.threshold, 0, std::nextafter(1.0, 0.0));
  SpikeRaster out{values.size(), steps, {}};
  if (steps == 0) return out;
  const double last = static_cast<double>(steps - 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = values[i];
    if (!(x > options.threshold)) continue;
    const double t = options.curve == LatencyOptions::Curve::linear
                         ? (1 - x) * last
                         : options.tau * std::log(x / (x - options.threshold));
    const double step = std::floor(t + 0.5);
    if (step <= last)
      out.spikes.push_back({static_cast<std::int32_t>(step), static_cast<std::uint32_t>(i)});
  }
  out.sort();
  return out;
}

SpikeRaster encode_delta(std::span<const float> signal, std::size_t channels, double threshold) {
  constexpr const char* where = "delta code";
  constexpr double most = 1e6;
  check::positive(where, "threshold", threshold);
  const std::size_t steps = check::rows(where, signal, channels);
  constexpr double largest = std::numeric_limits<float>::max();
  check::all_within(where, signal, -largest, largest);
  SpikeRaster out{2 * channels, steps, {}};
  for (std::size_t i = 0; i < channels; ++i) {
    // Levels are counted from the start, so that they do not drift.
    const double start = steps ? signal[i] : 0;
    double level = 0;
    for (std::size_t t = 1; t < steps; ++t) {
      const double moved = (signal[t * channels + i] - start) / threshold - level;
      const double sent = std::trunc(moved);
      if (!(std::abs(sent) <= most)) check::within(where, "move in thresholds", sent, -most, most);
      out.spikes.insert(
          out.spikes.end(), static_cast<std::size_t>(std::abs(sent)),
          {static_cast<std::int32_t>(t), static_cast<std::uint32_t>(2 * i + (sent < 0 ? 1 : 0))});
      level += sent;
    }
  }
  out.sort();
  return out;
}

std::vector<float> decode_delta(const SpikeRaster& spikes, std::span<const float> start,
                                double threshold) {
  constexpr const char* where = "delta code";
  check::positive(where, "threshold", threshold);
  if (spikes.channels != 2 * start.size())
    throw ShapeError({.where = where,
                      .what = "there is not one start for two channels",
                      .got = std::to_string(start.size()),
                      .expected = std::to_string(spikes.channels / 2)});
  const std::vector<float> counts = spikes.dense();
  std::vector<float> out(spikes.steps * start.size());
  for (std::size_t i = 0; i < start.size(); ++i) {
    double level = 0;
    for (std::size_t t = 0; t < spikes.steps; ++t) {
      level += counts[t * spikes.channels + 2 * i] - counts[t * spikes.channels + 2 * i + 1];
      out[t * start.size() + i] = static_cast<float>(start[i] + threshold * level);
    }
  }
  return out;
}

std::vector<float> population_code(std::span<const float> values, std::size_t fields, double low,
                                   double high, double beta) {
  constexpr const char* where = "population code";
  check::within(where, "fields", static_cast<double>(fields), 3, 1e6);
  check::positive(where, "beta", beta);
  check::positive(where, "high - low", high - low);
  constexpr double largest = std::numeric_limits<float>::max();
  check::all_within(where, values, -largest, largest);
  const double spacing = (high - low) / static_cast<double>(fields - 2);
  std::vector<float> out;
  out.reserve(values.size() * fields);
  for (float x : values)
    for (std::size_t i = 0; i < fields; ++i) {
      const double centre = low + (2 * static_cast<double>(i) - 1) / 2 * spacing;
      const double z = (x - centre) * beta / spacing;
      out.push_back(static_cast<float>(std::exp(-z * z / 2)));
    }
  return out;
}

SpikeRaster bin_events(std::span<const Event> events, std::uint16_t width, std::uint16_t height,
                       std::uint32_t step_us, std::size_t steps) {
  check::positive("events", "step_us", step_us);
  const std::size_t pixels = std::size_t{width} * height;
  SpikeRaster out{2 * pixels, steps, {}};
  for (const Event& e : events) {
    if (e.t_us / step_us >= steps) continue;
    if (e.x >= width || e.y >= height) check::within("events", "x or y", -1, 0, 0);
    out.spikes.push_back(
        {static_cast<std::int32_t>(e.t_us / step_us),
         static_cast<std::uint32_t>((e.on ? 0 : pixels) + std::size_t{e.y} * width + e.x)});
  }
  out.sort();
  return out;
}

SpikeRaster bin_spikes(const SpokenSpikes& word, std::size_t channels, double step_s,
                       std::size_t steps) {
  check::positive("spoken spikes", "step_s", step_s);
  SpikeRaster out{channels, steps, {}};
  for (std::size_t k = 0; k < word.times_s.size(); ++k) {
    const double step = std::floor(word.times_s[k] / step_s);
    if (step < static_cast<double>(steps))
      out.spikes.push_back({static_cast<std::int32_t>(step), word.channels[k]});
  }
  out.sort();
  return out;
}

}  // namespace callosum::data
