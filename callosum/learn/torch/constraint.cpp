#include "callosum/learn/torch/constraint.h"

#include <ATen/ATen.h>

#include <limits>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::learn {

Constrained::Constrained(std::string_view name, const at::Tensor& tensor, Constraint constraint)
    : constraint_(std::move(constraint)) {
  const std::string where = "constraint of '" + std::string(name) + "'";
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double low = constraint_.low.value_or(-infinity),
               high = constraint_.high.value_or(infinity);
  const std::string range = nets::check::number_text(low) + " to " + nets::check::number_text(high);
  if (!(low <= high))
    throw ValueError({.where = where, .what = "the bounds exclude everything", .got = range});
  const at::Tensor now = tensor.detach();
  const at::Tensor outside = now.ge(low).logical_and(now.le(high)).logical_not();
  if (outside.any().item<bool>()) {
    const auto first = outside.flatten().nonzero()[0].item<std::int64_t>();
    throw ValueError({.where = where,
                      .what = "entry " + std::to_string(first) + " begins outside the bounds",
                      .got = nets::check::number_text(now.flatten()[first].item<double>()),
                      .expected = range});
  }
  if (constraint_.keep_signs) signs_ = now.sign();
  if (constraint_.mask.defined()) {
    nets::check::shape(where, "mask", constraint_.mask, tensor.sizes());
    constraint_.mask = constraint_.mask.ne(0);
    fixed_ = now.clone();
  }
}

void Constrained::on_gradient(const at::Tensor& gradient) const {
  if (constraint_.mask.defined()) gradient.masked_fill_(constraint_.mask.logical_not(), 0);
}

void Constrained::on_values(at::Tensor values) const {
  if (constraint_.low) values.clamp_min_(*constraint_.low);
  if (constraint_.high) values.clamp_max_(*constraint_.high);
  if (signs_.defined()) values.masked_fill_((values * signs_).le(0), 0);
  // Decay and momentum of an optimiser move entries without a gradient, too.
  if (fixed_.defined()) values.copy_(at::where(constraint_.mask, values, fixed_));
}

}  // namespace callosum::learn
