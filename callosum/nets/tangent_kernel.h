#pragma once

#include <ATen/core/Tensor.h>

#include "callosum/nets/optimiser.h"

namespace callosum::nets {

/// Empirical neural tangent kernel (Jacot et al. 2018): K[i, j] = <d out_i / dp, d out_j / dp> over
/// the parameters p. `outputs` is any tensor that parameters reach through autograd, read flat;
/// returns double [outputs, outputs]. One backward pass an output; gradients are kept in the
/// outputs' type and multiplied in double, so that float parameters lose nothing by their number.
/// Memory: outputs x numbers in the parameters. ShapeError for no outputs.
at::Tensor tangent_kernel(const at::Tensor& outputs, const Parameters& parameters);

}  // namespace callosum::nets
