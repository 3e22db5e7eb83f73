#include "callosum/data/spectrogram.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "callosum/core/random.h"
#include "callosum/data/encoders.h"
#include "folders.h"

namespace callosum::data {
namespace {

Audio tone(double f, double seconds, double amplitude = 1) {
  Audio out{8000, 1, {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(8000 * seconds); ++i)
    out.samples.push_back(static_cast<float>(
        amplitude * std::sin(2 * std::numbers::pi * f * static_cast<double>(i) / 8000)));
  return out;
}

std::size_t loudest(const Spectrogram& s, std::size_t frame) {
  const auto row = s.values.begin() + static_cast<std::ptrdiff_t>(frame * s.bands);
  return static_cast<std::size_t>(
      std::max_element(row, row + static_cast<std::ptrdiff_t>(s.bands)) - row);
}

std::size_t nearest(const Spectrogram& s, double f) {
  std::size_t best = 0;
  for (std::size_t m = 0; m < s.bands; ++m)
    if (std::abs(s.centres_Hz[m] - f) < std::abs(s.centres_Hz[best] - f)) best = m;
  return best;
}

double row_sum(const Spectrogram& s, std::size_t frame) {
  const auto row = s.values.begin() + static_cast<std::ptrdiff_t>(frame * s.bands);
  return std::accumulate(row, row + static_cast<std::ptrdiff_t>(s.bands), 0.0);
}

TEST(MelSpectrogram, BandsAddUpToTheMeanSquare) {
  for (double f : {400.0, 1000.0, 2500.0}) {
    const auto s = mel_spectrogram(tone(f, 0.2, 0.5), {.bands = 30});
    EXPECT_EQ(loudest(s, 5), nearest(s, f)) << f;
    EXPECT_NEAR(row_sum(s, 5), 0.125, 0.002) << f;
  }
}

TEST(MelSpectrogram, CentresAreEquallySpacedInMel) {
  const auto s = mel_spectrogram(tone(500, 0.05), {.bands = 10, .low_Hz = 0});
  const auto mel = [](double f) { return 2595 * std::log10(1 + f / 700); };
  for (std::size_t m = 0; m < 10; ++m)
    EXPECT_NEAR(mel(s.centres_Hz[m]), mel(4000) * static_cast<double>(m + 1) / 11, 1e-6);
}

TEST(MelSpectrogram, FramesCoverTheSoundAndShortSoundIsPadded) {
  EXPECT_EQ(mel_spectrogram(tone(500, 0.1), {}).frames, 8u);  // (800 - 200) / 80 + 1
  EXPECT_EQ(mel_spectrogram(tone(500, 0.01), {}).frames, 1u);
  EXPECT_EQ(mel_spectrogram(Audio{8000, 1, {}}, {}).frames, 0u);
  EXPECT_THROW(mel_spectrogram(Audio{8000, 2, {0, 0}}, {}), ShapeError);
  EXPECT_THROW(mel_spectrogram(tone(500, 0.1), {.low_Hz = 5000}), ValueError);
  EXPECT_THROW(mel_spectrogram(tone(500, 0.1), {.high_Hz = 4001}), ValueError);
  EXPECT_THROW(mel_spectrogram(tone(500, 0.1), {.window_s = NAN}), ValueError);
}

TEST(Cochleagram, ATonesEnvelopeHasTheGammatonesGain) {
  const CochleaOptions options{.bands = 20};
  const double f = 700;
  const auto s = cochleagram(tone(f, 0.5), options);
  EXPECT_EQ(loudest(s, 400), nearest(s, f));
  for (std::size_t m = 0; m < s.bands; ++m) {
    // Four one-pole filters (1 - a) / (1 - a exp(-i w)), w the distance from the centre.
    const double c = s.centres_Hz[m],
                 a = std::exp(-2 * std::numbers::pi * 1.019 * 24.7 * (1 + 0.00437 * c) / 8000);
    const double w = 2 * std::numbers::pi * (f - c) / 8000;
    const double gain = std::pow((1 - a) / std::sqrt(1 - 2 * a * std::cos(w) + a * a), 4);
    double mean = 0;
    for (std::size_t k = 300; k < 500; ++k) mean += s.values[k * s.bands + m] / 200;
    EXPECT_NEAR(mean, gain, 0.01) << c;  // the image at -f adds a little
  }
}

TEST(Cochleagram, CentresAreEquallySpacedInErbRate) {
  const auto s = cochleagram(tone(500, 0.01), {.bands = 9, .low_Hz = 100, .high_Hz = 3000});
  const auto rate = [](double f) { return 21.4 * std::log10(1 + 0.00437 * f); };
  for (std::size_t m = 1; m + 1 < 9; ++m)
    EXPECT_NEAR(2 * rate(s.centres_Hz[m]), rate(s.centres_Hz[m - 1]) + rate(s.centres_Hz[m + 1]),
                1e-9);
  EXPECT_NEAR(s.centres_Hz.front(), 100, 1e-6);
  EXPECT_NEAR(s.centres_Hz.back(), 3000, 1e-6);
}

TEST(Cochleagram, SilenceIsSilentAndSpeechSpikes) {
  const auto silence = cochleagram(Audio{8000, 1, std::vector<float>(800)}, {});
  EXPECT_EQ(*std::max_element(silence.values.begin(), silence.values.end()), 0);
  for (float v : silence.compressed().values) ASSERT_EQ(v, 0);
  const OnlySamples only;
  const AudioSet digits = load_spoken_digits();
  const auto ears = cochleagram(digits.train[0].audio, {.interval_s = 0.005}).compressed();
  for (float v : ears.values) ASSERT_TRUE(v >= 0 && v <= 1);
  const auto spikes = encode_changing_rate(ears.values, ears.bands, 0.2, {1, 0});
  EXPECT_GT(spikes.spikes.size(), 100u);
}

TEST(Spectrogram, CompressionIsLinearInDecibels) {
  Spectrogram s{1, 4, 0.01, {1, 2, 3, 4}, {1, 0.1f, 1e-3f, 0}};
  const auto out = s.compressed(20).values;
  EXPECT_FLOAT_EQ(out[0], 1);
  EXPECT_FLOAT_EQ(out[1], 0.5f);
  EXPECT_FLOAT_EQ(out[2], 0);
  EXPECT_FLOAT_EQ(out[3], 0);
  EXPECT_THROW(s.compressed(0), ValueError);
  s.amplitude = true;
  const auto envelope = s.compressed(40).values;
  EXPECT_FLOAT_EQ(envelope[0], 1);
  EXPECT_FLOAT_EQ(envelope[1], 0.5f);
  EXPECT_FLOAT_EQ(envelope[2], 0);
}

TEST(Spectrogram, HalfTheAmplitudeIsSixDecibelsLessInBothFilterBanks) {
  Audio sound = tone(500, 0.4);
  for (std::size_t k = sound.samples.size() / 2; k < sound.samples.size(); ++k)
    sound.samples[k] /= 2;
  for (const Spectrogram& s : {mel_spectrogram(sound), cochleagram(sound)}) {
    const auto level = s.compressed(60).values;
    const auto at = [&](std::size_t eighth) {
      const float* row = level.data() + s.frames * eighth / 8 * s.bands;
      return *std::max_element(row, row + s.bands);
    };
    EXPECT_NEAR(60 * (at(3) - at(7)), 20 * std::log10(2), 0.2);
  }
}

}  // namespace
}  // namespace callosum::data
