#include "callosum/learn/torch/spike_losses.h"

#include <ATen/ATen.h>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/training.h"

namespace callosum::learn {
namespace {

namespace check = nets::check;

/// `axes` of the readout: 2, or 3 with time first.
void check_readout(const at::Tensor& readout, const at::Tensor& labels, std::int64_t axes) {
  constexpr const char* where = "spike loss";
  if (!readout.defined() || readout.dim() != axes || readout.numel() == 0)
    throw ShapeError({.where = where,
                      .what = "the batch is empty or the readout has another form",
                      .got = readout.defined() ? check::shape_text(readout.sizes()) : "nothing",
                      .expected = axes == 2 ? "[batch, class]" : "[time, batch, class]"});
  check::shape(where, "labels", labels, {readout.size(axes - 2)});
  const std::int64_t classes = readout.size(axes - 1);
  const at::Tensor known = labels.ge(0).logical_and(labels.lt(classes));
  if (known.all().item<bool>()) return;
  const auto first = known.logical_not().nonzero()[0].item<std::int64_t>();
  throw ValueError({.where = where,
                    .what = "the label of sample " + std::to_string(first) + " is no class",
                    .got = std::to_string(labels[first].item<std::int64_t>()),
                    .expected = "0 to " + std::to_string(classes - 1)});
}

}  // namespace

at::Tensor count_cross_entropy(const at::Tensor& counts, const at::Tensor& labels, double scale) {
  check_readout(counts, labels, 2);
  check::positive("spike loss", "scale", scale);
  return nets::cross_entropy(counts * scale, labels);
}

at::Tensor mean_cross_entropy(const at::Tensor& states, const at::Tensor& labels) {
  check_readout(states, labels, 3);
  return nets::cross_entropy(states.mean(0), labels);
}

at::Tensor maximum_cross_entropy(const at::Tensor& states, const at::Tensor& labels) {
  check_readout(states, labels, 3);
  return nets::cross_entropy(std::get<0>(states.max(0)), labels);
}

at::Tensor rate_error(const at::Tensor& counts, const at::Tensor& labels, std::int64_t steps,
                      double right, double wrong) {
  check_readout(counts, labels, 2);
  check::at_least("spike loss", "steps", steps, 1);
  const at::Tensor chosen = at::one_hot(labels, counts.size(1)).to(counts.scalar_type());
  const at::Tensor target = chosen * (right - wrong) + wrong;
  return (counts / static_cast<double>(steps) - target).square().mean();
}

at::Tensor first_spike_steps(const at::Tensor& spikes) {
  // The product is 1 in each step before the first spike, 0 from it on.
  return at::cumprod(1 - spikes, 0).sum(0);
}

at::Tensor first_spike_cross_entropy(const at::Tensor& spikes, const at::Tensor& labels,
                                     double tau) {
  check_readout(spikes, labels, 3);
  check::positive("spike loss", "tau", tau);
  return nets::cross_entropy(first_spike_steps(spikes) / -tau, labels);
}

at::Tensor rate_penalty(const at::Tensor& counts, std::int64_t steps, double low, double high) {
  check::at_least("spike loss", "steps", steps, 1);
  check::within("spike loss", "low", low, 0, high);
  const at::Tensor rate = counts / static_cast<double>(steps);
  return (at::relu(low - rate).square() + at::relu(rate - high).square()).mean();
}

}  // namespace callosum::learn
