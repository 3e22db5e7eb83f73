#include "callosum/nets/scores.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/readout.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "score";

}  // namespace

double nrmse(const at::Tensor& prediction, const at::Tensor& target) {
  check::shape(where, "prediction", prediction, target.sizes());
  const at::Tensor y = target.to(at::kDouble);
  check::at_least(where, "samples", y.numel(), 2);
  const double variance = y.sub(y.mean()).square().mean().item<double>();
  if (!(variance > 0))
    throw NumericalError(
        {.where = std::string(where),
         .what = "the target does not vary, so an error relative to it is undefined"});
  const double error = prediction.to(at::kDouble).sub(y).square().mean().item<double>();
  return std::sqrt(error / variance);
}

at::Tensor squared_correlation(const at::Tensor& prediction, const at::Tensor& target) {
  check::shape(where, "prediction", prediction, target.sizes());
  // A column varies if its spread is above what rounding leaves of a constant.
  const auto centred = [](const at::Tensor& x, at::Tensor& varies) {
    const at::Tensor mean = x.mean(0), out = x.sub(mean);
    varies = out.square().mean(0).gt(mean.square().mul(1e-24));
    return out;
  };
  at::Tensor p_varies, y_varies;
  const at::Tensor p = centred(prediction.to(at::kDouble), p_varies);
  const at::Tensor y = centred(target.to(at::kDouble), y_varies);
  const at::Tensor r2 = p.mul(y).sum(0).square().div(p.square().sum(0).mul(y.square().sum(0)));
  return at::where(p_varies.logical_and(y_varies), r2, at::zeros_like(r2));
}

double accuracy(const at::Tensor& scores, const at::Tensor& labels) {
  check::shape(where, "scores", scores, {check::any, check::any});
  check::shape(where, "labels", labels, {scores.size(0)});
  check::at_least(where, "samples", scores.size(0), 1);
  return scores.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

MemoryCapacity memory_capacity(const at::Tensor& states, const at::Tensor& input,
                               const MemoryTask& task) {
  check::shape(where, "states", states, {check::any, check::any});
  const std::int64_t steps = states.size(0);
  check::shape(where, "input", input, {steps});
  check::at_least(where, "max_delay", task.max_delay, 1);
  check::at_least(where, "washout", task.washout, task.max_delay);
  check::at_least(where, "training", task.training, 2);
  const std::int64_t first_test = task.washout + task.training;
  check::at_least(where, "steps", steps, first_test + 2);
  std::vector<at::Tensor> past;
  for (std::int64_t delay = 1; delay <= task.max_delay; ++delay)
    past.push_back(input.slice(0, task.washout - delay, steps - delay));
  const at::Tensor targets = at::stack(past, 1).to(at::kDouble);
  const at::Tensor used = states.slice(0, task.washout);
  const LinearReadout readout =
      fit_ridge(used.slice(0, 0, task.training), targets.slice(0, 0, task.training), task.lambda);
  const at::Tensor r2 =
      squared_correlation(readout(used.slice(0, task.training)), targets.slice(0, task.training))
          .contiguous();
  MemoryCapacity out;
  out.by_delay.assign(r2.data_ptr<double>(), r2.data_ptr<double>() + r2.numel());
  for (double value : out.by_delay) out.total += value;
  return out;
}

}  // namespace callosum::nets
