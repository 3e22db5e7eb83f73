#include "callosum/learn/torch/credit.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/learn/torch/module.h"
#include "callosum/learn/torch/spike_rates.h"
#include "callosum/nets/training.h"

namespace callosum::learn {
namespace {

using namespace callosum::literals;

at::Tensor numbers(std::vector<double> values, at::IntArrayRef shape) {
  return at::tensor(values, at::kDouble).view(shape).clone();
}

double gap(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  EXPECT_GT(b.abs().max().item<double>(), 0);
  return (a - b).abs().max().item<double>() / b.abs().max().item<double>();
}

struct Case {
  at::Tensor x, w, cotangent;
  explicit Case(std::uint64_t seed) {
    nets::Draws draws(seed, "credit");
    x = draws.normal({3, 4, 6}).requires_grad_();
    w = draws.normal({5, 6}).requires_grad_();
    cotangent = draws.normal({3, 4, 5});
  }
};

TEST(Credit, WithNothingReplacedIsBackpropagation) {
  Case ours(1), torch(1);
  const at::Tensor y = credited_linear(ours.x, ours.w), z = at::matmul(torch.x, torch.w.t());
  EXPECT_EQ(gap(y.detach(), z.detach()), 0);
  (y * ours.cotangent).sum().backward();
  (z * torch.cotangent).sum().backward();
  EXPECT_LT(gap(ours.w.grad(), torch.w.grad()), 1e-14);
  EXPECT_LT(gap(ours.x.grad(), torch.x.grad()), 1e-14);
}

TEST(Credit, WeightsSeeTheOtherActivityAndErrorsTakeTheOtherWayBack) {
  Case c(2);
  nets::Draws draws(3, "replaced");
  const at::Tensor trace = draws.normal({3, 4, 6}), back = random_feedback(draws, c.w);
  const at::Tensor y = credited_linear(c.x, c.w, {.presynaptic = trace, .feedback = back});
  EXPECT_EQ(gap(y.detach(), at::matmul(c.x, c.w.t()).detach()), 0);
  (y * c.cotangent).sum().backward();
  EXPECT_LT(gap(c.w.grad(), at::einsum("tbo,tbi->oi", {c.cotangent, trace})), 1e-14);
  EXPECT_LT(gap(c.x.grad(), at::matmul(c.cotangent, back)), 1e-14);
  EXPECT_LE(back.abs().max().item<double>(), 1 / std::sqrt(6.0));
}

TEST(Credit, SignFeedbackHasTheSignsAndOneSize) {
  const at::Tensor w = numbers({0.5, -2.0, 0.0, 1.0}, {1, 4});
  EXPECT_EQ(gap(sign_feedback(w), numbers({0.5, -0.5, 0.0, 0.5}, {1, 4})), 0);
}

// One linear layer into leaky neurons without reset that matters: the sum of online gradients over
// steps is the gradient through time, since the state is a trace of the inputs (Xiao et al. 2022,
// theorem 1 for one layer).
TEST(Credit, OnlineTraceGivesTheGradientThroughTimeOfOneLayer) {
  constexpr std::int64_t steps = 7, batch = 3;
  model::ModelText text;
  text.name = "leaky";
  text.method = "euler";
  text.equations.text = "dv/dt = (x - v/2)/dt : 1";
  text.threshold.text = "v >= 1";
  text.reset.text = "v -= 1";
  text.parameters = {{.name = "x", .value = "0"}};
  Network net(1_ms, "layer");
  net.add("layer", 5, model::Model(text));
  const ModuleOptions options{.precision = Precision::twofold,
                              .surrogate = {model::Surrogate::sigmoid, 0.25, true},
                              .trained = {std::vector<std::string>{}},
                              .currents = {"layer.x"},
                              .outputs = {"layer"},
                              .input_gradients = true};
  nets::Draws draws(4, "online");
  const at::Tensor x = draws.normal({steps, batch, 6}), by_spike = draws.normal({steps, batch, 5});
  const at::Tensor w = draws.normal({5, 6}).requires_grad_();
  Module through_time(net, options);
  const at::Tensor all =
      through_time.run({.tensors = {{"layer.x", credited_linear(x, w)}}}).at("layer");
  ASSERT_GT(all.sum().item<double>(), 10);
  (all * by_spike).sum().backward();
  const at::Tensor expected = w.grad().clone();
  w.mutable_grad() = at::Tensor();

  Module online(net, options);
  PresynapticTrace trace(0.5);
  CarriedState state;
  for (std::int64_t t = 0; t < steps; ++t) {
    const at::Tensor current = credited_linear(x[t], w, {.presynaptic = trace.step(x[t])});
    const at::Tensor s =
        online.run({.tensors = {{"layer.x", current.unsqueeze(0)}}}, state).at("layer");
    state = online.carried();
    ASSERT_TRUE(at::equal(s[0].detach(), all[t].detach()));
    (s[0] * by_spike[t]).sum().backward();
  }
  EXPECT_LT(gap(w.grad(), expected), 1e-12);
  // Without the trace it is another number.
  w.mutable_grad() = at::Tensor();
  state = nullptr;
  for (std::int64_t t = 0; t < steps; ++t) {
    const at::Tensor s =
        online.run({.tensors = {{"layer.x", credited_linear(x[t], w).unsqueeze(0)}}}, state)
            .at("layer");
    state = online.carried();
    (s[0] * by_spike[t]).sum().backward();
  }
  EXPECT_GT(gap(w.grad(), expected), 0.01);
}

TEST(Credit, RefusesShapesThatDoNotFit) {
  const at::Tensor x = at::ones({2, 3}), w = at::ones({4, 3});
  EXPECT_THROW(credited_linear(at::ones({2, 4}), w), ShapeError);
  EXPECT_THROW(credited_linear(x, w, {.presynaptic = at::ones({1, 3})}), ShapeError);
  EXPECT_THROW(credited_linear(x, w, {.feedback = at::ones({3, 4})}), ShapeError);
  EXPECT_THROW(PresynapticTrace(1), ValueError);
  EXPECT_THROW(PresynapticTrace(std::nan("")), ValueError);
  PresynapticTrace trace(0.5);
  trace.step(x);
  EXPECT_THROW(trace.step(w), ShapeError);
}

TEST(SpikeRates, WeightTheLastStepsMost) {
  const at::Tensor x = numbers({1, 0, 0, 0, 0, 1}, {3, 2});
  const at::Tensor r = weighted_rate(x, 0.5, 1);
  const double a = std::exp(-1.0), b = std::exp(-0.5), sum = a + b + 1;
  EXPECT_NEAR(r[0].item<double>(), a / sum, 1e-15);
  EXPECT_NEAR(r[1].item<double>(), 1 / sum, 1e-15);
  EXPECT_THROW(weighted_rate(at::ones({0, 2}), 0.5, 1), ShapeError);
  EXPECT_THROW(weighted_rate(x, 0, 1), ValueError);
}

TEST(SpikeRates, AClampStandsForTheDerivativeAndNotForTheValue) {
  const at::Tensor r = numbers({-1.0, 2.0, 9.0}, {1, 3}).requires_grad_();
  const at::Tensor V_th = at::full({}, 0.3, at::kDouble).requires_grad_();
  const at::Tensor measured = numbers({0.5, 1.5, 5.0}, {1, 3});
  const at::Tensor out = rate_through_clamp(r, measured, V_th, 0.1, 2);
  EXPECT_TRUE(at::allclose(out.detach(), measured, 1e-15));
  (out * numbers({1.0, 10.0, 100.0}, {1, 3})).sum().backward();
  // The bound V_th / dt = 3 stands at r = 6.
  EXPECT_TRUE(at::allclose(r.grad(), numbers({0.0, 5.0, 0.0}, {1, 3})));
  EXPECT_NEAR(V_th.grad().item<double>(), 100 / 0.1, 1e-9);
}

// The neuron of the rule, simulated: over a long time its weighted rate is the clamp.
TEST(SpikeRates, SimulatedNeuronsAnswerWithNearlyTheClamp) {
  model::ModelText text;
  text.name = "subtracting";
  text.method = "euler";
  text.equations.text = "du/dt = (1 - 0.951229424500714)*(x - u)/dt : 1";
  text.threshold.text = "u >= 0.3*0.3";
  text.reset.text = "u -= 0.3";
  text.parameters = {{.name = "x", .value = "0"}};
  Network net(1_ms, "layer");
  net.add("layer", 1, model::Model(text));
  Module module(
      net,
      {.trained = {std::vector<std::string>{}}, .currents = {"layer.x"}, .outputs = {"layer"}});
  for (const double x : {-1.0, 0.7, 2.0, 4.5, 9.0}) {
    const at::Tensor spikes =
        module.run({.tensors = {{"layer.x", at::full({400, 1, 1}, x, at::kFloat)}}}).at("layer");
    const double rate = weighted_rate(spikes * (0.3 / 0.05), 0.05, 1).item<double>();
    EXPECT_NEAR(rate, std::min(std::max(x, 0.0), 6.0), 0.35) << x;
  }
}

}  // namespace
}  // namespace callosum::learn
