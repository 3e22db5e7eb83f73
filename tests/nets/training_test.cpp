#include "callosum/nets/training.h"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "callosum/nets/activation.h"
#include "callosum/nets/backend.h"
#include "callosum/nets/layers.h"
#include "tensors.h"

namespace callosum::nets {
namespace {

TEST(Activation, SlopesAreThoseOfAutogradAndNumbersThoseOfTensors) {
  for (auto a : {Activation::linear, Activation::tanh, Activation::logistic,
                 Activation::threshold_linear, Activation::silu, Activation::gelu}) {
    const at::Tensor x = trainable(tensor({-3, -0.7, -0.01, 0.4, 2, 6}));
    const at::Tensor y = activate(a, x);
    EXPECT_LT(distance(gradients(y.sum(), {x})[0], activation_slope(a, x)), 1e-12);
    for (int i = 0; i < 6; ++i)
      EXPECT_NEAR(activate(a, x[i].item<double>()), y[i].item<double>(), 1e-14);
  }
  EXPECT_EQ(activation_slope(Activation::threshold_linear, tensor({0})).item<double>(), 0);
  EXPECT_TRUE(std::isnan(activate(Activation::threshold_linear, NAN)));
}

TEST(Mlp, IsItsWeightsInARow) {
  Draws draws(1, "mlp");
  const Mlp net(draws, {.widths = {3, 4, 2}, .hidden = Activation::tanh, .type = at::kDouble});
  const at::Tensor x = draws.normal({5, 3});
  const at::Tensor by_hand =
      x.mm(net.weights[0].t()).add(net.biases[0]).tanh().mm(net.weights[1].t()).add(net.biases[1]);
  EXPECT_LT(distance(net(x), by_hand), 1e-14);
  EXPECT_EQ(net.layers(x).size(), 3u);
  EXPECT_EQ(net.parameters().size(), 4u);
  for (const auto& w : net.weights)
    EXPECT_LE(w.abs().max().item<double>(), 1 / std::sqrt(static_cast<double>(w.size(1))));
  const Mlp other = net.copy();
  other.weights[0].detach().zero_();
  EXPECT_LT(distance(net(x), by_hand), 1e-14) << "a copy is another network";
  EXPECT_THROW(net(draws.normal({5, 4})), ShapeError);
  EXPECT_THROW(Mlp(draws, {.widths = {3}}), ValueError);
}

TEST(Rnn, StepsAsItsEquationsSayAndBackPropagates) {
  Draws draws(2, "rnn");
  for (bool inside : {false, true}) {
    Rnn net(draws, {.inputs = 2,
                    .units = 5,
                    .outputs = 1,
                    .alpha = 0.3,
                    .leak_inside = inside,
                    .type = at::kDouble});
    const at::Tensor x = draws.normal({6, 4, 2});
    const auto run = net(x);
    at::Tensor h = at::zeros({4, 5}, at::kDouble);
    for (std::int64_t t = 0; t < 6; ++t) {
      const at::Tensor v = x[t].mm(net.input.t()).add(h.mm(net.recurrent.t())).add(net.bias);
      h = inside ? h.mul(0.7).add(v.mul(0.3)).tanh() : h.mul(0.7).add(v.tanh().mul(0.3));
      EXPECT_LT(distance(run.states[t], h), 1e-14);
    }
    EXPECT_LT(distance(run.outputs[5], h.mm(net.output.t()).add(net.output_bias)), 1e-14);
    // One entry of the gradient against a central difference.
    const auto loss = [&] { return net(x).outputs.square().sum(); };
    const double slope = gradients(loss(), {net.recurrent})[0][1][2].item<double>();
    const double h0 = 1e-5;
    const at::Tensor raw = net.recurrent.detach();
    raw[1][2] += h0;
    const double up = loss().item<double>();
    raw[1][2] -= 2 * h0;
    const double down = loss().item<double>();
    EXPECT_NEAR(slope, (up - down) / (2 * h0), 1e-7 * (1 + std::abs(slope)));
  }
  EXPECT_THROW(Rnn(draws, {.inputs = 1, .units = 1, .outputs = 1, .alpha = 0}), ValueError);
}

TEST(Optimiser, FirstStepsAreTheirClosedForms) {
  const auto after = [](const std::function<Optimiser(const Parameters&)>& make, int steps) {
    const at::Tensor p = trainable(tensor({1}));
    Optimiser optimiser = make({p});
    for (int k = 0; k < steps; ++k) {
      optimiser.clear_gradients();
      p.mul(2).sum().backward();  // slope 2
      optimiser.step();
    }
    return p.item<double>();
  };
  EXPECT_NEAR(after([](const auto& p) { return Optimiser::sgd(p, {.rate = 0.1}); }, 1), 0.8, 1e-15);
  EXPECT_NEAR(
      after([](const auto& p) { return Optimiser::sgd(p, {.rate = 0.1, .momentum = 0.5}); }, 2),
      0.8 - 0.1 * (0.5 * 2 + 2), 1e-15);
  EXPECT_NEAR(after([](const auto& p) { return Optimiser::adam(p, {.rate = 0.1}); }, 1), 0.9, 1e-8);
  EXPECT_NEAR(
      after([](const auto& p) { return Optimiser::adam(p, {.rate = 0.1, .weight_decay = 0.5}); },
            1),
      0.95 - 0.1, 1e-8);
  EXPECT_NEAR(after([](const auto& p) { return Optimiser::rmsprop(p, {.rate = 0.01}); }, 1),
              1 - 0.01 * 2 / std::sqrt(0.01 * 4), 1e-6);
  EXPECT_THROW(Optimiser::sgd({tensor({1})}, {}), ValueError);
  EXPECT_THROW(Optimiser::sgd({trainable(tensor({1}))}, {.rate = NAN}), ValueError);
}

TEST(Optimiser, ClippingKeepsTheDirection) {
  const at::Tensor a = trainable(tensor({0})), b = trainable(tensor({0}));
  a.mul(3).add(b.mul(4)).sum().backward();
  EXPECT_NEAR(clip_gradients({a, b}, 1), 5, 1e-12);
  EXPECT_NEAR(a.grad().item<double>(), 0.6, 1e-12);
  EXPECT_NEAR(clip_gradients({a, b}, 2), 1, 1e-12);
  EXPECT_NEAR(b.grad().item<double>(), 0.8, 1e-12);
}

TEST(Minimise, FindsTheBottomOfRosenbrocksValley) {
  const at::Tensor p = trainable(tensor({-1.2, 1}));
  const auto valley = [&] {
    const at::Tensor x = p[0], y = p[1];
    return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100));
  };
  EXPECT_LT(minimise(valley, {p}), 1e-12);
  EXPECT_NEAR(p[0].item<double>(), 1, 1e-6);
  EXPECT_THROW(minimise([&] { return p.sum().mul(NAN); }, {p}), NumericalError);
}

