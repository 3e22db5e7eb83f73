#pragma once

#include <ATen/core/Tensor.h>

/// Weights and spikes of few bits, and gradients that see through the rounding.
namespace callosum::learn {

/// Weights as whole numbers times a step, each with its own gradient.
struct WeightLevels {
  at::Tensor levels;  ///< as w; whole numbers, of which there are at most 2^bits
  at::Tensor step;    ///< one number, > 0
};
/// levels = clip(round(w / step), -2^(b-1), 2^(b-1) - 1) with step = exp(log_step), learned (LSQ,
/// Esser et al. 2020, arXiv 1902.08153): the gradient of w passes inside the range, that of the
/// step is the rounding error inside and the bound outside, over sqrt(number of weights * (2^(b-1)
/// - 1)). b = 2 has the levels -2, -1, 0, 1. b = 1: sign(w) times mean|w| (0 counts as +), the
/// gradient passes; log_step plays no part. The levels are whole to the bit, so sums of them are
/// exact up to 2^24 (float). ValueError unless 1 <= bits <= 8.
WeightLevels weight_levels(const at::Tensor& w, const at::Tensor& log_step, int bits);
/// levels * step.
at::Tensor quantised_weights(const at::Tensor& w, const at::Tensor& log_step, int bits);
/// Where log_step begins: log of 2 mean|w| / sqrt(2^(b-1) - 1) (for b = 1 of mean|w|), one number.
at::Tensor first_log_step(const at::Tensor& w, int bits);
/// The levels as int64.
at::Tensor integer_weights(const at::Tensor& w, const at::Tensor& log_step, int bits);
/// x rounded to `digits` binary digits: a whole number below 2^digits times a power of two. The
/// gradient passes. x: one positive number.
at::Tensor round_to_digits(const at::Tensor& x, int digits);

/// Neurons whose spikes have several bits.
struct MultiBitNeuron {
  int bits = 1;
  double threshold = 1;
  double decay = 1;  ///< of the potential in a step: 1 integrate and fire, 1 - 1/tau leaky
  /// With one bit, a spike comes from half the threshold on, as rounding has it; else from the
  /// threshold on.
  bool rounds = true;
};
/// u_t = decay u_{t-1} + I_t, s_t = clip(round(u_t / threshold), 0, 2^b - 1), halves rounded up,
/// u_t -= threshold s_t; returns threshold s_t, [T, ...] as `currents`. The gradient passes where u
/// is inside [0, (2^b - 1) threshold]; with one bit it is a triangle of the threshold's width about
/// where the spike comes from. None passes through what a spike subtracts.
/// ValueError unless 1 <= bits <= 8, threshold > 0, 0 <= decay <= 1; ShapeError for no step.
at::Tensor multibit_spikes(const at::Tensor& currents, const MultiBitNeuron& neuron);
/// The levels s_t alone, with a threshold that can be learned (one number, > 0, in the place of
/// neuron.threshold). Where currents are whole numbers, potentials stay whole multiples of the
/// threshold's last digit, and sums that fit the type's mantissa are exact.
at::Tensor multibit_levels(const at::Tensor& currents, const at::Tensor& threshold,
                           const MultiBitNeuron& neuron);

}  // namespace callosum::learn
