#pragma once

#include <cstddef>
#include <vector>

#include "callosum/data/audio.h"

namespace callosum::data {

/// The strength of a sound in bands of frequency over time.
struct Spectrogram {
  std::size_t frames = 0, bands = 0;
  double interval_s = 0;           ///< from frame to frame
  std::vector<double> centres_Hz;  ///< [band], rising
  std::vector<float> values;       ///< [frame][band], >= 0
  bool amplitude = false;          ///< values are amplitudes, not powers

  /// 0..1 by decibels below the loudest value (10 log10 of a ratio of powers, 20 log10 of one of
  /// amplitudes): 0 at `range_dB` below and under.
  Spectrogram compressed(double range_dB = 60) const;
};

/// Bands equally wide on the mel scale, 2595 log10(1 + f / 700 Hz).
struct MelOptions {
  std::size_t bands = 40;
  double low_Hz = 20, high_Hz = 0;  ///< high 0: half the sampling rate
  double window_s = 0.025, interval_s = 0.01;
};
/// Power in triangular bands (Davis and Mermelstein 1980) of Hann windows, by KISS FFT. Bands
/// overlap so that over all of them they add up to the sound's mean square. Sound shorter than a
/// window is padded with silence. \throws ValueError for options out of range; ShapeError for sound
/// with several channels (`mono()`).
Spectrogram mel_spectrogram(const Audio& audio, const MelOptions& options = {});

/// Bands equally spaced on the ERB-rate scale of human hearing (Glasberg and Moore 1990).
struct CochleaOptions {
  std::size_t bands = 70;
  double low_Hz = 100, high_Hz = 0;  ///< high 0: 0.45 of the sampling rate
  double interval_s = 0.001;
};
/// Mean envelope in each interval behind gammatone filters of fourth order (Patterson et al. 1992,
/// width 1.019 ERB) as four complex one-pole filters in a row (Holdsworth et al. 1988). A
/// full-scale sine at a centre gives 1 once it has settled. \throws as mel_spectrogram.
Spectrogram cochleagram(const Audio& audio, const CochleaOptions& options = {});

}  // namespace callosum::data
