#pragma once

#include <ATen/core/Tensor.h>

/// Linear recurrent rate networks whose units have gains of their own:
///   tau dr/dt = -r + g o (f + W r).
/// Changing a gain changes every response, through the recurrent weights that stay as they are.
namespace callosum::nets {

/// Steady states r = (diag(1/g) - W)^{-1} f, one column a stimulus; [units, stimuli], double.
/// Differentiable by gains, weights and drive.
/// gains: [units], > 0; weights W: [units, units]; drive f: [units, stimuli].
/// NumericalError, naming the unit that takes the largest part in the growing mode, where the
/// spectral radius of diag(g) W is 1 or more; ShapeError; ValueError for a gain that is not > 0.
at::Tensor steady_state(const at::Tensor& gains, const at::Tensor& weights,
                        const at::Tensor& drive);

/// What adapting gains is good for (Duong et al. 2023; the last term and the exact form are our
/// reading): E_p[ |f - D r|^2 + alpha |r|^2 ] + gamma |g - 1|^2, with D = I - W, which decodes
/// exactly at gains 1.
struct CodingCost {
  double alpha = 3, gamma = 0.3;
};
/// One number, differentiable by `gains`. prior: [stimuli], >= 0 and summing to 1 (ValueError).
at::Tensor coding_cost(const at::Tensor& gains, const at::Tensor& weights, const at::Tensor& drive,
                       const at::Tensor& prior, const CodingCost& cost = {});

/// The gains that minimise the cost, found by L-BFGS from `start`. ValueError should one of them
/// end below 0.01, the least a unit may have.
at::Tensor adapted_gains(const at::Tensor& start, const at::Tensor& weights,
                         const at::Tensor& drive, const at::Tensor& prior,
                         const CodingCost& cost = {});

}  // namespace callosum::nets
