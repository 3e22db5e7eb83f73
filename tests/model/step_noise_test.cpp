#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "callosum/core/random.h"
#include "tests/model/one_neuron.h"

namespace callosum::model {
namespace {

// Standard normal numbers of a fixed sequence: sums of twelve uniform ones, the centre of a normal.
class Normals {
 public:
  double next() {
    double sum = -6;
    for (int k = 0; k < 12; ++k) {
      state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
      sum += static_cast<double>(state_ >> 11) * 0x1p-53;
    }
    return sum;
  }

 private:
  std::uint64_t state_ = 12345;
};

// Mean error of 64 paths of dx = mu x dt + sigma x o dW (Stratonovich) at t = 4 ms against
// x0 exp((mu + correction) t + sigma W).
double strong_error(const std::string& method, int steps, double correction = 0) {
  constexpr int finest = 256;
  const double total = 4, tau = 4, mu = -1 / tau, sigma = 0.6;  // sigma per sqrt(ms)
  const Model m =
      model_of("dx/dt = -x/tau + s*x*xi/sqrt(1*ms) : 1", {{"tau", "4 ms"}, {"s", "0.6"}});
  OneNeuron n(m, {.dt_ms = total / steps, .method = method});
  n.set("x", 1);
  Normals normals;
  std::vector<std::vector<double>> paths(lane_padding, std::vector<double>(finest));
  for (auto& path : paths)
    for (double& w : path) w = normals.next() * std::sqrt(total / finest);
  const int group = finest / steps;
  for (int k = 0; k < steps; ++k) {
    for (int lane = 0; lane < lane_padding; ++lane) {
      double dW = 0;
      for (int j = 0; j < group; ++j) dW += paths[lane][k * group + j];
      n.lanes().column("xi")[lane] = dW / std::sqrt(total / steps);
    }
    n.step();
  }
  double error = 0;
  for (int lane = 0; lane < lane_padding; ++lane) {
    double W = 0;
    for (double w : paths[lane]) W += w;
    error +=
        std::abs(n.lanes().column("x")[lane] - std::exp((mu + correction) * total + sigma * W));
  }
  return error / lane_padding;
}

TEST(Noise, StratonovichMethodsFollowTheSameWienerPathAtStrongOrderOne) {
  for (const char* method : {"milstein", "heun"}) {
    const double coarse = strong_error(method, 32), fine = strong_error(method, 256);
    EXPECT_NEAR(std::log2(coarse / fine) / 3, 1, 0.25) << method << coarse << " " << fine;
  }
}

TEST(Noise, MilsteinIsOfOrderOneForACurvedDiffusionToo) {
  // x = sinh(W) solves dx = sqrt(1 + x^2) o dW.
  const Model m = model_of("dx/dt = sqrt(1 + x*x)*xi/ms**0.5 : 1");
  const auto error = [&](int steps) {
    OneNeuron n(m, {.dt_ms = 1.0 / steps, .method = "milstein"});
    Normals normals;
    std::vector<double> W(lane_padding);
    for (int k = 0; k < 1024; ++k) {
      auto xi = n.lanes().column("xi");
      for (int lane = 0; lane < lane_padding; ++lane) {
        const double dW = normals.next() / 32;
        if (k % (1024 / steps) == 0) xi[lane] = 0;
        xi[lane] += dW * std::sqrt(static_cast<double>(steps));
        W[lane] += dW;
      }
      if ((k + 1) % (1024 / steps) == 0) n.step();
    }
    double sum = 0;
    for (int lane = 0; lane < lane_padding; ++lane)
      sum += std::abs(n.lanes().column("x")[lane] - std::sinh(W[lane]));
    return sum;
  };
  EXPECT_NEAR(std::log2(error(32) / error(512)) / 4, 1, 0.25);
}

TEST(Noise, EulerMaruyamaIsOfStrongOrderOneHalfToItosSolution) {
  // Ito reads the same equation with drift mu; Stratonovich's solution has mu - sigma^2/2.
  const double ito = -0.6 * 0.6 / 2;
  const double coarse = strong_error("euler", 4, ito), fine = strong_error("euler", 256, ito);
  EXPECT_NEAR(std::log2(coarse / fine) / 6, 0.5, 0.15) << coarse << " " << fine;
  // It goes nowhere near the other reading however small the step.
  EXPECT_GT(strong_error("euler", 256), 4 * fine);
}

TEST(Noise, EulerMaruyamaIsExactInDistributionOfItsIncrement) {
  const Model m = model_of("dx/dt = -x/tau + s*xi/sqrt(tau) : 1", {{"tau", "4 ms"}, {"s", "3"}});
  OneNeuron n(m, {.dt_ms = 0.25, .method = "euler"});
  n.set("x", 2);
  n.lanes().column("xi")[0] = 1.5;
  n.step();
  EXPECT_NEAR(n.get("x"), 2 - 2 * 0.25 / 4 + 3 / 2.0 * 0.5 * 1.5, 1e-15);
}

TEST(Noise, OneXiIsOneDrawWhereverItStandsAndNamedOnesDiffer) {
  const Model m =
      model_of("dx/dt = xi/ms**0.5 : 1\ndy/dt = 2*xi/ms**0.5 : 1\ndz/dt = xi_z/ms**0.5 : 1");
  OneNeuron n(m, {.dt_ms = 1});
  int draws = 0;
  for (const Slot& s : n.lowered().slots) draws += s.kind == SlotKind::normal;
  EXPECT_EQ(draws, 2);
  n.lanes().column("xi")[0] = 0.5;
  n.lanes().column("xi_z")[0] = -1;
  n.step();
  EXPECT_EQ(n.get("x"), 0.5);
  EXPECT_EQ(n.get("y"), 1);
  EXPECT_EQ(n.get("z"), -1);
}

TEST(Noise, EveryRandIsItsOwnDraw) {
  const Model m = model_of("dx/dt = (rand() - rand())/ms : 1", {}, "x > 5 + randn()", "x = rand()");
  const StepProgram p = compile_step(m, {});
  int uniform = 0, normal = 0;
  for (const Slot& s : p.step.slots) {
    uniform += s.kind == SlotKind::uniform;
    normal += s.kind == SlotKind::normal;
  }
  EXPECT_EQ(uniform, 3);
  EXPECT_EQ(normal, 1);
}

}  // namespace
}  // namespace callosum::model
