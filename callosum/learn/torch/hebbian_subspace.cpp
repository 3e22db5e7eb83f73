#include "callosum/learn/torch/hebbian_subspace.h"

#include <ATen/ATen.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::learn {

namespace check = nets::check;

HebbianSubspace::HebbianSubspace(std::string layer, std::int64_t inputs, SubspaceOptions options)
    : layer_(std::move(layer)), options_(options) {
  const std::string where = "subspace of layer '" + layer_ + "'";
  check::at_least(where, "inputs", inputs, 1);
  check::positive(where, "rate", options.rate);
  check::positive(where, "range", options.range);
  check::positive(where, "largest_change", options.largest_change);
  check::at_least(where, "levels", options.levels, 0);
  check::at_least(where, "iterations", options.iterations, 1);
  if (!(options.momentum >= 0 && options.momentum < 1))
    throw ValueError({.where = where,
                      .what = "momentum",
                      .got = check::number_text(options.momentum),
                      .expected = "0 or more, and below 1"});
  matrix_ = at::zeros({0, inputs}, at::kFloat);
}

void HebbianSubspace::grow(std::int64_t rows, nets::Draws& draws) {
  check::at_least("subspace of layer '" + layer_ + "'", "rows", rows, 1);
  const at::Tensor random = draws.normal({inputs(), std::min(rows, inputs())});
  grow(std::get<0>(at::linalg_qr(random)).t().to(at::kFloat));
}

void HebbianSubspace::grow(const at::Tensor& rows) {
  const std::string where = "subspace of layer '" + layer_ + "'";
  check::shape(where, "rows", rows, {check::any, inputs()});
  if (!(this->rows() + rows.size(0) < inputs()))
    throw ValueError({.where = where,
                      .what = "it would leave nothing to learn with",
                      .got = std::to_string(this->rows() + rows.size(0)) + " rows",
                      .expected = "fewer than " + std::to_string(inputs()) + ", the inputs"});
  freeze();
  matrix_ = at::cat({matrix_, rows.to(at::kFloat)});
  change_ = at::zeros_like(rows, at::kFloat);
}

at::Tensor HebbianSubspace::answers(const at::Tensor& x, const at::Tensor& rows) const {
  const at::Tensor y = at::matmul(x, rows.t());
  if (options_.levels == 0) return y;
  const auto levels = static_cast<double>(options_.levels);
  const double s = options_.range;
  return (y.clamp(-s, s) * (levels / s)).round() * (s / levels);
}

void HebbianSubspace::learn(const at::Tensor& x) {
  const at::NoGradGuard guard;
  const std::string where = "subspace of layer '" + layer_ + "'";
  check::shape(where, "x", x, {check::any, inputs()});
  check::at_least(where, "samples", x.size(0), 1);
  const at::Tensor old = matrix_.slice(0, 0, frozen_);
  at::Tensor free = matrix_.slice(0, frozen_);
  if (free.size(0) == 0) return;
  // What the frozen rows explain stays the same over the iterations.
  at::Tensor left = x;
  if (options_.anti_hebbian && frozen_ > 0) left = x - at::matmul(answers(x, old), old);
  for (std::int64_t k = 0; k < options_.iterations; ++k) {
    const at::Tensor y = answers(x, free);
    const at::Tensor error = options_.anti_hebbian ? left - at::matmul(y, free) : left;
    const at::Tensor step = (at::matmul(y.t(), error) / static_cast<double>(x.size(0)))
                                .clamp(-options_.largest_change, options_.largest_change);
    change_.mul_(options_.momentum).add_(step, 1 - options_.momentum);
    free.add_(change_, options_.rate);
  }
  check::finite(where, "lateral weights", free);
}

at::Tensor HebbianSubspace::project(const at::Tensor& x) const {
  const at::NoGradGuard guard;
  const std::string where = "subspace of layer '" + layer_ + "'";
  if (frozen_ == 0)
    throw ValueError({.where = where,
                      .what = "there is nothing to project on",
                      .got = "no frozen row",
                      .expected = "freeze() or grow() after a first task"});
  if (!x.defined() || x.dim() < 1 || x.size(-1) != inputs())
    throw ShapeError({.where = where,
                      .what = "the activity does not fit the layer",
                      .got = x.defined() ? check::shape_text(x.sizes()) : "nothing",
                      .expected = "[..., " + std::to_string(inputs()) + "]"});
  const at::Tensor old = matrix_.slice(0, 0, frozen_);
  return x - at::matmul(answers(x, old), old);
}

double HebbianSubspace::largest_norm() const {
  return rows() == 0 ? 0 : at::linalg_vector_norm(matrix_, 2, 1).max().item<double>();
}

double HebbianSubspace::distance_from_orthonormal() const {
  if (rows() == 0) return 0;
  const at::Tensor h = matrix_.to(at::kDouble);
  const at::Tensor gap = at::matmul(h, h.t()) - at::eye(rows(), at::kDouble);
  return gap.norm().item<double>() / std::sqrt(static_cast<double>(rows()));
}

}  // namespace callosum::learn
