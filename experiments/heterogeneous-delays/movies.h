#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "callosum/nets/draws.h"

namespace callosum::experiment {

/// Directions times speeds, a class each. Two rings of speeds are half a direction apart.
struct Motions {
  std::int64_t directions = 8;
  std::vector<double> speeds = {0.397};  ///< pixels a frame, which is a millisecond

  std::int64_t classes() const;
  /// Pixels a frame along rows (downwards) and columns.
  std::pair<double, double> velocity(std::int64_t motion) const;
};

/// Grey images of which movies show windows.
using Textures = std::vector<at::Tensor>;  ///< [row, column]

/// Frequencies f of a pixel (cycles) weighed by f / (1 + (f / 0.2)^4), 0.4 of the Nyquist
/// frequency: natural images become flat up to there. image: [n, n]; its border of 8 pixels is cut.
at::Tensor whitened(const at::Tensor& image);
/// Gaussian noise whose amplitude falls as 1 / f, whitened alike.
Textures noise_textures(std::int64_t count, std::int64_t side, nets::Draws& draws);
/// Photographs, those to train on and the others, whitened.
struct Photographs {
  Textures train, test;
};
Photographs photographs();
/// A random texture of spatial frequency 0.12 cycles a pixel within an octave or so, whose
/// modulation runs along `angle` (0: down the rows) within `bandwidth` (the standard deviation of
/// the orientation, radians; pi and more: any). After the motion clouds of Sanz Leon et al. (2012).
at::Tensor motion_cloud(std::int64_t side, double angle, double bandwidth, nets::Draws& draws);

struct Movie {
  at::Tensor events;  ///< [2, T, side, side]: ON, OFF
  at::Tensor labels;  ///< [T]: the motion that led to each frame
  at::Tensor since;   ///< [T]: frames since it began
};

struct MovieOptions {
  std::int64_t side = 32, steps = 64;
  double switches = 1.0 / 24;  ///< probability of a new motion in a frame
  double noise = 0.001;
  double threshold = 1;  ///< of an event, in standard deviations of the temporal difference
};

/// A window that moves over one of the textures. NumericalError for a movie without contrast;
/// ValueError for a texture too small for the path.
Movie movie(const Textures& textures, const Motions& motions, const MovieOptions& options,
            nets::Draws& draws);
/// The same with one motion throughout, over one texture.
Movie steady_movie(const at::Tensor& texture, std::int64_t motion, const Motions& motions,
                   const MovieOptions& options, nets::Draws& draws);

/// Events of [T, side, side] frames: D_t = I_t - I_(t-1) - theta s_(t-1), s_t = +-1 where |D_t| >
/// theta. Returns [2, T - 1, side, side].
at::Tensor events_of(const at::Tensor& frames, double threshold);
/// Each pixel's events take new times within windows of `window` frames; their counts stay.
at::Tensor shuffled_in_time(const at::Tensor& events, std::int64_t window, nets::Draws& draws);

}  // namespace callosum::experiment
