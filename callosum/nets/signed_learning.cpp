#include "callosum/nets/signed_learning.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/linear_algebra.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "signed learning";

void check_net(const TwoLayers& net) {
  check::shape(where, "w1", net.w1, {check::any, check::any});
  check::shape(where, "w2", net.w2, {check::any, net.w1.size(0)});
}

at::Tensor joined(const TwoLayers& both) {
  return at::cat({both.w1.reshape({-1}), both.w2.reshape({-1})});
}

/// In place; a matrix of norm 0 stays.
void scale_to_norm(at::Tensor& matrix, double norm) {
  const double now = matrix.norm().item<double>();
  if (now > 0) matrix.mul_(norm / now);
}

}  // namespace

at::Tensor TwoLayers::operator()(const at::Tensor& x) const {
  return activate(activation, activate(activation, x.mm(w1.t())).mm(w2.t()));
}

double TwoLayers::loss(const at::Tensor& x, const at::Tensor& target) const {
  return ((*this)(x)-target).square().sum().item<double>() / (2.0 * static_cast<double>(x.size(0)));
}

TwoLayers SignedRule::change(const TwoLayers& net, const at::Tensor& x,
                             const at::Tensor& target) const {
  const at::Tensor net1 = x.mm(net.w1.t());
  const at::Tensor hidden = activate(net.activation, net1);
  const at::Tensor net2 = hidden.mm(net.w2.t());
  at::Tensor error = activate(net.activation, net2) - target;
  if (output_slope) error = error.mul(activation_slope(net.activation, net2));
  at::Tensor back = error.mm(net.w2);
  if (net.activation != Activation::linear) back.mul_(activation_slope(net.activation, net1));
  const double factor = -rate / static_cast<double>(x.size(0));
  TwoLayers out{back.t().mm(x).mul_(factor), error.t().mm(hidden).mul_(factor), net.activation};
  if (input_signs.defined()) out.w1.mul_(input_signs);
  if (hidden_signs.defined()) out.w2.mul_(hidden_signs);
  return out;
}

void SignedRule::step(TwoLayers& net, const at::Tensor& x, const at::Tensor& target) const {
  check_net(net);
  check::positive(where, "rate", rate);
  check::shape(where, "x", x, {check::any, net.w1.size(1)});
  check::shape(where, "target", target, {x.size(0), net.w2.size(0)});
  if (input_signs.defined()) check::shape(where, "input_signs", input_signs, {net.w1.size(1)});
  if (hidden_signs.defined()) check::shape(where, "hidden_signs", hidden_signs, {net.w1.size(0)});
  const TwoLayers by = change(net, x, target);
  const double size = by.w1.abs().max().item<double>() + by.w2.abs().max().item<double>();
  if (!std::isfinite(size))
    throw NumericalError({.where = std::string(where), .what = "a weight is no longer finite"});
  net.w1.add_(by.w1);
  net.w2.add_(by.w2);
  if (!keep_norms) return;
  scale_to_norm(net.w1, norm1);
  scale_to_norm(net.w2, norm2);
}

at::Tensor flipped_signs(std::int64_t n, std::int64_t flipped) {
  check::within(where, "flipped", static_cast<double>(flipped), 0, static_cast<double>(n));
  at::Tensor signs = at::ones({n}, at::kDouble);
  signs.slice(0, 0, flipped).fill_(-1);
  return signs;
}

double curl(const SignedRule& rule, const TwoLayers& net, const at::Tensor& x,
            const at::Tensor& target, double step) {
  check_net(net);
  check::positive(where, "step", step);
  TwoLayers moved{net.w1.clone(), net.w2.clone(), net.activation};
  std::vector<at::Tensor> columns;
  for (at::Tensor weights : {moved.w1.view({-1}), moved.w2.view({-1})})
    for (std::int64_t i = 0; i < weights.numel(); ++i) {
      at::Tensor weight = weights[i];
      const double at = weight.item<double>();
      weight.fill_(at + step);
      const at::Tensor above = joined(rule.change(moved, x, target));
      weight.fill_(at - step);
      const at::Tensor below = joined(rule.change(moved, x, target));
      weight.fill_(at);
      columns.push_back((above - below).div(2 * step));
    }
  const at::Tensor jacobian = at::stack(columns, 1);
  return (jacobian - jacobian.t()).div(2).norm().item<double>();
}

/// The edges are the real stationary points of x(w) = 1 / (c (1 - w)) + u, where u(w) = (1 +-
/// sqrt(1 + 4 w (w + delta))) / (2 w), delta = 2 unflipped - 1. Both signs of the root together are
/// w (u^2 - 1) = u + delta, and with u in place of w the condition dx/dw = 0 is a quartic:
///   c (u^2 - u - 1 - delta)^2 = u^2 + 2 delta u + 1.
std::vector<double> signed_spectrum_edges(double c, double unflipped) {
  check::positive(where, "c", c);
  check::within(where, "unflipped", unflipped, 0, 1);
  const double delta = 2 * unflipped - 1, k = 1 + delta;
  const double quartic[] = {c * k * k - 1, 2 * c * k - 2 * delta, c * (1 - 2 * k) - 1, -2 * c, c};
  std::vector<double> edges;
  for (const std::complex<double> root : polynomial_roots(quartic)) {
    const double u = root.real();
    // u = +-1 is a pole of w; a double root loses half the digits, so the net is wide.
    if (std::fabs(root.imag()) > 1e-9 || std::fabs(u * u - 1) < 1e-6) continue;
    const double w = (u + delta) / (u * u - 1);
    if (std::fabs(w) < 1e-9 || std::fabs(1 - w) < 1e-9) continue;
    edges.push_back(1 / (c * (1 - w)) + u);
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

}  // namespace callosum::nets
