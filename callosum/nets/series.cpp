#include "callosum/nets/series.h"

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/runge_kutta.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "time series";

[[noreturn]] void ran_away(std::string_view name, std::int64_t step, double value) {
  throw NumericalError({.where = std::string(name),
                        .what = "the series runs away at step " + std::to_string(step),
                        .got = check::number_text(value)});
}

}  // namespace

std::vector<double> narma_target(const std::vector<double>& input, const NarmaOptions& options) {
  check::at_least("narma", "order", options.order, 1);
  const auto order = static_cast<std::size_t>(options.order);
  std::vector<double> target(input.size(), 0.0);  // target[t] = y_{t+1}
  double window = 0;                              // y_t + ... + y_{t-n+1}
  for (std::size_t t = order - 1; t < input.size(); ++t) {
    const double y = t ? target[t - 1] : 0;
    window += y;
    double next = options.a * y + options.b * y * window +
                  options.c * input[t - (order - 1)] * input[t] + options.d;
    if (options.saturated) next = std::tanh(next);
    if (!(std::abs(next) < 1e3)) ran_away("narma", static_cast<std::int64_t>(t), next);
    target[t] = next;
    if (t >= order) window -= target[t - order];
  }
  return target;
}

Narma narma(Stream& stream, std::int64_t length, const NarmaOptions& options) {
  Narma out;
  out.input = uniform_series(stream, length, 0, options.input_high);
  out.target = narma_target(out.input, options);
  return out;
}

std::vector<double> mackey_glass(std::int64_t length, const MackeyGlassOptions& options) {
  constexpr std::string_view name = "Mackey-Glass series";
  check::at_least(name, "length", length, 0);
  check::at_least(name, "discarded", options.discarded, 0);
  check::at_least(name, "steps_a_sample", options.steps_a_sample, 1);
  check::positive(name, "dt", options.dt);
  check::positive(name, "tau", options.tau);
  const double lag_steps = options.tau / options.dt;
  const auto lag = static_cast<std::int64_t>(std::llround(lag_steps));
  if (lag < 1 || std::abs(lag_steps - static_cast<double>(lag)) > 1e-9 * lag_steps)
    throw ValueError(
        {.where = std::string(name),
         .what = "the delay is not a whole number of steps",
         .got = "tau " + check::number_text(options.tau) + ", dt " + check::number_text(options.dt),
         .expected = "tau / dt whole, at least 1"});
  const auto slope = [&](double x, double delayed) {
    return options.feedback * delayed / (1 + std::pow(delayed, options.power)) - options.decay * x;
  };
  const std::int64_t steps = (options.discarded + length) * options.steps_a_sample;
  // Index k holds the values at time (k - lag) dt; before time 0 the history is constant.
  std::vector<double> x(static_cast<std::size_t>(lag + steps + 1), options.start);
  std::vector<double> dx(x.size(), 0.0);
  // The slope at a grid point jumps at time 0: to the left of it the history is flat.
  const auto middle = [&](std::int64_t k) {
    const double left = k == lag ? slope(x[k], x[k - lag]) : dx[k];
    const double right = k + 1 == lag ? 0 : dx[k + 1];
    return (x[k] + x[k + 1]) / 2 + options.dt / 8 * (left - right);
  };
  for (std::int64_t n = 0; n < steps; ++n) {
    const std::int64_t now = lag + n;
    const double h = options.dt, begin = x[n], half = middle(n), end = x[n + 1];
    const double k1 = slope(x[now], begin);
    const double k2 = slope(x[now] + h / 2 * k1, half);
    const double k3 = slope(x[now] + h / 2 * k2, half);
    const double k4 = slope(x[now] + h * k3, end);
    x[now + 1] = x[now] + h / 6 * (k1 + 2 * (k2 + k3) + k4);
    dx[now] = k1;
    dx[now + 1] = slope(x[now + 1], end);
    if (!std::isfinite(x[now + 1])) ran_away(name, n, x[now + 1]);
  }
  std::vector<double> out(static_cast<std::size_t>(length));
  for (std::int64_t i = 0; i < length; ++i)
    out[i] = x[lag + (options.discarded + i) * options.steps_a_sample];
  return out;
}

Lorenz lorenz(std::int64_t length, const LorenzOptions& options) {
  constexpr std::string_view name = "Lorenz series";
  check::at_least(name, "length", length, 0);
  check::at_least(name, "discarded", options.discarded, 0);
  check::positive(name, "dt", options.dt);
  using Point = std::array<double, 3>;
  const auto slope = [&](double, const Point& p) {
    return Point{options.sigma * (p[1] - p[0]), p[0] * (options.rho - p[2]) - p[1],
                 p[0] * p[1] - options.beta * p[2]};
  };
  Point at{options.x, options.y, options.z};
  Lorenz out;
  for (std::int64_t n = 0; n < options.discarded + length; ++n) {
    if (n >= options.discarded) {
      out.x.push_back(at[0]);
      out.y.push_back(at[1]);
      out.z.push_back(at[2]);
    }
    at = runge_kutta_step<3>(slope, 0, at, options.dt);
    if (!std::isfinite(at[0] + at[1] + at[2])) ran_away(name, n, at[0]);
  }
  return out;
}

std::vector<double> uniform_series(Stream& stream, std::int64_t length, double low, double high) {
  check::at_least(where, "length", length, 0);
  if (!(low <= high)) check::within(where, "high", high, low, INFINITY);
  std::vector<double> out(static_cast<std::size_t>(length));
  for (double& value : out) value = low + (high - low) * stream.uniform();
  return out;
}

}  // namespace callosum::nets
