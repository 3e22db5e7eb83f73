#include "callosum/nets/reservoir.h"

#include <cmath>

#include "callosum/nets/backend.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/scores.h"
#include "tensors.h"

namespace callosum::nets {
namespace {

SparseMatrix nothing(std::int64_t n) {
  return SparseMatrix(n, std::vector<std::int64_t>(static_cast<std::size_t>(n) + 1, 0), {}, {});
}

TEST(Reservoir, AnUnconnectedUnitApproachesItsTargetGeometrically) {
  const double leak = 0.2, gain = 1.5, threshold = 0.1, bias = 0.4;
  Reservoir unit(nothing(1), tensor({2}, {1, 1}),
                 {.gain = gain, .threshold = threshold, .leak = {leak}, .bias = {bias}});
  const auto states = list(unit.run(tensor(std::vector<double>(30, 0.3))));
  const double target = std::tanh(gain * (2 * 0.3 + bias - threshold));
  for (std::size_t t = 0; t < states.size(); ++t)
    EXPECT_NEAR(states[t], target * (1 - std::pow(1 - leak, static_cast<double>(t + 1))), 1e-14);
}

TEST(Reservoir, AgreesWithADenseLoop) {
  Draws draws(1, "reservoir");
  const std::int64_t n = 40, steps = 25;
  const SparseMatrix w = sparse_gaussian(draws, n, 5, 0.9);
  const at::Tensor in = input_weights(draws, n, 2, 0.5, 1), u = draws.normal({steps, 2});
  std::vector<double> leak, bias;
  for (std::int64_t i = 0; i < n; ++i) {
    leak.push_back(0.1 + 0.02 * static_cast<double>(i));
    bias.push_back(0.01 * static_cast<double>(i));
  }
  Reservoir reservoir(w, in, {.leak = leak, .bias = bias});
  const at::Tensor states = reservoir.run(u);
  at::Tensor r = draws.uniform({n}, 0, 0);
  for (std::int64_t t = 0; t < steps; ++t) {
    const at::Tensor v = w.dense().mv(r).add(in.mv(u.select(0, t))).add(tensor(bias));
    r = r.add(tensor(leak).mul(v.tanh().sub(r)));
    ASSERT_LT(distance(states.select(0, t), r), 1e-13) << t;
  }
}

TEST(Reservoir, RunsAreEqualToTheBitForAnyThreadsAndCutInTwo) {
  Draws draws(2, "reservoir");
  const SparseMatrix w = sparse_gaussian(draws, 100, 10, 1.1);
  const at::Tensor in = input_weights(draws, 100, 1, 1, 0.5), u = draws.normal({60});
  Reservoir whole(w, in), halves(w, in);
  set_threads(1);
  const at::Tensor one = whole.run(u);
  set_threads(2);
  const at::Tensor first = halves.run(u.slice(0, 0, 23)), second = halves.run(u.slice(0, 23));
  set_threads(1);
  EXPECT_EQ(distance(one.slice(0, 0, 23), first), 0);
  EXPECT_EQ(distance(one.slice(0, 23), second), 0);
}

TEST(Reservoir, ALinearOneGrowsByItsSpectralRadius) {
  Draws draws(3, "lyapunov");
  const at::Tensor q = orthogonal_matrix(draws, 20);
  for (double a : {0.5, 0.9, 1.3}) {
    Reservoir reservoir(SparseMatrix(q.mul(a)), draws.normal({20, 1}, 0, 0),
                        {.activation = Activation::linear});
    const double exponent = largest_lyapunov_exponent(reservoir, draws.normal({200}), 10, draws);
    EXPECT_NEAR(exponent, std::log(a), 1e-5) << a;
  }
}

TEST(Reservoir, TheEchoStatePropertyIsLostAboveOne) {
  Draws draws(4, "echo");
  const SparseMatrix base = sparse_gaussian(draws, 200, 20, 1);
  const at::Tensor silence = draws.normal({400}, 0, 0), in = draws.normal({200, 1}, 0, 0);
  for (double radius : {0.7, 2.0}) {
    SparseMatrix w = base;
    scale_to_spectral_radius(w, radius);
    Reservoir reservoir(w, in);
    for (double& r : reservoir.state()) r = draws.stream().normal();
    const double exponent = largest_lyapunov_exponent(reservoir, silence, 100, draws);
    if (radius < 1)
      EXPECT_NEAR(exponent, std::log(radius), 0.05);
    else
      EXPECT_GT(exponent, 0);
  }
}

TEST(Reservoir, BadArgumentsAndRunawaysAreNamed) {
  EXPECT_THROW(Reservoir(nothing(2), tensor({1}, {1, 1})), ShapeError);
  for (double leak : std::vector<double>{0.0, 1.1, NAN})
    EXPECT_THROW(Reservoir(nothing(1), tensor({1}, {1, 1}), {.leak = {leak}}), ValueError);
  EXPECT_THROW(Reservoir(nothing(2), tensor({1, 1}, {2, 1}), {.leak = {1, 1, 1}}), ShapeError);
  EXPECT_THROW(Reservoir(nothing(1), tensor({1}, {1, 1}), {.gain = NAN}), ValueError);
  Reservoir doubling(SparseMatrix(tensor({2}, {1, 1})), tensor({1}, {1, 1}),
                     {.activation = Activation::linear});
  EXPECT_THROW(doubling.run(tensor({1, NAN})), NumericalError);
  try {
    doubling.run(tensor(std::vector<double>(2000, 1.0)));
    ADD_FAILURE() << "no error";
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("step 102"), std::string::npos) << error.what();
  }
}

TEST(MemoryCapacity, OfADelayLineIsItsLength) {
  // A linear shift register remembers exactly its n last inputs: total n - 1 delays of 1 ... n - 1
  // (delay 0 is not counted), and nothing more.
  const std::int64_t n = 12;
  std::vector<double> shift(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 1; i < n; ++i) shift[static_cast<std::size_t>(i * n + i - 1)] = 1;
  std::vector<double> in(static_cast<std::size_t>(n));
  in[0] = 1;
  Reservoir line(SparseMatrix(tensor(shift, {n, n})), tensor(in, {n, 1}),
                 {.activation = Activation::linear});
  Draws draws(5, "memory");
  const at::Tensor u = draws.uniform({2500}, -1, 1);
  const auto memory = memory_capacity(
      line.run(u), u, {.max_delay = 20, .washout = 100, .training = 1500, .lambda = 1e-9});
  EXPECT_NEAR(memory.total, n - 1, 0.1);
  for (std::size_t d = 1; d <= 20; ++d)
    EXPECT_NEAR(memory.by_delay[d - 1], d < 12 ? 1 : 0, 0.02) << d;
  EXPECT_THROW(memory_capacity(line.run(u), u, {.max_delay = 20, .washout = 10}), ValueError);
}

TEST(MemoryCapacity, NeverExceedsTheNumberOfUnits) {
  Draws draws(6, "memory");
  Reservoir reservoir(sparse_gaussian(draws, 25, 5, 0.95), input_weights(draws, 25, 1, 1, 0.1));
  const at::Tensor u = draws.uniform({6000}, -1, 1);
  const auto memory =
      memory_capacity(reservoir.run(u), u, {.max_delay = 60, .washout = 200, .training = 3000});
  EXPECT_GT(memory.total, 10);
  EXPECT_LT(memory.total, 25);  // Jaeger 2001: the bound
}

TEST(Scores, OfTheMeanAndOfExactAnswersAreKnown) {
  const at::Tensor y = tensor({1, 2, 3, 4});
  EXPECT_NEAR(nrmse(tensor({2.5, 2.5, 2.5, 2.5}), y), 1, 1e-15);
  EXPECT_EQ(nrmse(y, y), 0);
  EXPECT_THROW(nrmse(y, tensor({1, 1, 1, 1})), NumericalError);
  EXPECT_NEAR(squared_correlation(y.mul(-3).add(1), y).item<double>(), 1, 1e-14);
  EXPECT_EQ(squared_correlation(tensor({1, 1, 1, 1}), y).item<double>(), 0);
  EXPECT_EQ(accuracy(tensor({0, 1, 1, 0, 0, 1}, {3, 2}), tensor({1, 0, 0})), 2.0 / 3);
}

}  // namespace
}  // namespace callosum::nets
