#include "callosum/learn/torch/quantised_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "callosum/core/error.h"
#include "callosum/nets/training.h"

namespace callosum::learn {
namespace {

struct Case {
  std::int64_t steps;
  int spike, weight;
};
constexpr Case cases[] = {{1, 1, 1}, {8, 1, 1}, {8, 1, 2}, {4, 2, 2}, {3, 2, 3},
                          {1, 4, 4}, {2, 4, 8}, {2, 1, 8}, {4, 1, 4}, {1, 8, 8}};

std::string name(const Case& c) {
  return "T " + std::to_string(c.steps) + ", spikes " + std::to_string(c.spike) + ", weights " +
         std::to_string(c.weight);
}

QuantisedOptions dense(const Case& c) {
  return {.layers = {{.in = 60, .out = 40}, {.in = 40, .out = 30}, {.in = 30, .out = 8}},
          .steps = c.steps,
          .spike_bits = c.spike,
          .weight_bits = c.weight,
          .input_unit = 1.0 / 255};
}

QuantisedOptions convolutional(const Case& c) {
  QuantisedOptions o = dense(c);
  o.layers = {{.in = 2, .out = 4, .kernel = 3, .pool = 2},
              {.in = 4, .out = 6, .kernel = 5},
              {.in = 6 * 4 * 3, .out = 8}};
  o.rows = 8, o.columns = 6;
  return o;
}

/// A few steps of Adam, so that weight steps and thresholds are not where they began.
void train_a_little(QuantisedNetwork& network, const at::Tensor& x, nets::Draws& draws) {
  const at::Tensor labels = draws.integers({x.size(0)}, 8);
  nets::Optimiser adam = nets::Optimiser::adam(network.parameters(), {.rate = 1e-3});
  for (int k = 0; k < 5; ++k) {
    adam.clear_gradients();
    nets::cross_entropy(network(x), labels).backward();
    adam.step();
  }
}

/// How many pairs of classes tie, over all samples.
std::int64_t ties(const at::Tensor& answers) {
  return answers.unsqueeze(1).eq(answers.unsqueeze(2)).sum().item<std::int64_t>() - answers.numel();
}

struct Agreement {
  std::int64_t ties = 0;
};

void expect_agreement(const QuantisedOptions& options, at::IntArrayRef input,
                      const std::string& what, Agreement& all) {
  nets::Draws draws(7, what);
  QuantisedNetwork network(options, draws);
  const at::Tensor x = draws.integers(input, 256).to(at::kFloat);
  train_a_little(network, x, draws);
  const at::NoGradGuard guard;
  const at::Tensor answers = network(x);
  const WholeAnswers whole = network.whole_numbers(x);
  ASSERT_LE(whole.register_bits, 25) << what;
  EXPECT_TRUE(at::equal(answers.argmax(1), whole.sums.argmax(1))) << what;
  // Order and ties of all classes, not only of the best.
  EXPECT_TRUE(at::equal(answers.unsqueeze(1).lt(answers.unsqueeze(2)),
                        whole.sums.unsqueeze(1).lt(whole.sums.unsqueeze(2))))
      << what;
  all.ties += ties(whole.sums);
  EXPECT_LE(network.levels_used(), 1) << what;
}

TEST(QuantisedNetwork, WholeNumbersGiveTheSameAnswersToTheTie) {
  Agreement all;
  for (const Case& c : cases) {
    expect_agreement(dense(c), {300, 60}, "dense, " + name(c), all);
    expect_agreement(convolutional(c), {60, 2, 8, 6}, "convolutional, " + name(c), all);
  }
  EXPECT_GT(all.ties, 100) << "there were hardly any ties to break";
}

// What that rests on: sums of weights that were multiplied by their step first depend on the order
// of their terms, and break ties.
TEST(QuantisedNetwork, SumsOfScaledFloatWeightsBreakTies) {
  std::int64_t of_whole = 0, of_scaled = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    nets::Draws draws(seed, "weights");
    const at::Tensor w = draws.normal({8, 60}, 0, 0.1, at::kFloat);
    const at::Tensor spikes = draws.bernoulli({500, 60}, 0.3, at::kFloat);
    const at::Tensor step = first_log_step(w, 6);
    const WeightLevels q = weight_levels(w, step, 6);
    const at::Tensor whole = at::matmul(spikes, q.levels.t());
    EXPECT_EQ(ties(whole * q.step), ties(whole));
    of_whole += ties(whole);
    of_scaled += ties(at::matmul(spikes, quantised_weights(w, step, 6).t()));
  }
  EXPECT_LT(of_scaled, 0.8 * double(of_whole));
}

TEST(QuantisedNetwork, CostsFollowTheShapes) {
  nets::Draws draws(9, "network");
  QuantisedNetwork network(convolutional({2, 4, 2}), draws);
  EXPECT_THROW(network.budget(), ValueError) << "nothing has run";
  const at::NoGradGuard guard;
  network(at::zeros({1, 2, 8, 6}));
  const BitBudget b = network.budget();
  ASSERT_EQ(b.layers().size(), 3u);
  EXPECT_EQ(b.layers()[0].operations, 4 * 2 * 9 * 8 * 6);
  EXPECT_EQ(b.layers()[1].operations, 6 * 4 * 25 * 4 * 3);
  EXPECT_EQ(b.layers()[2].operations, 6 * 4 * 3 * 8);
  EXPECT_EQ(b.layers()[0].weight_bits, 8);
  EXPECT_EQ(b.layers()[1].weight_bits, 2);
  EXPECT_EQ(b.sparse_effort(), 0) << "a black image";
}

TEST(QuantisedNetwork, RefusesWhatDoesNotFit) {
  nets::Draws draws(10, "network");
  const auto made = [&](auto change) {
    QuantisedOptions o = convolutional({2, 4, 2});
    change(o);
    return QuantisedNetwork(o, draws);
  };
  EXPECT_THROW(made([](auto& o) { o.steps = 0; }), ValueError);
  EXPECT_THROW(made([](auto& o) { o.spike_bits = 9; }), ValueError);
  EXPECT_THROW(made([](auto& o) { o.layers[1].kernel = 4; }), ValueError);
  EXPECT_THROW(made([](auto& o) { o.layers[1].in = 5; }), ShapeError);
  EXPECT_THROW(made([](auto& o) { o.layers[2].in = 5; }), ShapeError);
  EXPECT_THROW(made([](auto& o) { o.rows = 7; }), ShapeError);
  QuantisedOptions leaky = dense({2, 1, 4});
  leaky.decay = 0.5;
  EXPECT_THROW(QuantisedNetwork(leaky, draws).whole_numbers(at::zeros({1, 60})), UnsupportedError);
}

}  // namespace
}  // namespace callosum::learn
