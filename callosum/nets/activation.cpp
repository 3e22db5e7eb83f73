#include "callosum/nets/activation.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/silu.h>

#include <cmath>
#include <numbers>

namespace callosum::nets {

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::linear:
      return x;
    case Activation::tanh:
      return std::tanh(x);
    case Activation::logistic:
      return 1 / (1 + std::exp(-x));
    case Activation::threshold_linear:
      return x < 0 ? 0 : x;  // NaN stays NaN
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::gelu:
      return x / 2 * std::erfc(-x / std::numbers::sqrt2);
  }
  return x;
}

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::linear:
      return x;
    case Activation::tanh:
      return x.tanh();
    case Activation::logistic:
      return x.sigmoid();
    case Activation::threshold_linear:
      return x.relu();
    case Activation::silu:
      return at::silu(x);
    case Activation::gelu:
      return at::gelu(x);
  }
  return x;
}

at::Tensor activation_slope(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::linear:
      return at::ones_like(x);
    case Activation::tanh:
      return x.tanh().square().neg().add(1);
    case Activation::logistic: {
      const at::Tensor y = x.sigmoid();
      return y.mul(y.neg().add(1));
    }
    case Activation::threshold_linear:
      return x.gt(0).to(x.scalar_type());
    case Activation::silu: {
      const at::Tensor y = x.sigmoid();
      return y.add(x.mul(y).mul(y.neg().add(1)));
    }
    case Activation::gelu: {
      const double density = 1 / std::sqrt(2 * std::numbers::pi);
      const at::Tensor cumulated = x.div(-std::numbers::sqrt2).erfc().div(2);
      return cumulated.add(x.mul(x.square().div(-2).exp()).mul(density));
    }
  }
  return at::ones_like(x);
}

}  // namespace callosum::nets
