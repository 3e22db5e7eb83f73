#pragma once

#include <ATen/core/Tensor.h>

#include "callosum/nets/draws.h"

/// How errors and activities meet at a synapse when it is not by exact backpropagation. A weight's
/// change is (error of the target) x (activity of the source); both may be replaced.
namespace callosum::learn {

/// What takes the place of what backpropagation would use. Undefined: nothing is replaced.
struct Credit {
  /// What the weights' gradient sees of the sources, in the shape of x: a trace (online learning),
  /// a projected activity (continual learning).
  at::Tensor presynaptic = {};
  /// [out, in]; carries errors back in the place of the weights.
  at::Tensor feedback = {};
};

/// x W^T, x: [..., in], weights: [out, in]. With d the error at the targets the gradient of the
/// weights is the sum of d presynaptic^T, that of x is d feedback. Throws ShapeError.
at::Tensor credited_linear(const at::Tensor& x, const at::Tensor& weights,
                           const Credit& credit = {});

/// Fixed random feedback (Lillicrap et al. 2016): uniform in +-1 / sqrt(in), as weights begin.
at::Tensor random_feedback(nets::Draws& draws, const at::Tensor& weights);
/// sign(W) / sqrt(in): only signs are transported (Liao, Leibo and Poggio 2016).
at::Tensor sign_feedback(const at::Tensor& weights);

/// a_t = decay a_{t-1} + x_t: the presynaptic trace of online training through time (Xiao et al.
/// 2022, arXiv 2210.04195). With it and a state that passes no gradient from step to step, each
/// step can be learned from at once.
class PresynapticTrace {
 public:
  /// ValueError unless 0 <= decay < 1.
  explicit PresynapticTrace(double decay);
  /// The trace after this step; x of one shape in all steps.
  const at::Tensor& step(const at::Tensor& x);
  void reset() { trace_ = at::Tensor(); }

 private:
  double decay_;
  at::Tensor trace_;
};

}  // namespace callosum::learn
