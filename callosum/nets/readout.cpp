#include "callosum/nets/readout.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "readout";

at::Tensor matrix(std::string_view name, const at::Tensor& states) {
  check::shape(where, name, states, {check::any, check::any});
  const at::Tensor out = states.detach().to(at::kDouble);
  check::finite(where, name, out);
  return out;
}

at::Tensor outputs(std::string_view name, const at::Tensor& targets, std::int64_t rows) {
  if (targets.defined() && targets.dim() == 1)
    check::shape(where, name, targets, {rows});
  else
    check::shape(where, name, targets, {rows, check::any});
  const at::Tensor out = targets.detach().to(at::kDouble);
  check::finite(where, name, out);
  return out;
}

}  // namespace

at::Tensor LinearReadout::operator()(const at::Tensor& states) const {
  check::shape(where, "states", states, {check::any, weights.size(0)});
  return states.to(at::kDouble).matmul(weights).add(offset);
}

Ridge::Ridge(const at::Tensor& states, const at::Tensor& targets) {
  at::Tensor x = matrix("states", states);
  at::Tensor y = outputs("targets", targets, x.size(0));
  check::at_least(where, "samples", x.size(0), 2);
  check::at_least(where, "features", x.size(1), 1);
  vector_ = y.dim() == 1;
  if (vector_) y = y.unsqueeze(1);
  state_mean_ = x.mean(0);
  target_mean_ = y.mean(0);
  x = x.sub(state_mean_);
  y = y.sub(target_mean_);
  // With x = U s V^T both branches give w = V s/(s^2 + lambda) U^T y; the smaller of the two
  // Gram matrices is decomposed.
  const bool wide = x.size(0) < x.size(1);
  const auto [values, vectors] = at::linalg_eigh(wide ? x.mm(x.t()) : x.t().mm(x));
  values_ = values.clamp_min(0);
  basis_ = wide ? x.t().mm(vectors) : vectors;
  rotated_ = wide ? vectors.t().mm(y) : vectors.t().mm(x.t().mm(y));
}

LinearReadout Ridge::solve(double lambda) const {
  check::not_negative(where, "lambda", lambda);
  at::Tensor inverse = values_.add(lambda);
  const double largest = values_.max().item<double>();
  if (!(inverse.min().item<double>() > 1e-15 * largest * static_cast<double>(values_.size(0))))
    throw NumericalError({.where = std::string(where),
                          .what = "the states do not determine the weights",
                          .got = "lambda " + check::number_text(lambda),
                          .expected = "a larger lambda, or more and more varied samples"});
  const at::Tensor weights = basis_.mm(rotated_.div(inverse.unsqueeze(1)));
  const at::Tensor offset = target_mean_.sub(state_mean_.matmul(weights));
  if (vector_) return {weights.squeeze(1), offset.squeeze(0)};
  return {weights, offset};
}

LinearReadout fit_ridge(const at::Tensor& states, const at::Tensor& targets, double lambda) {
  return Ridge(states, targets).solve(lambda);
}

ChosenRidge choose_ridge(const at::Tensor& states, const at::Tensor& targets,
                         const at::Tensor& validation_states, const at::Tensor& validation_targets,
                         std::span<const double> lambdas) {
  if (lambdas.empty())
    throw ValueError({.where = std::string(where), .what = "there is no lambda to choose from"});
  const Ridge ridge(states, targets);
  const at::Tensor wanted =
      outputs("validation targets", validation_targets, validation_states.size(0));
  ChosenRidge best;
  double least = 0;
  for (double lambda : lambdas) {
    LinearReadout readout = ridge.solve(lambda);
    const double error = readout(validation_states).sub(wanted).square().mean().item<double>();
    if (best.errors.empty() || error < least || (error == least && lambda < best.lambda)) {
      least = error;
      best.lambda = lambda;
      best.readout = std::move(readout);
    }
    best.errors.push_back(error);
  }
  return best;
}

std::vector<double> log_spaced(double low, double high, std::int64_t n) {
  check::positive(where, "low", low);
  check::at_least(where, "n", n, 2);
  if (!(low <= high && std::isfinite(high))) check::within(where, "high", high, low, 1e308);
  std::vector<double> out(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(n - 1));
  out.back() = high;
  return out;
}

Standardiser::Standardiser(const at::Tensor& states) {
  const at::Tensor x = matrix("states", states);
  check::at_least(where, "samples", x.size(0), 2);
  mean = x.mean(0);
  sd = x.std(0);
  sd = at::where(sd.gt(0), sd, at::ones_like(sd));
}

