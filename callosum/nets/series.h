#pragma once

#include <cstdint>
#include <vector>

#include "callosum/core/random.h"

/// Time series that reservoirs and recurrent networks are tested on. Computed in plain double
/// arithmetic from a stream, equal on every machine up to the last digits of pow, tanh.
namespace callosum::nets {

/// Nonlinear autoregressive moving average (Atiya and Parlos 2000, eq. 86), order n:
///   y_{t+1} = a y_t + b y_t sum_{i=0}^{n-1} y_{t-i} + c u_{t-n+1} u_t + d,  y = 0 up to time n
///   - 1.
struct NarmaOptions {
  std::int64_t order = 10;
  double a = 0.3, b = 0.05, c = 1.5, d = 0.1;
  double input_high = 0.5;  ///< u is uniform in [0, input_high]
  /// y_{t+1} = tanh(...): usual for orders above 10, which otherwise run away.
  bool saturated = false;
};
struct Narma {
  std::vector<double> input, target;  ///< target[t] is y_{t+1}: what to answer after input[t]
};
/// NumericalError, naming the step, when the series runs away (|y| above 1e3); narma-10 does so
/// for a few streams in a thousand.
Narma narma(Stream& stream, std::int64_t length, const NarmaOptions& options = {});
/// The recursion alone, for a given input.
std::vector<double> narma_target(const std::vector<double>& input,
                                 const NarmaOptions& options = {});

/// Mackey and Glass 1977: dx/dt = feedback x(t-tau) / (1 + x(t-tau)^power) - decay x, history
/// constant at `start`; RK4 of step dt, x(t - tau) between grid points by cubic Hermite
/// interpolation.
struct MackeyGlassOptions {
  double tau = 17, feedback = 0.2, decay = 0.1, power = 10;
  double start = 1.2;
  double dt = 0.1;                   ///< tau / dt must be whole
  std::int64_t steps_a_sample = 10;  ///< a sample every steps_a_sample * dt
  std::int64_t discarded = 1000;     ///< samples left out at the beginning
};
std::vector<double> mackey_glass(std::int64_t length, const MackeyGlassOptions& options = {});

/// Lorenz 1963, RK4; one row (x, y, z) a step of dt, after `discarded` rows.
struct LorenzOptions {
  double sigma = 10, rho = 28, beta = 8.0 / 3;
  double x = 1, y = 1, z = 1.05;  ///< the start
  double dt = 0.02;
  std::int64_t discarded = 1000;
};
struct Lorenz {
  std::vector<double> x, y, z;
};
Lorenz lorenz(std::int64_t length, const LorenzOptions& options = {});

/// Independent numbers uniform in [low, high]: the input of the memory capacity task.
std::vector<double> uniform_series(Stream& stream, std::int64_t length, double low = -1,
                                   double high = 1);

}  // namespace callosum::nets
