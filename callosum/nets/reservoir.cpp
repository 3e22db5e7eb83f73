#include "callosum/nets/reservoir.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "reservoir";

/// One number a unit from a list of one or of all.
std::vector<double> spread(std::string_view name, std::vector<double> values, std::int64_t units) {
  const auto n = static_cast<std::size_t>(units);
  if (values.size() == 1) values.assign(n, values.front());
  if (values.size() != n)
    throw ShapeError({.where = std::string(where),
                      .what = "'" + std::string(name) + "' has the wrong number of values",
                      .got = std::to_string(values.size()),
                      .expected = "1 or " + std::to_string(n)});
  return values;
}

/// [T, width] as contiguous doubles; [T] passes where width is 1.
at::Tensor sequence(const at::Tensor& inputs, std::int64_t width) {
  at::Tensor rows = inputs.defined() && inputs.dim() == 1 ? inputs.unsqueeze(1) : inputs;
  check::shape(where, "inputs", rows, {check::any, width});
  rows = rows.detach().to(at::kDouble).contiguous();
  check::finite(where, "inputs", rows);
  return rows;
}

}  // namespace

Reservoir::Reservoir(SparseMatrix recurrent, const at::Tensor& input, const UnitOptions& options)
    : recurrent_(std::move(recurrent)),
      input_(input),
      activation_(options.activation),
      gain_(options.gain),
      threshold_(options.threshold) {
  if (recurrent_.rows() != recurrent_.columns() || input_.rows() != recurrent_.rows())
    throw ShapeError({.where = std::string(where),
                      .what = "the matrices do not fit each other",
                      .got = "recurrent " +
                             check::shape_text({recurrent_.rows(), recurrent_.columns()}) +
                             ", input " + check::shape_text({input_.rows(), input_.columns()}),
                      .expected = "recurrent [units, units], input [units, inputs]"});
  check::at_least(where, "units", units(), 1);
  if (!std::isfinite(gain_) || !std::isfinite(threshold_))
    throw ValueError({.where = std::string(where),
                      .what = "gain and threshold must be finite",
                      .got = check::number_text(gain_) + ", " + check::number_text(threshold_)});
  leak_ = spread("leak", options.leak, units());
  bias_ = spread("bias", options.bias, units());
  for (double leak : leak_)
    if (!(leak > 0 && leak <= 1)) check::within(where, "leak", leak, 0x1p-1022, 1);
  state_.assign(leak_.size(), 0.0);
  net_ = drive_ = state_;
}

void Reservoir::reset(double rate) { std::fill(state_.begin(), state_.end(), rate); }

void Reservoir::step(std::span<const double> u) {
  recurrent_.multiply(state_, net_);
  input_.multiply(u, drive_);
  for (std::size_t i = 0; i < state_.size(); ++i) {
    const double x = gain_ * (net_[i] + drive_[i] + bias_[i] - threshold_);
    state_[i] += leak_[i] * (activate(activation_, x) - state_[i]);
  }
}

at::Tensor Reservoir::run(const at::Tensor& inputs,
                          const std::function<void(std::int64_t)>& after) {
  const at::Tensor rows = sequence(inputs, this->inputs());
  const std::int64_t steps = rows.size(0);
  const auto width = static_cast<std::size_t>(this->inputs());
  const double* u = rows.data_ptr<double>();
  at::Tensor states = at::empty({steps, units()}, at::kDouble);
  double* out = states.data_ptr<double>();
  for (std::int64_t t = 0; t < steps; ++t, u += width) {
    step({u, width});
    for (std::size_t i = 0; i < state_.size(); ++i)
      if (!std::isfinite(state_[i]))
        throw NumericalError({.where = std::string(where),
                              .what = "the rate of unit " + std::to_string(i) +
                                      " is no longer finite at step " + std::to_string(t),
                              .got = check::number_text(state_[i])});
    out = std::copy(state_.begin(), state_.end(), out);
    if (after) after(t);
  }
  return states;
}

double largest_lyapunov_exponent(Reservoir reservoir, const at::Tensor& inputs,
                                 std::int64_t washout, Draws& draws, double separation) {
  check::positive(where, "separation", separation);
  const at::Tensor rows = sequence(inputs, reservoir.inputs());
  check::at_least(where, "washout", washout, 0);
  check::at_least(where, "steps of input", rows.size(0), washout + 1);
  Reservoir twin = reservoir;
  const auto here = reservoir.state();
  const auto there = twin.state();
  std::vector<double> gap(here.size());
  for (double& g : gap) g = draws.stream().normal();
  const auto length = [&] {
    double sum = 0;
    for (double g : gap) sum += g * g;
    return std::sqrt(sum);
  };
  double distance = length(), sum = 0;
  const auto width = static_cast<std::size_t>(reservoir.inputs());
  const double* u = rows.data_ptr<double>();
  for (std::int64_t t = 0; t < rows.size(0); ++t, u += width) {
    for (std::size_t i = 0; i < gap.size(); ++i)
      there[i] = here[i] + gap[i] * (separation / distance);
    reservoir.step({u, width});
    twin.step({u, width});
    for (std::size_t i = 0; i < gap.size(); ++i) gap[i] = there[i] - here[i];
    distance = length();
    if (distance == 0) return -std::numeric_limits<double>::infinity();
    if (t >= washout) sum += std::log(distance / separation);
  }
  return sum / static_cast<double>(rows.size(0) - washout);
}

at::Tensor input_weights(Draws& draws, std::int64_t units, std::int64_t inputs, double share,
                         double amplitude) {
  check::not_negative(where, "amplitude", amplitude);
  const at::Tensor reached = draws.bernoulli({units, 1}, share);
  return draws.uniform({units, inputs}, -amplitude, amplitude).mul(reached);
}

}  // namespace callosum::nets
