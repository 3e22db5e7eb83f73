#pragma once

#include <ATen/core/Tensor.h>

/// Gradients through firing rates instead of spikes (differentiation on spike representation, Meng
/// et al. 2022, arXiv 2205.00459): a leaky integrate-and-fire neuron that subtracts V_th at a spike
/// answers, over time, with nearly clamp(r / tau, 0, V_th / dt) to an input of weighted rate r.
namespace callosum::learn {

/// sum_t k_t x_t / sum_t k_t with k_t = exp(-(T - t) dt / tau), t = 1 ... T; x: [T, ...].
/// ShapeError for no step; ValueError unless dt and tau are positive.
at::Tensor weighted_rate(const at::Tensor& x, double dt, double tau);

/// The rate that was measured, [batch, unit], with the derivative of clamp(r_in / tau, 0, V_th /
/// dt) by r_in ([batch, unit]) and by V_th (one number, or [unit]): 1 / tau inside, 1 / dt for V_th
/// above.
at::Tensor rate_through_clamp(const at::Tensor& r_in, const at::Tensor& measured,
                              const at::Tensor& V_th, double dt, double tau);

}  // namespace callosum::learn
