#include "callosum/nets/gain_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/diag.h>
#include <ATen/ops/linalg_eig.h>
#include <ATen/ops/linalg_solve.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/optimiser.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "gain network";

void refuse_unstable(const at::Tensor& gains, const at::Tensor& weights) {
  const auto [values, vectors] = at::linalg_eig(gains.detach().reshape({-1, 1}) * weights.detach());
  const at::Tensor moduli = values.abs();
  const auto at = moduli.argmax().item<std::int64_t>();
  const double radius = moduli[at].item<double>();
  if (radius < 1) return;
  const auto unit = vectors.select(1, at).abs().argmax().item<std::int64_t>();
  throw NumericalError({.where = std::string(where),
                        .what = "recurrent network unstable at gain index " + std::to_string(unit),
                        .got = "spectral radius " + check::number_text(radius),
                        .expected = "below 1"});
}

}  // namespace

at::Tensor steady_state(const at::Tensor& gains, const at::Tensor& weights,
                        const at::Tensor& drive) {
  check::shape(where, "gains", gains, {check::any});
  const std::int64_t n = gains.size(0);
  check::shape(where, "weights", weights, {n, n});
  check::shape(where, "drive", drive, {n, check::any});
  check::finite(where, "weights", weights);
  check::finite(where, "drive", drive);
  const at::Tensor values = gains.detach().to(at::kDouble).contiguous();
  for (std::int64_t i = 0; i < n; ++i)
    check::positive(where, "gain of unit " + std::to_string(i), values.data_ptr<double>()[i]);
  refuse_unstable(gains, weights);
  return at::linalg_solve(at::diag(gains.reciprocal()) - weights, drive);
}

at::Tensor coding_cost(const at::Tensor& gains, const at::Tensor& weights, const at::Tensor& drive,
                       const at::Tensor& prior, const CodingCost& cost) {
  check::not_negative(where, "alpha", cost.alpha);
  check::not_negative(where, "gamma", cost.gamma);
  const at::Tensor r = steady_state(gains, weights, drive);
  check::shape(where, "prior", prior, {drive.size(1)});
  const double sum = prior.sum().item<double>();
  if (!(prior.min().item<double>() >= 0 && std::abs(sum - 1) < 1e-9))
    throw ValueError({.where = std::string(where),
                      .what = "the prior is no probability",
                      .got = "a sum of " + check::number_text(sum),
                      .expected = "numbers >= 0 that sum to 1"});
  const at::Tensor lost = drive - (r - weights.matmul(r));
  const at::Tensor each = lost.square().sum(0) + r.square().sum(0) * cost.alpha;
  return each.dot(prior) + (gains - 1).square().sum() * cost.gamma;
}

at::Tensor adapted_gains(const at::Tensor& start, const at::Tensor& weights,
                         const at::Tensor& drive, const at::Tensor& prior, const CodingCost& cost) {
  // Over the logarithm, so that no step of the search makes a gain negative.
  at::Tensor exponent = start.detach().log().set_requires_grad(true);
  minimise([&] { return coding_cost(exponent.exp(), weights, drive, prior, cost); }, {exponent});
  const at::Tensor found = exponent.detach().exp();
  const double least = found.min().item<double>();
  if (!(least >= 0.01))
    throw ValueError({.where = std::string(where),
                      .what = "a gain falls below the least a unit may have",
                      .got = check::number_text(least),
                      .expected = "0.01 or more"});
  return found;
}

}  // namespace callosum::nets
