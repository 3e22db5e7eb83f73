#include "callosum/learn/torch/quantise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/learn/bit_budget.h"
#include "callosum/nets/draws.h"

namespace callosum::learn {
namespace {

TEST(Quantise, WeightsTakeAtMostTwoToTheBitsValuesAndAreTheirIntegersTimesTheStep) {
  nets::Draws draws(1, "weights");
  const at::Tensor w = draws.normal({40, 30});
  for (int bits = 1; bits <= 8; ++bits) {
    const at::Tensor step = first_log_step(w, bits);
    const at::Tensor q = quantised_weights(w, step, bits), whole = integer_weights(w, step, bits);
    EXPECT_LE(std::get<0>(at::_unique(whole)).numel(), 1 << bits) << bits;
    EXPECT_GE(std::get<0>(at::_unique(whole)).numel(), 2) << bits;
    EXPECT_TRUE(at::allclose(q, whole.to(at::kDouble) * step.exp(), 1e-12, 1e-12)) << bits;
  }
  EXPECT_EQ(integer_weights(w, first_log_step(w, 2), 2).min().item<std::int64_t>(), -2);
  EXPECT_EQ(integer_weights(w, first_log_step(w, 2), 2).max().item<std::int64_t>(), 1);
}

// In float, too: a step that is only nearly exp(log_step), or a sign that is only nearly 1, makes
// sums that should be equal differ in their last digit.
TEST(Quantise, LevelsAreWholeToTheBitInFloat) {
  nets::Draws draws(3, "weights");
  const at::Tensor w = draws.normal({60, 50}, 0, 0.07, at::kFloat).requires_grad_();
  for (int bits = 1; bits <= 8; ++bits) {
    const WeightLevels q = weight_levels(w, first_log_step(w, bits).requires_grad_(), bits);
    EXPECT_TRUE(
        at::equal(q.levels, integer_weights(w, first_log_step(w, bits), bits).to(at::kFloat)))
        << bits;
  }
}

TEST(Quantise, RoundsToBinaryDigitsAndLetsTheGradientThrough) {
  const auto rounded = [](double x, int digits) {
    return round_to_digits(at::scalar_tensor(x, at::kDouble), digits).item<double>();
  };
  EXPECT_EQ(rounded(1000.4, 10), 1000);
  EXPECT_EQ(rounded(1000.4, 3), 1024);
  EXPECT_EQ(rounded(0.3, 2), 0.25);
  EXPECT_EQ(rounded(0.99, 3), 1);
  const at::Tensor x = at::scalar_tensor(0.3, at::kDouble).requires_grad_();
  (3 * round_to_digits(x, 2)).backward();
  EXPECT_EQ(x.grad().item<double>(), 3);
  EXPECT_THROW(round_to_digits(at::zeros({}), 3), ValueError);
  EXPECT_THROW(round_to_digits(at::ones({}), 0), ValueError);
}

// Currents of `scale` times whole numbers under a threshold of 1 are those numbers under 1 / scale.
TEST(Quantise, AThresholdThatIsLearnedHasTheGradientOfTheCurrentsScale) {
  nets::Draws draws(4, "currents");
  const at::Tensor whole = draws.integers({6, 40}, 21).to(at::kDouble) - 7;
  const at::Tensor by = draws.normal({6, 40});
  for (int bits : {1, 3}) {
    const MultiBitNeuron neuron{.bits = bits, .threshold = 1, .decay = 0.75};
    const at::Tensor a = at::scalar_tensor(0.13, at::kDouble).requires_grad_();
    const at::Tensor b = at::scalar_tensor(0.13, at::kDouble).requires_grad_();
    const at::Tensor scaled = multibit_spikes(a * whole, neuron);
    const at::Tensor counted = multibit_levels(whole, 1 / b, neuron);
    ASSERT_TRUE(at::equal(scaled.detach(), counted.detach())) << bits;
    (scaled * by).sum().backward();
    (counted * by).sum().backward();
    EXPECT_NE(a.grad().item<double>(), 0);
    EXPECT_NEAR(a.grad().item<double>(), b.grad().item<double>(),
                1e-10 * std::abs(a.grad().item<double>()))
        << bits;
  }
}

TEST(Quantise, GradientsAreThoseOfLearnedSteps) {
  nets::Draws draws(2, "weights");
  const at::Tensor w = draws.normal({50}).requires_grad_();
  const at::Tensor log_step = at::full({}, std::log(0.3), at::kDouble).requires_grad_();
  const at::Tensor by = draws.normal({50});
  (quantised_weights(w, log_step, 3) * by).sum().backward();
  double expected = 0;
  std::int64_t outside = 0;
  for (std::int64_t k = 0; k < 50; ++k) {
    const double v = w[k].item<double>() / 0.3, g = by[k].item<double>();
    const bool inside = v > -4 && v < 3;
    outside += !inside;
    EXPECT_NEAR(w.grad()[k].item<double>(), inside ? g : 0, 1e-12);
    expected += g * (inside ? std::nearbyint(v) - v : v < 0 ? -4 : 3);
  }
  EXPECT_GT(outside, 0);
  // By the logarithm: times the step; scaled by 1 / sqrt(50 * 3).
  EXPECT_NEAR(log_step.grad().item<double>(), 0.3 * expected / std::sqrt(150.0), 1e-10);
}

TEST(Quantise, OneBitIsTheSignTimesTheMeanMagnitude) {
  const at::Tensor w = at::tensor({0.5, -1.5, 0.0, 2.0}, at::kDouble).requires_grad_();
  const at::Tensor q = quantised_weights(w, {}, 1);
  EXPECT_TRUE(at::allclose(q.detach(), at::tensor({1.0, -1.0, 1.0, 1.0}, at::kDouble)));
  q.sum().backward();
  EXPECT_TRUE(at::equal(w.grad(), at::ones_like(w)));
}

TEST(Quantise, SpikesOfOneBitCountAsTheQuantiserDoes) {
  constexpr std::int64_t steps = 8;
  const at::Tensor input = at::linspace(0.01, 0.99, 50, at::kDouble);
  const at::Tensor out = multibit_spikes(input.unsqueeze(0).expand({steps, 50}),
                                         {.bits = 1, .threshold = 1, .rounds = false});
  for (std::int64_t k = 0; k < 50; ++k)
    EXPECT_EQ(out.select(1, k).sum().item<double>(),
              static_cast<double>(quantised_count(0, input[k].item<double>(), 1, steps)));
}

TEST(Quantise, SpikesOfSeveralBitsRoundThePotentialAndCarryTheRest) {
  const MultiBitNeuron neuron{.bits = 2, .threshold = 0.5, .decay = 0.5};
  const at::Tensor currents = at::tensor({0.9, 0.0, 5.0, -1.0}, at::kDouble).requires_grad_();
  const at::Tensor out = multibit_spikes(currents, neuron);
  // u: 0.9 (2 spikes, -0.1 left), -0.05 (0), 4.975 (3, 3.475 left), 0.7375 (1).
  EXPECT_TRUE(at::allclose(out.detach(), at::tensor({1.0, 0.0, 1.5, 0.5}, at::kDouble))) << out;
  out[0].backward();
  EXPECT_DOUBLE_EQ(currents.grad()[0].item<double>(), 1);
  const at::Tensor beyond = at::tensor({5.0, -1.0}, at::kDouble).requires_grad_();
  multibit_spikes(beyond.unsqueeze(0), neuron).sum().backward();
  EXPECT_EQ(beyond.grad().abs().sum().item<double>(), 0) << "no gradient outside the range";
}

TEST(Quantise, RefusesWhatCannotBe) {
  const at::Tensor w = at::ones({3});
  EXPECT_THROW(quantised_weights(w, w, 0), ValueError);
  EXPECT_THROW(first_log_step(at::zeros({3}), 4), ValueError);
  EXPECT_THROW(multibit_spikes(w, {.bits = 9}), ValueError);
  EXPECT_THROW(multibit_spikes(w, {.threshold = std::nan("")}), ValueError);
  EXPECT_THROW(multibit_spikes(w, {.decay = 1.5}), ValueError);
  EXPECT_THROW(multibit_spikes(at::ones({0, 3}), {}), ShapeError);
}

}  // namespace
}  // namespace callosum::learn
