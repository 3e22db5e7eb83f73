#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "callosum/nets/activation.h"

/// Two-layer networks whose synapses may learn with the opposite sign.
namespace callosum::nets {

/// y = f(W2 f(W1 x)), no biases. W1: [hidden, inputs], W2: [outputs, hidden], double, no autograd.
struct TwoLayers {
  at::Tensor w1, w2;
  Activation activation = Activation::linear;

  at::Tensor operator()(const at::Tensor& x) const;  ///< x: [batch, inputs] -> [batch, outputs]
  /// 1/2 mean over the batch of |y - target|^2.
  double loss(const at::Tensor& x, const at::Tensor& target) const;
};

/// Error-driven learning in which a synapse's sign belongs to the neuron it leaves (N. Hou et al.
/// 2025, "curl descent"): with e = y - target,
///   dW2 = -rate e h^T D2 / batch,   dW1 = -rate ((W2^T e) f'(W1 x)) x^T D1 / batch.
/// Without flips this is gradient descent on a loss matched to f at the output.
struct SignedRule {
  double rate = 0.1;
  at::Tensor input_signs = {};   ///< D1: [inputs], +1 or -1; undefined: all +1
  at::Tensor hidden_signs = {};  ///< D2: [hidden]
  bool output_slope = false;     ///< multiply e by f' at the output, as backpropagation would
  bool keep_norms = true;        ///< both matrices are scaled back to `norm1`, `norm2` each step
  double norm1 = 0, norm2 = 0;   ///< Frobenius norms

  /// The change of (W1, W2) at this point, before the norms are restored.
  TwoLayers change(const TwoLayers& net, const at::Tensor& x, const at::Tensor& target) const;
  /// One step, in place. ShapeError, ValueError (a rate not above 0), NumericalError when a weight
  /// is no longer finite: the network then keeps its last finite weights.
  void step(TwoLayers& net, const at::Tensor& x, const at::Tensor& target) const;
};

/// `n` entries of which the first `flipped` are -1. ValueError unless 0 <= flipped <= n.
at::Tensor flipped_signs(std::int64_t n, std::int64_t flipped);

/// Frobenius norm of the antisymmetric part of the Jacobian of `rule.change` in all weights, by
/// central differences of width `step`: 0 exactly when the rule is the gradient of something.
double curl(const SignedRule& rule, const TwoLayers& net, const at::Tensor& x,
            const at::Tensor& target, double step = 1e-5);

/// Edges of the spectrum of D + W W^T, rising: W [m, n] with independent entries of variance 1/m, c
/// = m / n, D diagonal with a share `unflipped` of +1, else -1 (n, m large). At the ends of gaps
/// the edges come in pairs. A zero-error solution of the linear network is stable exactly when the
/// lowest is above 0. ValueError unless c > 0 and 0 <= unflipped <= 1.
std::vector<double> signed_spectrum_edges(double c, double unflipped);

}  // namespace callosum::nets
