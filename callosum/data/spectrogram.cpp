#include "callosum/data/spectrogram.h"

#include <kissfft/kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <numbers>

#include "callosum/core/error.h"
#include "callosum/data/encoder_checks.h"

namespace callosum::data {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

double mel(double f) { return 2595 * std::log10(1 + f / 700); }
double from_mel(double m) { return 700 * (std::pow(10, m / 2595) - 1); }
double erb_rate(double f) { return 21.4 * std::log10(1 + 0.00437 * f); }
double from_erb_rate(double e) { return (std::pow(10, e / 21.4) - 1) / 0.00437; }
double erb(double f) { return 24.7 * (1 + 0.00437 * f); }

double checked_high(const char* where, const Audio& audio, double low, double high, double share) {
  if (audio.channels != 1)
    throw ShapeError({.where = where,
                      .what = "the sound has several channels",
                      .got = std::to_string(audio.channels),
                      .expected = "one: Audio::mono()"});
  check::positive(where, "sampling rate", audio.rate_Hz);
  if (high == 0) high = share * audio.rate_Hz;
  check::within(where, "high_Hz", high, 0, audio.rate_Hz / 2);
  if (!(low >= 0 && low < high)) check::within(where, "low_Hz", low, 0, high);
  return high;
}

std::size_t whole_samples(const char* where, const char* name, double seconds, double rate) {
  check::positive(where, name, seconds);
  const double n = std::floor(seconds * rate + 0.5);
  check::within(where, std::string(name) + " in samples", n, 1, 1 << 24);
  return static_cast<std::size_t>(n);
}

}  // namespace

Spectrogram Spectrogram::compressed(double range_dB) const {
  check::positive("spectrogram", "range_dB", range_dB);
  Spectrogram out = *this;
  float loudest = 0;
  for (float v : values) loudest = std::max(loudest, v);
  const double bel = amplitude ? 20 : 10;
  for (float& v : out.values) {
    const double dB = v > 0 ? bel * std::log10(static_cast<double>(v) / loudest) : -range_dB;
    v = static_cast<float>(std::clamp(1 + dB / range_dB, 0.0, 1.0));
  }
  return out;
}

Spectrogram mel_spectrogram(const Audio& audio, const MelOptions& options) {
  constexpr const char* where = "mel spectrogram";
  const double high = checked_high(where, audio, options.low_Hz, options.high_Hz, 0.5);
  check::within(where, "bands", static_cast<double>(options.bands), 1, 4096);
  const std::size_t window = whole_samples(where, "window_s", options.window_s, audio.rate_Hz);
  const std::size_t interval =
      whole_samples(where, "interval_s", options.interval_s, audio.rate_Hz);
  std::size_t size = 2;
  while (size < window) size *= 2;

  Spectrogram out;
  out.bands = options.bands;
  out.interval_s = static_cast<double>(interval) / audio.rate_Hz;
  const std::size_t samples = audio.samples.size();
  out.frames = samples == 0 ? 0 : 1 + (samples > window ? (samples - window) / interval : 0);
  std::vector<double> edges(options.bands + 2);
  for (std::size_t i = 0; i < edges.size(); ++i)
    edges[i] =
        from_mel(mel(options.low_Hz) + (mel(high) - mel(options.low_Hz)) * static_cast<double>(i) /
                                           static_cast<double>(options.bands + 1));
  out.centres_Hz.assign(edges.begin() + 1, edges.end() - 1);
  out.values.resize(out.frames * out.bands);

  std::vector<float> hann(window);
  double sum = 0;
  for (std::size_t i = 0; i < window; ++i) {
    const double w =
        0.5 - 0.5 * std::cos(two_pi * (static_cast<double>(i) + 0.5) / static_cast<double>(window));
    hann[i] = static_cast<float>(w);
    sum += w * w;
  }
  // Parseval: the sum over positive frequencies is the mean square of the sound.
  const double scale = 2 / (sum * static_cast<double>(size));
  const std::unique_ptr<kiss_fftr_state, void (*)(void*)> plan(
      kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr), free);
  if (!plan) throw ResourceError({.where = where, .what = "no memory for the transform"});
  std::vector<float> in(size);
  std::vector<kiss_fft_cpx> spectrum(size / 2 + 1);
  std::vector<double> power(size / 2 + 1);
  const double bin_Hz = audio.rate_Hz / static_cast<double>(size);
  for (std::size_t k = 0; k < out.frames; ++k) {
    std::fill(in.begin(), in.end(), 0.0f);
    for (std::size_t i = 0; i < window && k * interval + i < samples; ++i)
      in[i] = hann[i] * audio.samples[k * interval + i];
    kiss_fftr(plan.get(), in.data(), spectrum.data());
    for (std::size_t b = 0; b < power.size(); ++b)
      power[b] = scale * (static_cast<double>(spectrum[b].r) * spectrum[b].r +
                          static_cast<double>(spectrum[b].i) * spectrum[b].i);
    for (std::size_t m = 0; m < out.bands; ++m) {
      const double left = edges[m], centre = edges[m + 1], right = edges[m + 2];
      double band = 0;
      for (std::size_t b = static_cast<std::size_t>(left / bin_Hz); b < power.size(); ++b) {
        const double f = static_cast<double>(b) * bin_Hz;
        if (f >= right) break;
        if (f > left)
          band += power[b] *
                  (f < centre ? (f - left) / (centre - left) : (right - f) / (right - centre));
      }
      out.values[k * out.bands + m] = static_cast<float>(band);
    }
  }
  return out;
}

Spectrogram cochleagram(const Audio& audio, const CochleaOptions& options) {
  constexpr const char* where = "cochleagram";
  const double high = checked_high(where, audio, options.low_Hz, options.high_Hz, 0.45);
  check::within(where, "bands", static_cast<double>(options.bands), 2, 4096);
  const std::size_t interval =
      whole_samples(where, "interval_s", options.interval_s, audio.rate_Hz);
  Spectrogram out;
  out.amplitude = true;
  out.bands = options.bands;
  out.interval_s = static_cast<double>(interval) / audio.rate_Hz;
  out.frames = audio.samples.size() / interval;
  out.values.resize(out.frames * out.bands);
  for (std::size_t m = 0; m < out.bands; ++m) {
    const double at = static_cast<double>(m) / static_cast<double>(options.bands - 1);
    const double f =
        from_erb_rate(erb_rate(options.low_Hz) + at * (erb_rate(high) - erb_rate(options.low_Hz)));
    out.centres_Hz.push_back(f);
    // The sound is moved down by f and smoothed four times; twice the modulus is the envelope.
    const double keep = std::exp(-two_pi * 1.019 * erb(f) / audio.rate_Hz);
    const std::complex<double> turn = std::polar(1.0, -two_pi * f / audio.rate_Hz);
    std::complex<double> phase = 1;
    std::complex<double> stage[4] = {};
    for (std::size_t k = 0; k < out.frames; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < interval; ++i) {
        std::complex<double> z = phase * static_cast<double>(audio.samples[k * interval + i]);
        for (auto& s : stage) z = s = keep * s + (1 - keep) * z;
        sum += 2 * std::abs(z);
        phase *= turn;
      }
      phase /= std::abs(phase);  // rounding must not make it grow
      out.values[k * out.bands + m] = static_cast<float>(sum / static_cast<double>(interval));
    }
  }
  return out;
}

}  // namespace callosum::data
