#pragma once

#include <ATen/core/Tensor.h>

/// Weights and spikes of few bits, and gradients that see through the rounding.
namespace callosum::learn {

/// step * clip(round(w / step), -2^(b-1), 2^(b-1) - 1) with step = exp(log_step), learned (LSQ,
/// Esser et al. 2020, arXiv 1902.08153): the gradient of w passes inside the range, that of the
/// step is the rounding error inside and the bound outside, over sqrt(number of weights * (2^(b-1)
/// - 1)). b = 2 has the levels -2, -1, 0, 1. b = 1: sign(w) mean|w| (0 counts as +), the gradient
/// passes; log_step plays no part. ValueError unless 1 <= bits <= 8.
at::Tensor quantised_weights(const at::Tensor& w, const at::Tensor& log_step, int bits);
/// Where log_step begins: log of 2 mean|w| / sqrt(2^(b-1) - 1) (for b = 1 of mean|w|), one number.
at::Tensor first_log_step(const at::Tensor& w, int bits);
/// The whole numbers behind it, of which there are at most 2^b (b = 1: -1 and 1), int64.
at::Tensor integer_weights(const at::Tensor& w, const at::Tensor& log_step, int bits);

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

}  // namespace callosum::learn
