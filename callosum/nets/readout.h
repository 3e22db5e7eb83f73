#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

namespace callosum::nets {

/// y = x weights + offset. States are [T, features]; outputs are [T, K] for weights [features, K]
/// and [T] for weights [features]. Everything is double.
struct LinearReadout {
  at::Tensor weights, offset;
  at::Tensor operator()(const at::Tensor& states) const;
};

/// Ridge regression: minimises sum |y - x w - b|^2 + lambda |w|^2; the offset b is not penalised.
/// The decomposition is made once (features^3 or T^3, the smaller), a solution for one more lambda
/// costs a product.
class Ridge {
 public:
  /// states: [T, features], targets: [T] or [T, K], T >= 2, finite.
  Ridge(const at::Tensor& states, const at::Tensor& targets);
  /// lambda >= 0. NumericalError at lambda = 0 where the states do not determine the weights.
  LinearReadout solve(double lambda) const;

 private:
  at::Tensor values_, basis_, rotated_, state_mean_, target_mean_;
  bool vector_;
};

LinearReadout fit_ridge(const at::Tensor& states, const at::Tensor& targets, double lambda);

/// A ridge readout with the lambda that did best on data it was not fitted to.
struct ChosenRidge {
  LinearReadout readout;
  double lambda = 0;
  std::vector<double> errors;  ///< mean squared validation error, one a lambda tried
};
/// Fits on the first pair, compares by mean squared error on the second; the smaller lambda wins a
/// tie. ValueError when `lambdas` is empty.
ChosenRidge choose_ridge(const at::Tensor& states, const at::Tensor& targets,
                         const at::Tensor& validation_states, const at::Tensor& validation_targets,
                         std::span<const double> lambdas);

/// n numbers from `low` to `high`, both included, in equal ratios; 0 < low <= high, n >= 2.
std::vector<double> log_spaced(double low, double high, std::int64_t n);

/// Mean and standard deviation of each feature of one data set, to be applied to others. Features
/// that do not vary are only centred.
struct Standardiser {
  explicit Standardiser(const at::Tensor& states);
  at::Tensor operator()(const at::Tensor& states) const;
  at::Tensor mean, sd;
};

/// Recursive least squares (Haykin, Adaptive Filter Theory, ch. 10) on one sample at a time. After
/// any number of updates without forgetting, the weights are those of ridge regression with penalty
/// `lambda` and no offset on the samples seen; append a constant feature for an offset.
class RecursiveLeastSquares {
 public:
  /// lambda > 0; forgetting in (0, 1], 1 forgets nothing.
  RecursiveLeastSquares(std::int64_t features, std::int64_t outputs, double lambda,
                        double forgetting = 1);
  /// x: [features], y: [outputs]. Returns the error y - prediction *before* the update.
  at::Tensor update(const at::Tensor& x, const at::Tensor& y);
  /// What update() makes of each row in turn, with one product of matrices in place of many of
  /// vectors. states: [T, features], targets: [T, outputs]. Returns the errors before the block.
  at::Tensor update_block(const at::Tensor& states, const at::Tensor& targets);
  at::Tensor predict(const at::Tensor& x) const;
  const at::Tensor& weights() const { return weights_; }  ///< [features, outputs]

 private:
  double forgetting_;
  at::Tensor inverse_, weights_;
};

/// The delta rule (Widrow and Hoff 1960): after each sample w += rate x (y - w x).
class DeltaRule {
 public:
  DeltaRule(std::int64_t features, std::int64_t outputs, double rate);
  /// As RecursiveLeastSquares::update.
  at::Tensor update(const at::Tensor& x, const at::Tensor& y);
  at::Tensor predict(const at::Tensor& x) const;
  const at::Tensor& weights() const { return weights_; }  ///< [features, outputs]

 private:
  double rate_;
  at::Tensor weights_;
};

/// Multinomial logistic regression: the minimum of mean cross-entropy + lambda/2 |weights|^2
/// (offset not penalised), found by L-BFGS from zero. The result's outputs are logits. states: [T,
/// features]; labels: [T], integers in [0, classes); lambda >= 0.
LinearReadout fit_softmax(const at::Tensor& states, const at::Tensor& labels, std::int64_t classes,
                          double lambda, std::int64_t iterations = 200);

}  // namespace callosum::nets
