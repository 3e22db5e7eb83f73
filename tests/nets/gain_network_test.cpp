#include "callosum/nets/gain_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/optimiser.h"
#include "tensors.h"

namespace callosum::nets {
namespace {

struct Example {
  at::Tensor gains, weights, drive, prior;
};
Example example() {
  Draws draws(1, "example");
  const std::int64_t n = 7, stimuli = 5;
  const at::Tensor p = draws.uniform({stimuli}, 0.1, 1);
  return {draws.uniform({n}, 0.6, 1.2), scaled_to_spectral_radius(draws.uniform({n, n}, 0, 1), 0.6),
          draws.uniform({n, stimuli}, 0, 1), p / p.sum()};
}

TEST(GainNetwork, TheSteadyStateIsWhereTheDynamicsEnd) {
  const Example e = example();
  at::Tensor r = at::zeros_like(e.drive);
  for (int t = 0; t < 4000; ++t)
    r = r + 0.1 * (e.gains.reshape({-1, 1}) * (e.drive + e.weights.matmul(r)) - r);
  EXPECT_LT(distance(steady_state(e.gains, e.weights, e.drive), r), 1e-12);
}

TEST(GainNetwork, GradientsAreThoseOfTheClosedForm) {
  // dr/dg_i = M[:, i] r_i / g_i^2 with M = (diag(1/g) - W)^{-1}.
  const Example e = example();
  at::Tensor gains = e.gains.clone().set_requires_grad(true);
  const at::Tensor r = steady_state(gains, e.weights, e.drive);
  Draws draws(2, "cotangent");
  const at::Tensor cotangent = draws.normal({7, 5});
  const at::Tensor got = pull_back(r, cotangent, {gains})[0];
  const at::Tensor m = at::linalg_inv(at::diag(e.gains.reciprocal()) - e.weights);
  const at::Tensor expected = (m.t().matmul(cotangent) * r.detach()).sum(1) / e.gains.square();
  EXPECT_LT(distance(got, expected), 1e-12);
}

TEST(GainNetwork, TheCostAtGainsOneIsTheActivityAlone) {
  const Example e = example();
  const at::Tensor ones = at::ones({7}, at::kDouble);
  const at::Tensor r = steady_state(ones, e.weights, e.drive);
  EXPECT_NEAR(coding_cost(ones, e.weights, e.drive, e.prior, {.alpha = 2}).item<double>(),
              2 * r.square().sum(0).dot(e.prior).item<double>(), 1e-12);
}

TEST(GainNetwork, WithoutThePullToOneASingleUnitDoesNotAdapt) {
  const at::Tensor w = tensor({0.5}, {1, 1}), f = tensor({0.2, 0.9}, {1, 2});
  const at::Tensor start = tensor({0.8});
  const auto found = [&](std::vector<double> prior, double gamma) {
    return adapted_gains(start, w, f, tensor(prior), {.alpha = 1, .gamma = gamma}).item<double>();
  };
  EXPECT_NEAR(found({0.5, 0.5}, 0), found({0.1, 0.9}, 0), 1e-7);
  EXPECT_GT(found({0.9, 0.1}, 0.3), found({0.1, 0.9}, 0.3) + 0.01);
}

TEST(GainNetwork, WhatCannotBeIsRefused) {
  const Example e = example();
  const at::Tensor large = e.gains * 10;
  try {
    steady_state(large, e.weights, e.drive);
    FAIL();
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("unstable at gain index"), std::string::npos);
  }
  at::Tensor zero = e.gains.clone();
  zero[3] = 0;
  EXPECT_THROW(steady_state(zero, e.weights, e.drive), ValueError);
  EXPECT_THROW(steady_state(e.gains, e.weights.slice(0, 1), e.drive), ShapeError);
  EXPECT_THROW(coding_cost(e.gains, e.weights, e.drive, e.prior * 2), ValueError);
  EXPECT_THROW(coding_cost(e.gains, e.weights, e.drive, e.prior.slice(0, 1)), ShapeError);
}

}  // namespace
}  // namespace callosum::nets
