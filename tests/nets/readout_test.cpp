#include "callosum/nets/readout.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "callosum/nets/draws.h"
#include "tensors.h"

namespace callosum::nets {
namespace {

/// w of min |Y - X w - b|^2 + lambda |w|^2 from the normal equations with a row for the offset.
at::Tensor normal_equations(const at::Tensor& x, const at::Tensor& y, double lambda) {
  const at::Tensor a = at::cat({x, at::ones({x.size(0), 1}, at::kDouble)}, 1);
  at::Tensor gram = a.t().mm(a);
  for (std::int64_t i = 0; i < x.size(1); ++i) gram[i][i] += lambda;
  return at::linalg_solve(gram, a.t().mm(y));
}

TEST(Ridge, SolvesTheNormalEquationsWideAndTall) {
  Draws draws(1, "ridge");
  for (auto [rows, features] : {std::pair<int, int>{80, 12}, {12, 40}}) {
    const at::Tensor x = draws.normal({rows, features}, 0.5), y = draws.normal({rows, 3}, -2);
    const Ridge ridge(x, y);
    for (double lambda : {1e-3, 1.0, 100.0}) {
      const LinearReadout fit = ridge.solve(lambda);
      const at::Tensor expected = normal_equations(x, y, lambda);
      EXPECT_LT(distance(fit.weights, expected.slice(0, 0, features)), 1e-9) << lambda;
      EXPECT_LT(distance(fit.offset, expected[features]), 1e-9) << lambda;
      EXPECT_LT(distance(fit(x), x.mm(fit.weights).add(fit.offset)), 1e-14);
    }
  }
}

TEST(Ridge, WithoutPenaltyRecoversAnExactLine) {
  const at::Tensor x = tensor({0, 1, 2, 3}, {4, 1}), y = tensor({1, 3, 5, 7});
  const LinearReadout fit = fit_ridge(x, y, 0);
  EXPECT_NEAR(fit.weights.item<double>(), 2, 1e-12);
  EXPECT_NEAR(fit.offset.item<double>(), 1, 1e-12);
  EXPECT_EQ(fit(x).dim(), 1);
  const at::Tensor twice = tensor({0, 0, 1, 1, 2, 2, 3, 3}, {4, 2});
  EXPECT_THROW(fit_ridge(twice, y, 0), NumericalError);
  EXPECT_THROW(fit_ridge(x, y, -1), ValueError);
  EXPECT_THROW(fit_ridge(x, y, NAN), ValueError);
  EXPECT_THROW(fit_ridge(x, tensor({1, 2}), 1), ShapeError);
  EXPECT_THROW(fit_ridge(x, tensor({1, 2, 3, NAN}), 1), NumericalError);
}

TEST(Ridge, TheChosenPenaltyIsTheOneThatDoesBestOnOtherData) {
  Draws draws(2, "choice");
  const at::Tensor w = draws.normal({10, 1});
  const auto data = [&](int rows) {
    const at::Tensor x = draws.normal({rows, 10});
    return std::pair(x, x.mm(w).add(draws.normal({rows, 1}, 0, 3)));
  };
  const auto [x, y] = data(15);
  const auto [vx, vy] = data(400);
  const auto lambdas = log_spaced(1e-3, 1e3, 13);
  EXPECT_DOUBLE_EQ(lambdas[6], 1);
  const ChosenRidge chosen = choose_ridge(x, y, vx, vy, lambdas);
  for (std::size_t i = 0; i < lambdas.size(); ++i) {
    const double error = fit_ridge(x, y, lambdas[i])(vx).sub(vy).square().mean().item<double>();
    EXPECT_NEAR(chosen.errors[i], error, 1e-9 * error);
    EXPECT_TRUE(lambdas[i] != chosen.lambda || error <= chosen.errors.front());
  }
  EXPECT_GT(chosen.lambda, lambdas.front());
  EXPECT_THROW(choose_ridge(x, y, vx, vy, {}), ValueError);
}

TEST(RecursiveLeastSquares, EqualsRidgeOnAllSamplesSeen) {
  Draws draws(3, "rls");
  const at::Tensor x = draws.normal({60, 8}), y = draws.normal({60, 2});
  const double lambda = 0.3;
  RecursiveLeastSquares rls(8, 2, lambda);
  for (std::int64_t t = 0; t < 60; ++t) {
    const at::Tensor before = y[t].sub(rls.predict(x[t]));
    EXPECT_LT(distance(rls.update(x[t], y[t]), before), 1e-15);
  }
  const at::Tensor gram = x.t().mm(x).add(at::eye(8, at::kDouble).mul(lambda));
  EXPECT_LT(distance(rls.weights(), at::linalg_solve(gram, x.t().mm(y))), 1e-10);
}

TEST(RecursiveLeastSquares, ForgettingWeighsSamplesByTheirAge) {
  Draws draws(4, "rls");
  const at::Tensor x = draws.normal({50, 5}), y = draws.normal({50, 1});
  const double lambda = 0.2, keep = 0.9;
  RecursiveLeastSquares rls(5, 1, lambda, keep);
  at::Tensor gram = at::eye(5, at::kDouble).mul(lambda), cross = at::zeros({5, 1}, at::kDouble);
  for (std::int64_t t = 0; t < 50; ++t) {
    rls.update(x[t], y[t]);
    gram = gram.mul(keep).add(x[t].outer(x[t]));
    cross = cross.mul(keep).add(x[t].outer(y[t]));
  }
  EXPECT_LT(distance(rls.weights(), at::linalg_solve(gram, cross)), 1e-9);
  EXPECT_THROW(RecursiveLeastSquares(5, 1, 0), ValueError);
  EXPECT_THROW(RecursiveLeastSquares(5, 1, 1, 1.5), ValueError);
  EXPECT_THROW(rls.update(tensor({NAN, 0, 0, 0, 0}), tensor({0})), NumericalError);
}

TEST(RecursiveLeastSquares, ABlockIsItsRowsInTurn) {
  Draws draws(5, "rls");
  const at::Tensor x = draws.normal({45, 6}), y = draws.normal({45, 2});
  for (const double keep : {1.0, 0.95}) {
    RecursiveLeastSquares rows(6, 2, 0.3, keep), blocks(6, 2, 0.3, keep);
    for (std::int64_t t = 0; t < 45; ++t) rows.update(x[t], y[t]);
    for (const auto& [from, to] : {std::pair{0, 20}, {20, 21}, {21, 45}}) {
      const at::Tensor before = y.slice(0, from, to).sub(x.slice(0, from, to).mm(blocks.weights()));
      const at::Tensor error = blocks.update_block(x.slice(0, from, to), y.slice(0, from, to));
      EXPECT_LT(distance(error, before), 1e-15);
    }
    EXPECT_LT(distance(blocks.weights(), rows.weights()), 1e-11);
    // The inverse is the same too: the next row tells.
    rows.update(x[0], y[0]);
    blocks.update(x[0], y[0]);
    EXPECT_LT(distance(blocks.weights(), rows.weights()), 1e-11);
  }
  RecursiveLeastSquares rls(6, 2, 0.3);
  EXPECT_THROW(rls.update_block(x.slice(1, 0, 5), y), ShapeError);
  EXPECT_THROW(rls.update_block(x, y.slice(0, 0, 44)), ShapeError);
}

TEST(DeltaRule, OneStepReducesTheErrorByTheClosedForm) {
  DeltaRule rule(2, 1, 0.1);
  const at::Tensor x = tensor({3, 4}), y = tensor({10});
  EXPECT_EQ(rule.update(x, y).item<double>(), 10);
  // e' = e (1 - rate |x|^2) = 10 (1 - 2.5)
  EXPECT_NEAR(rule.update(x, y).item<double>(), -15, 1e-12);
}

TEST(Softmax, TheFitIsAStationaryPointOfItsLoss) {
  Draws draws(5, "softmax");
  const std::int64_t rows = 90, classes = 3;
  const at::Tensor labels = draws.integers({rows}, classes);
  at::Tensor x = draws.normal({rows, 4});
  for (std::int64_t i = 0; i < rows; ++i) x[i][labels[i].item<std::int64_t>()] += 1.0;
  const double lambda = 0.05;
  const LinearReadout fit = fit_softmax(x, labels, classes, lambda);
  at::Tensor residual = at::softmax(fit(x), 1);
  for (std::int64_t i = 0; i < rows; ++i) residual[i][labels[i].item<std::int64_t>()] -= 1;
  const at::Tensor slope = x.t().mm(residual).div(rows).add(fit.weights.mul(lambda));
  EXPECT_LT(slope.abs().max().item<double>(), 1e-6);
  EXPECT_LT(residual.mean(0).abs().max().item<double>(), 1e-6);
  EXPECT_THROW(fit_softmax(x, labels.add(1), classes, lambda), ValueError);
  EXPECT_THROW(fit_softmax(x, labels, 1, lambda), ValueError);
}

TEST(Softmax, TwoClassesAreLogisticRegression) {
  // One feature of +-1, three of four labels with its sign: without penalty the log odds of the
  // answer are ln 3 on either side.
  const at::Tensor x = tensor({1, 1, 1, 1, -1, -1, -1, -1}, {8, 1});
  const at::Tensor labels = tensor({1, 1, 1, 0, 0, 0, 0, 1});
  const auto odds = list(fit_softmax(x, labels, 2, 0)(x));
  EXPECT_NEAR(odds[1] - odds[0], std::log(3), 1e-5);
  EXPECT_NEAR(odds[15] - odds[14], -std::log(3), 1e-5);
}

TEST(Standardiser, CentresAndScalesByTheFirstData) {
  const at::Tensor x = tensor({1, 5, 2, 5, 3, 5}, {3, 2});
  const Standardiser scale(x);
  EXPECT_EQ(list(scale(x)), (std::vector<double>{-1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(list(scale(tensor({4, 6}, {1, 2}))), (std::vector<double>{2, 1}));
}

}  // namespace
}  // namespace callosum::nets
