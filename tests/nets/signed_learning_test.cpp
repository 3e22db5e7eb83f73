#include "callosum/nets/signed_learning.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/real.h>
#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/optimiser.h"

namespace callosum::nets {
namespace {

struct Small {
  explicit Small(Activation activation)
      : draws(3, "signed"),
        net{draws.normal({3, 4}), draws.normal({1, 3}), activation},
        x(draws.normal({20, 4})),
        target(draws.uniform({20, 1}, 0.1, 0.9)) {}
  Draws draws;
  TwoLayers net;
  at::Tensor x, target;
};

TEST(SignedRule, WithoutFlipsAndWithTheSlopeIsAutogradsGradient) {
  for (Activation f : {Activation::linear, Activation::tanh, Activation::logistic}) {
    const Small s(f);
    const TwoLayers leaf{s.net.w1.clone().set_requires_grad(true),
                         s.net.w2.clone().set_requires_grad(true), f};
    const at::Tensor loss = (leaf(s.x) - s.target).square().sum() / 40;
    const Parameters gradient = gradients(loss, {leaf.w1, leaf.w2});
    const SignedRule rule{.rate = 0.5, .output_slope = true};
    const TwoLayers change = rule.change(s.net, s.x, s.target);
    EXPECT_LT((change.w1 + 0.5 * gradient[0]).abs().max().item<double>(), 1e-14);
    EXPECT_LT((change.w2 + 0.5 * gradient[1]).abs().max().item<double>(), 1e-14);
  }
}

TEST(SignedRule, FlipsWholeColumnsOfTheUpdate) {
  const Small s(Activation::tanh);
  SignedRule rule;
  const TwoLayers plain = rule.change(s.net, s.x, s.target);
  rule.input_signs = flipped_signs(4, 1);
  rule.hidden_signs = flipped_signs(3, 2);
  const TwoLayers flipped = rule.change(s.net, s.x, s.target);
  EXPECT_TRUE(flipped.w1.select(1, 0).equal(-plain.w1.select(1, 0)));
  EXPECT_TRUE(flipped.w1.slice(1, 1).equal(plain.w1.slice(1, 1)));
  EXPECT_TRUE(flipped.w2.slice(1, 0, 2).equal(-plain.w2.slice(1, 0, 2)));
  EXPECT_TRUE(flipped.w2.slice(1, 2).equal(plain.w2.slice(1, 2)));
}

TEST(SignedRule, KeepsTheNorms) {
  Small s(Activation::tanh);
  const SignedRule rule{.norm1 = 2, .norm2 = 0.5};
  rule.step(s.net, s.x, s.target);
  EXPECT_NEAR(s.net.w1.norm().item<double>(), 2, 1e-14);
  EXPECT_NEAR(s.net.w2.norm().item<double>(), 0.5, 1e-14);
}

TEST(SignedRule, RefusesWhatDoesNotFitAndStopsAtInfinity) {
  Small s(Activation::linear);
  const at::Tensor before = s.net.w1.clone();
  SignedRule rule{.norm1 = 1, .norm2 = 1};
  EXPECT_THROW(rule.step(s.net, s.x.slice(1, 1), s.target), ShapeError);
  rule.hidden_signs = flipped_signs(4, 1);
  EXPECT_THROW(rule.step(s.net, s.x, s.target), ShapeError);
  rule.hidden_signs = at::Tensor();
  rule.rate = NAN;
  EXPECT_THROW(rule.step(s.net, s.x, s.target), ValueError);
  rule.rate = 1;
  EXPECT_THROW(rule.step(s.net, s.x, s.target * INFINITY), NumericalError);
  EXPECT_TRUE(s.net.w1.equal(before));
  EXPECT_THROW(flipped_signs(3, 4), ValueError);
}

TEST(Curl, IsZeroForGradientDescentAndNotWithFlips) {
  for (Activation f : {Activation::linear, Activation::tanh}) {
    const Small s(f);
    SignedRule rule{.rate = 1};
    EXPECT_LT(curl(rule, s.net, s.x, s.target), 1e-8);
    rule.hidden_signs = flipped_signs(3, 1);
    EXPECT_GT(curl(rule, s.net, s.x, s.target), 1e-2);
  }
}

TEST(SignedSpectrum, HasTheMarchenkoPasturEdgesWithoutFlips) {
  for (double c : {0.1, 0.5, 1.2, 4.0}) {
    const auto up = signed_spectrum_edges(c, 1), down = signed_spectrum_edges(c, 0);
    const double low = std::pow(1 - 1 / std::sqrt(c), 2), high = std::pow(1 + 1 / std::sqrt(c), 2);
    ASSERT_GE(up.size(), 2u);
    EXPECT_NEAR(up.front(), 1 + low, 1e-6) << c;
    EXPECT_NEAR(up.back(), 1 + high, 1e-6) << c;
    EXPECT_NEAR(down.front(), -1 + low, 1e-6) << c;
    EXPECT_NEAR(down.back(), -1 + high, 1e-6) << c;
  }
  EXPECT_THROW(signed_spectrum_edges(0, 0.5), ValueError);
  EXPECT_THROW(signed_spectrum_edges(1, NAN), ValueError);
}

TEST(SignedSpectrum, HoldsTheEigenvaluesOfASampledMatrix) {
  Draws draws(1, "spectrum");
  const std::int64_t m = 240, n = 200;
  const at::Tensor w = draws.normal({m, n}, 0, 1 / std::sqrt(double(m)));
  const at::Tensor matrix = w.mm(w.t()) + flipped_signs(m, m / 2).diag();
  const auto edges = signed_spectrum_edges(1.2, 0.5);
  ASSERT_EQ(edges.size(), 4u);
  const at::Tensor values = at::real(eigenvalues(matrix));
  EXPECT_GT(values.min().item<double>(), edges.front() - 0.1);
  EXPECT_LT(values.max().item<double>(), edges.back() + 0.1);
}

}  // namespace
}  // namespace callosum::nets
