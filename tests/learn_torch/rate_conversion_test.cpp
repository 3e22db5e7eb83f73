#include "callosum/learn/torch/rate_conversion.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/nets/optimiser.h"
#include "callosum/nets/training.h"
#include "tests/temporary_folder.h"

// Rates stand for activations, and how well is known layer by layer.
namespace callosum::learn {
namespace {

nets::Mlp perceptron(std::vector<std::int64_t> widths,
                     nets::Activation hidden = nets::Activation::threshold_linear) {
  nets::Draws draws(4, "perceptron");
  return nets::Mlp(draws, {.widths = std::move(widths), .hidden = hidden, .scale = 1.7});
}

at::Tensor inputs(std::int64_t samples) {
  return nets::Draws(1, "inputs").uniform({samples, 20}, 0, 1, at::kFloat);
}

// A neuron that is driven by a, in thresholds, and starts at half of one has fired
// floor(T a + 1/2) times after T steps.
TEST(RateConversion, FirstLayerRoundsActivationsToTheNearestRate) {
  const nets::Mlp mlp = perceptron({20, 30, 5});
  const at::Tensor x = inputs(60);
  const Conversion c = convert_to_rates(mlp, x, {.percentile = 100});
  for (const std::int64_t steps : {5, 20, 125}) {
    const ConversionErrors e = conversion_errors(c, mlp, x, steps);
    EXPECT_LE(e.layers[0].largest, 0.5 / static_cast<double>(steps) + 1e-6);
    EXPECT_GT(e.layers[0].largest, 0.4 / static_cast<double>(steps));
    EXPECT_EQ(e.layers[0].cut_off, 0);
  }
  const Conversion low = convert_to_rates(mlp, x, {.percentile = 100, .start = 0});
  const ConversionErrors below = conversion_errors(low, mlp, x, 20);
  EXPECT_GT(below.layers[0].largest, 0.9 / 20) << "the start makes no difference";
  EXPECT_LE(below.layers[0].largest, 1.0 / 20 + 1e-6);
}

TEST(RateConversion, ErrorsOfAllLayersFallAsOneOverTheSteps) {
  const nets::Mlp mlp = perceptron({20, 40, 40, 40, 5});
  const at::Tensor x = inputs(40);
  const Conversion c = convert_to_rates(mlp, x, {.percentile = 100});
  const auto few = conversion_errors(c, mlp, x, 50), many = conversion_errors(c, mlp, x, 800, 2);
  ASSERT_EQ(few.layers.size(), 4u);
  EXPECT_EQ(few.layers[2].population, "layer3");
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_LT(many.layers[k].mean, few.layers[k].mean / 8) << few.layers[k].population;
    EXPECT_GT(few.layers[k].mean, 1e-4);
  }
  const at::Tensor wanted = mlp(x).detach();
  EXPECT_LT((many.output - wanted).abs().max().item<double>(),
            0.05 * wanted.abs().max().item<double>());
}

TEST(RateConversion, WhatLiesAboveAUnitIsCutOffAndSaid) {
  const nets::Mlp mlp = perceptron({20, 30, 5});
  const at::Tensor x = inputs(60);
  const auto at = [&](double percentile) {
    return conversion_errors(convert_to_rates(mlp, x, {.percentile = percentile}), mlp, x, 400)
        .layers[0];
  };
  EXPECT_NEAR(at(80).cut_off, 0.2, 0.01);
  EXPECT_GT(at(80).largest, 0.2);
  EXPECT_LT(at(100).largest, 0.01);
}

TEST(RateConversion, ATrainedPerceptronKeepsItsAnswers) {
  const nets::Mlp mlp = perceptron({20, 40, 40, 3});
  const at::Tensor x = inputs(400);
  const at::Tensor labels = at::stack({x.slice(1, 0, 7).sum(1), x.slice(1, 7, 14).sum(1) + 0.1,
                                       x.slice(1, 14).sum(1) * 1.2})
                                .argmax(0);
  auto optimiser = nets::Optimiser::adam(mlp.parameters(), {.rate = 0.01});
  for (int k = 0; k < 150; ++k) {
    optimiser.clear_gradients();
    nets::cross_entropy(mlp(x), labels).backward();
    optimiser.step();
  }
  const auto accuracy = [&](const at::Tensor& out) {
    return out.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
  };
  const double own = accuracy(mlp(x));
  ASSERT_GT(own, 0.95);
  const Conversion c = convert_to_rates(mlp, x);
  EXPECT_GT(accuracy(conversion_errors(c, mlp, x, 200).output), own - 0.02);
  EXPECT_LT(accuracy(conversion_errors(c, mlp, x, 2).output), own) << "too easy to show anything";
}

TEST(RateConversion, SaysWhatItCannotConvert) {
  const at::Tensor x = inputs(10);
  EXPECT_THROW(convert_to_rates(perceptron({20, 5, 2}, nets::Activation::tanh), x),
               UnsupportedError);
  EXPECT_THROW(convert_to_rates(perceptron({19, 5, 2}), x), ShapeError);
  EXPECT_THROW(convert_to_rates(perceptron({20, 5, 2}), x, {.percentile = 101}), ValueError);
  nets::Mlp silent = perceptron({20, 5, 2});
  silent.weights[0].detach().zero_();
  silent.biases[0].detach().zero_();
  EXPECT_TRUE(contains(error_of<ValueError>([&] { convert_to_rates(silent, x); }), "layer1"));
}

}  // namespace
}  // namespace callosum::learn
