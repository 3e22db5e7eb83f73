#include "callosum/learn/torch/credit.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::learn {
namespace {

namespace check = nets::check;

struct Linear : torch::autograd::Function<Linear> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x,
                            const at::Tensor& weights, const at::Tensor& presynaptic,
                            const at::Tensor& feedback) {
    ctx->save_for_backward({presynaptic, feedback});
    return at::matmul(x, weights.t());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list bars) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor error = bars[0].flatten(0, -2), activity = saved[0].flatten(0, -2);
    at::Tensor x_bar, w_bar;
    if (ctx->needs_input_grad(0)) x_bar = at::matmul(bars[0], saved[1]);
    if (ctx->needs_input_grad(1)) w_bar = at::matmul(error.t(), activity);
    return {x_bar, w_bar, {}, {}};
  }
};

double bound(const at::Tensor& weights) {
  check::shape("feedback", "weights", weights, {check::any, check::any});
  return 1 / std::sqrt(static_cast<double>(weights.size(1)));
}

}  // namespace

at::Tensor credited_linear(const at::Tensor& x, const at::Tensor& weights, const Credit& credit) {
  constexpr const char* where = "linear layer";
  check::shape(where, "weights", weights, {check::any, check::any});
  if (!x.defined() || x.dim() < 2 || x.size(-1) != weights.size(1))
    throw ShapeError({.where = where,
                      .what = "the input does not fit the weights",
                      .got = x.defined() ? check::shape_text(x.sizes()) : "nothing",
                      .expected = "[..., " + std::to_string(weights.size(1)) + "]"});
  const at::Tensor seen = credit.presynaptic.defined() ? credit.presynaptic : x;
  const at::Tensor back = credit.feedback.defined() ? credit.feedback : weights;
  check::shape(where, "presynaptic activity", seen, x.sizes());
  check::shape(where, "feedback", back, weights.sizes());
  return Linear::apply(x, weights, seen.detach(), back.detach());
}

at::Tensor random_feedback(nets::Draws& draws, const at::Tensor& weights) {
  const double b = bound(weights);
  return draws.uniform(weights.sizes(), -b, b, weights.scalar_type());
}

at::Tensor sign_feedback(const at::Tensor& weights) {
  return weights.detach().sign() * bound(weights);
}

PresynapticTrace::PresynapticTrace(double decay) : decay_(decay) {
  if (!(decay >= 0 && decay < 1))
    throw ValueError({.where = "presynaptic trace",
                      .what = "decay",
                      .got = check::number_text(decay),
                      .expected = "0 or more, and below 1"});
}

const at::Tensor& PresynapticTrace::step(const at::Tensor& x) {
  if (trace_.defined()) check::shape("presynaptic trace", "x", x, trace_.sizes());
  trace_ = trace_.defined() ? decay_ * trace_ + x.detach() : x.detach();
  return trace_;
}

}  // namespace callosum::learn
