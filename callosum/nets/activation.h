#pragma once

#include <ATen/core/Tensor.h>

namespace callosum::nets {

/// What a unit makes of its net input.
enum class Activation {
  linear,            ///< x
  tanh,              ///< tanh(x)
  logistic,          ///< 1 / (1 + exp(-x))
  threshold_linear,  ///< max(0, x)
  silu,              ///< x / (1 + exp(-x))
  gelu,              ///< x Phi(x), Phi the normal distribution function
};

double activate(Activation activation, double x);
/// The same for every entry, differentiable; at 0 the slope of threshold_linear is 0.
at::Tensor activate(Activation activation, const at::Tensor& x);
/// df/dx at x, from closed forms, without autograd.
at::Tensor activation_slope(Activation activation, const at::Tensor& x);

}  // namespace callosum::nets
