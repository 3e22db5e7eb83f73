#pragma once

#include <array>
#include <cstddef>

namespace callosum::nets {

/// One step of the classical fourth-order Runge-Kutta method for dx/dt = f(t, x).
template <std::size_t n, class Derivative>
std::array<double, n> runge_kutta_step(const Derivative& f, double t,
                                       const std::array<double, n>& x, double dt) {
  const auto moved = [&](const std::array<double, n>& slope, double by) {
    std::array<double, n> out = x;
    for (std::size_t i = 0; i < n; ++i) out[i] += by * slope[i];
    return out;
  };
  const auto k1 = f(t, x);
  const auto k2 = f(t + dt / 2, moved(k1, dt / 2));
  const auto k3 = f(t + dt / 2, moved(k2, dt / 2));
  const auto k4 = f(t + dt, moved(k3, dt));
  std::array<double, n> out = x;
  for (std::size_t i = 0; i < n; ++i) out[i] += dt / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
  return out;
}

}  // namespace callosum::nets