struct Line {
  at::Tensor x, y, w = trainable(tensor({0, 0}));
  Line() {
    Draws draws(3, "line");
    x = draws.normal({64, 2});
    y = x.mv(tensor({2, -3}));
  }
  at::Tensor loss(const at::Tensor& batch) const {
    return x.index_select(0, batch).mv(w).sub(y.index_select(0, batch)).square().mean();
  }
  Curves run(const TrainingOptions& options, std::uint64_t seed = 1) {
    Optimiser sgd = Optimiser::sgd({w}, {.rate = 0.05});
    Draws order(seed, "order");
    return train(
        sgd, order, [this](const at::Tensor& batch) { return loss(batch); }, options);
  }
};

TEST(Training, ALineIsLearntAndEqualSeedsGiveEqualRuns) {
  Line a, b, c;
  const TrainingOptions options{.samples = 64, .batch = 10, .epochs = 30};
  const Curves curves = a.run(options);
  EXPECT_LT(distance(a.w, tensor({2, -3})), 1e-5);
  EXPECT_EQ(curves.epochs(), 30);
  EXPECT_LT(curves.last("loss"), 1e-9);
  b.run(options);
  c.run(options, 2);
  EXPECT_EQ(distance(a.w, b.w), 0);
  EXPECT_GT(distance(a.w, c.w), 0);
  EXPECT_THROW(curves.last("los"), NameError);
}

TEST(Training, HooksStopClipAndRecord) {
  Line line;
  int steps = 0;
  TrainingOptions options{.samples = 64, .batch = 16, .epochs = 50};
  options.on_step = [&] { ++steps; };
  options.on_epoch = [](std::int64_t epoch, std::map<std::string, double>& record) {
    record["epoch"] = static_cast<double>(epoch);
    return epoch < 2;
  };
  const Curves curves = line.run(options);
  EXPECT_EQ(steps, 12);
  EXPECT_EQ(curves.values.at("epoch"), (std::vector<double>{0, 1, 2}));
  options.progress = [](const Progress&) { return false; };
  EXPECT_THROW(line.run(options), Interrupted);
  Optimiser sgd = Optimiser::sgd({line.w}, {});
  Draws order(1, "order");
  try {
    train(sgd, order, [&](const at::Tensor& b) { return line.loss(b).mul(NAN); }, {.samples = 4});
    ADD_FAILURE() << "no error";
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("epoch 0, batch 0"), std::string::npos);
  }
}

TEST(CrossEntropy, OfEqualLogitsIsTheLogOfTheClasses) {
  const at::Tensor labels = tensor({0, 3}).to(at::kLong);
  EXPECT_NEAR(cross_entropy(at::zeros({2, 4}, at::kDouble), labels).item<double>(), std::log(4),
              1e-12);
}

TEST(Backend, TheFastBlasIsFoundAndNamesAreKnown) {
  EXPECT_EQ(blas_name("/usr/lib/libopenblas.so.0"), "openblas");
  EXPECT_EQ(blas_name("/usr/lib/blas/libblas.so.3"), "reference");
  EXPECT_EQ(blas_name(""), "unknown");
  EXPECT_THROW(set_threads(0), ValueError);
  set_threads(1);
  EXPECT_EQ(threads(), 1);
}

}  // namespace
}  // namespace callosum::nets