at::Tensor Standardiser::operator()(const at::Tensor& states) const {
  check::shape(where, "states", states, {check::any, mean.size(0)});
  return states.to(at::kDouble).sub(mean).div(sd);
}

RecursiveLeastSquares::RecursiveLeastSquares(std::int64_t features, std::int64_t outputs,
                                             double lambda, double forgetting)
    : forgetting_(forgetting) {
  check::at_least(where, "features", features, 1);
  check::at_least(where, "outputs", outputs, 1);
  check::positive(where, "lambda", lambda);
  if (!(forgetting > 0 && forgetting <= 1)) check::within(where, "forgetting", forgetting, 1e-9, 1);
  inverse_ = at::eye(features, at::kDouble).div(lambda);
  weights_ = at::zeros({features, outputs}, at::kDouble);
}

at::Tensor RecursiveLeastSquares::predict(const at::Tensor& x) const {
  check::shape(where, "x", x, {weights_.size(0)});
  return x.to(at::kDouble).matmul(weights_);
}

at::Tensor RecursiveLeastSquares::update(const at::Tensor& x, const at::Tensor& y) {
  check::shape(where, "y", y, {weights_.size(1)});
  const at::Tensor error = y.detach().to(at::kDouble).sub(predict(x.detach()));
  const at::Tensor in = x.detach().to(at::kDouble);
  const at::Tensor seen = inverse_.mv(in);
  const double scale = forgetting_ + in.dot(seen).item<double>();
  if (!std::isfinite(scale))
    throw NumericalError(
        {.where = std::string(where), .what = "recursive least squares received NaN or infinity"});
  // With forgetting the weights use the gain of the new inverse: P_new x = P x / scale.
  weights_.addr_(seen, error, 1, 1 / scale);
  inverse_.addr_(seen, seen, 1, -1 / scale);
  if (forgetting_ != 1) inverse_.div_(forgetting_);
  return error;
}

// The identity of Woodbury: (P^-1 + X^T X)^-1 = P - P X^T (I + X P X^T)^-1 X P. With forgetting f a
// row that is followed by k others counts f^k, and what was known before f^T.
at::Tensor RecursiveLeastSquares::update_block(const at::Tensor& states,
                                               const at::Tensor& targets) {
  at::Tensor x = matrix("states", states);
  check::shape(where, "states", x, {check::any, weights_.size(0)});
  const std::int64_t rows = x.size(0);
  check::shape(where, "targets", targets, {rows, weights_.size(1)});
  const at::Tensor y = outputs("targets", targets, rows);
  const at::Tensor error = y.sub(x.mm(weights_));
  at::Tensor weighed = error;
  if (forgetting_ != 1) {
    const at::Tensor age = at::arange(rows - 1, -1, -1, at::kDouble).unsqueeze(1);
    const at::Tensor root = age.mul(0.5 * std::log(forgetting_)).exp();
    x = x.mul(root);
    weighed = error.mul(root);
    inverse_.div_(std::pow(forgetting_, static_cast<double>(rows)));
  }
  const at::Tensor seen = inverse_.mm(x.t());  // [features, T]
  const at::Tensor within = x.mm(seen).add(at::eye(rows, at::kDouble));
  const at::Tensor gain = at::cholesky_solve(seen.t(), at::linalg_cholesky(within)).t();
  weights_.add_(gain.mm(weighed));
  inverse_.sub_(gain.mm(seen.t()));
  inverse_ = inverse_.add(inverse_.t()).div(2);  // rounding must not make it lopsided
  return error;
}

DeltaRule::DeltaRule(std::int64_t features, std::int64_t outputs, double rate) : rate_(rate) {
  check::at_least(where, "features", features, 1);
  check::at_least(where, "outputs", outputs, 1);
  check::positive(where, "rate", rate);
  weights_ = at::zeros({features, outputs}, at::kDouble);
}

at::Tensor DeltaRule::predict(const at::Tensor& x) const {
  check::shape(where, "x", x, {weights_.size(0)});
  return x.to(at::kDouble).matmul(weights_);
}

at::Tensor DeltaRule::update(const at::Tensor& x, const at::Tensor& y) {
  check::shape(where, "y", y, {weights_.size(1)});
  const at::Tensor error = y.detach().to(at::kDouble).sub(predict(x.detach()));
  check::finite(where, "error", error);
  weights_.addr_(x.detach().to(at::kDouble), error, 1, rate_);
  return error;
}

}  // namespace callosum::nets
