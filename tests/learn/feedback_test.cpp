#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "tests/learn/gradient_checks.h"
#include "tests/learn/kicked_network.h"
#include "tests/learn/plain_network.h"

// Derivatives that go back by other weights than those that spikes go forward by.
namespace callosum {
namespace {

using namespace callosum::learn_tests;
using learn::Feedback;
using learn::SpikeBits;
using learn::Unroll;

constexpr std::int64_t steps = 60, batch = 5;
constexpr std::uint32_t sources = 8, hidden = 9, outputs = 3;

Network network() {
  Network net(1_ms);
  const View list = net.add_spike_list("list", sources, {}, {});
  const View h = net.add("hidden", hidden, library::neuron("lif_psc_exp"));
  const View out = net.add("out", outputs, library::neuron("leaky_integrator"));
  net.connect(list, h, all_to_all(),
              {.target = "I_ex", .weight = Values::uniform(-150_pA, 750_pA), .name = "in"});
  net.connect(h, h, fixed_probability(0.2),
              {.target = "I_ex", .weight = Values::uniform(-90_pA, 450_pA), .name = "back"});
  net.connect(net.slice(h, 1, hidden), out, all_to_all(),
              {.target = "V_m", .weight = Values::uniform(-1_mV, 1_mV), .name = "out"});
  return net;
}

double root_mean_square(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return std::sqrt(sum / static_cast<double>(x.size()));
}

class FeedbackOf : public testing::TestWithParam<double> {};  // width of the triangle

TEST_P(FeedbackOf, SignsAreThoseOfThePlainPath) {
  const Network net = network();
  // A wide triangle takes the dense product, a narrow one rows of neurons that may matter.
  const model::AdjointOptions surrogate{model::Surrogate::triangle, GetParam()};
  const SpikeBits input = random_bits(1, steps, batch, sources, 0.2);
  const auto spike_bar = noise(1, static_cast<std::size_t>(steps * batch) * hidden);
  const auto state_bar = noise(2, static_cast<std::size_t>(steps * batch) * outputs);
  Unroll<double> fused(net, {.seed = 5,
                             .surrogate = surrogate,
                             .feedback = {{"back", Feedback::sign}, {"out", Feedback::sign}},
                             .record = {"out.V_m"}});
  const std::vector<double> first = fused.values("out");
  std::vector<double> moved = first;
  for (double& w : moved) w = -2 * w;  // signs follow, their size stays
  fused.set("out", moved);
  const Network present = fused.network();
  PlainNetwork plain(present, 5, surrogate);
  const auto signs = [](std::vector<double> w, double size) {
    for (double& x : w) x = x > 0 ? size : -size;
    return w;
  };
  plain.feedback[1] = signs(fused.values("back"), root_mean_square(fused.values("back")));
  plain.feedback[2] = signs(moved, root_mean_square(first));
  const auto expected = plain.run(input, "list", "hidden", spike_bar, "out", "V_m", state_bar);
  fused.forward(steps, batch, {.spikes = {{"list", input}}});
  ASSERT_TRUE(fused.spikes("hidden") == expected.hidden);
  ASSERT_GT(fused.spikes("hidden").count(), 50u);
  fused.backward({.spikes = {{"hidden", spike_bar}}, .recorded = {{"out.V_m", state_bar}}});
  expect_close(fused.gradient("in"), expected.weights[0], 1e-10, "in");
  expect_close(fused.gradient("back"), expected.weights[1], 1e-10, "back");
  expect_close(fused.gradient("out"), expected.weights[2], 1e-10, "out");
}

INSTANTIATE_TEST_SUITE_P(Width, FeedbackOf, testing::Values(30.0, 1.0), [](const auto& info) {
  return std::string(info.param > 10 ? "Wide" : "Narrow");
});

TEST(Feedback, OfRandomWeightsStaysWhenWeightsChange) {
  const Network net = network();
  const SpikeBits input = random_bits(1, steps, batch, sources, 0.2);
  const auto state_bar = noise(2, static_cast<std::size_t>(steps * batch) * outputs);
  const auto gradient = [&](Feedback kind, double scale) {
    Unroll<double> u(net, {.seed = 5,
                           .surrogate = {model::Surrogate::gaussian, 5},
                           .trained = {{"in"}},
                           .feedback = {{"out", kind}},
                           .record = {"out.V_m"}});
    std::vector<double> w = u.values("out");
    for (double& x : w) x *= scale;
    u.set("out", w);
    u.forward(steps, batch, {.spikes = {{"list", input}}});
    u.backward({.recorded = {{"out.V_m", state_bar}}});
    return std::vector<double>(u.gradient("in").begin(), u.gradient("in").end());
  };
  // Nothing but the way back from `out` changes the derivative by `in`.
  EXPECT_EQ(gradient(Feedback::random, 1), gradient(Feedback::random, 3));
  EXPECT_NE(gradient(Feedback::random, 1), gradient(Feedback::transposed, 1));
  EXPECT_NE(gradient(Feedback::transposed, 1), gradient(Feedback::transposed, 3));
  EXPECT_THROW(Unroll<double>(net, {.feedback = {{"ou", Feedback::sign}}}), NameError);
  EXPECT_THROW(Unroll<double>(net, {.delays = {{"in", {.maximum_ms = 5}}},
                                    .feedback = {{"in", Feedback::sign}}}),
               UnsupportedError);
}

}  // namespace
}  // namespace callosum
