#include "callosum/nets/series.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/runge_kutta.h"

namespace callosum::nets {
namespace {

TEST(Narma, FollowsItsRecursion) {
  Stream stream(StreamKey(1, name_hash("narma"), Purpose::user), 0);
  const Narma series = narma(stream, 300);
  std::vector<double> y(301, 0.0);  // y[t]
  for (int t = 9; t < 300; ++t) {
    double sum = 0;
    for (int i = 0; i < 10; ++i) sum += y[t - i];
    y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * sum + 1.5 * series.input[t - 9] * series.input[t] + 0.1;
    ASSERT_NEAR(series.target[t], y[t + 1], 1e-13) << t;
  }
  for (double u : series.input) ASSERT_TRUE(u >= 0 && u <= 0.5);
  for (int t = 0; t < 9; ++t) EXPECT_EQ(series.target[t], 0);
}

TEST(Narma, AConstantInputSettlesAtTheQuadraticsRoot) {
  // y = a y + b n y^2 + c u^2 + d with u = 0.2: 0.5 y^2 - 0.7 y + 0.16 = 0, the smaller root.
  const auto y = narma_target(std::vector<double>(400, 0.2));
  EXPECT_NEAR(y.back(), 0.7 - std::sqrt(0.49 - 0.32), 1e-10);
  NarmaOptions saturated{.order = 30, .a = 0.2, .b = 0.004, .c = 1.5, .d = 0.001};
  saturated.saturated = true;
  for (double v : narma_target(std::vector<double>(400, 1), saturated)) EXPECT_LE(v, 1);
  EXPECT_THROW(narma_target(std::vector<double>(400, 1)), NumericalError);
  EXPECT_THROW(narma_target({}, {.order = 0}), ValueError);
}

TEST(MackeyGlass, ItsFixedPointStays) {
  // feedback / (1 + x^power) = decay: x = 1 for 0.2 and 0.1.
  for (double x : mackey_glass(50, {.start = 1, .discarded = 0})) EXPECT_NEAR(x, 1, 1e-13);
}

TEST(MackeyGlass, ConvergesWithFourthOrder) {
  const auto at_100 = [](double dt) {
    return mackey_glass(2, {.dt = dt,
                            .steps_a_sample = static_cast<std::int64_t>(std::llround(100 / dt)),
                            .discarded = 0})[1];
  };
  const double exact = at_100(0.015625 / 2);
  const double coarse = std::abs(at_100(0.25) - exact), fine = std::abs(at_100(0.125) - exact);
  EXPECT_GT(coarse / fine, 12);
  EXPECT_LT(coarse / fine, 20);
  EXPECT_THROW(mackey_glass(1, {.dt = 0.3}), ValueError);
  EXPECT_THROW(mackey_glass(1, {.dt = NAN}), ValueError);
}

TEST(Lorenz, IsSymmetricAndItsFixedPointsStay) {
  const Lorenz a = lorenz(200, {.discarded = 0}),
               b = lorenz(200, {.x = -1, .y = -1, .discarded = 0});
  for (std::size_t t = 0; t < 200; ++t) {
    ASSERT_EQ(a.x[t], -b.x[t]);
    ASSERT_EQ(a.z[t], b.z[t]);
  }
  const double c = std::sqrt(8.0 / 3 * 27);
  const Lorenz still = lorenz(20, {.x = c, .y = c, .z = 27, .discarded = 0});
  EXPECT_NEAR(still.x.back(), c, 1e-10);
  EXPECT_NEAR(still.z.back(), 27, 1e-10);
}

TEST(RungeKutta, HasFourthOrder) {
  const auto error = [](int steps) {
    std::array<double, 1> x{1};
    const double dt = 1.0 / steps;
    for (int k = 0; k < steps; ++k)
      x = runge_kutta_step<1>([](double t, const auto& p) { return std::array{-p[0] + t}; }, k * dt,
                              x, dt);
    return std::abs(x[0] - 2 * std::exp(-1.0));  // x = t - 1 + 2 exp(-t)
  };
  EXPECT_NEAR(error(20) / error(40), 16, 1);
}

TEST(UniformSeries, HasItsMoments) {
  Stream stream(StreamKey(2, name_hash("uniform"), Purpose::user), 0);
  const auto u = uniform_series(stream, 20000, -2, 4);
  double mean = 0;
  for (double v : u) mean += v / 20000;
  EXPECT_NEAR(mean, 1, 5 * 6 / std::sqrt(12.0 * 20000));
  EXPECT_THROW(uniform_series(stream, 5, 1, NAN), ValueError);
  EXPECT_THROW(uniform_series(stream, -1), ValueError);
}

}  // namespace
}  // namespace callosum::nets
