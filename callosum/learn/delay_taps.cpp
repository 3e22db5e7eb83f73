#include "callosum/learn/delay_taps.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/elementary.h"
#include "callosum/core/scalar_arithmetic.h"

namespace callosum::learn {
namespace {

void gaussian_taps(double delay, std::uint32_t low, std::uint32_t high, double width,
                   std::vector<DelayTap>& taps) {
  elementary::ScalarArithmetic<double> arithmetic;
  // The nearest delay's exponent is taken away from all, so that a narrow kernel does not vanish.
  const double nearest = std::nearbyint(delay);
  const auto exponent = [&](double j) {
    return -0.5 * (j - delay) * (j - delay) / (width * width);
  };
  double sum = 0, mean = 0;
  for (std::uint32_t j = low; j <= high; ++j) {
    const double share = elementary::exp(arithmetic, exponent(j) - exponent(nearest));
    sum += share;
    mean += share * (j - delay);
    taps.push_back({j, share, 0});
  }
  mean /= sum;
  for (DelayTap& tap : taps) {
    tap.share /= sum;
    tap.slope = tap.share * (tap.delay - delay - mean) / (width * width);
  }
}

}  // namespace

void delay_taps(double delay, std::uint32_t low, std::uint32_t high, double width,
                std::vector<DelayTap>& taps) {
  taps.clear();
  if (low == high) {
    taps.push_back({low, 1, 0});
    return;
  }
  if (width > 0) return gaussian_taps(delay, low, high, width, taps);
  const auto below = std::clamp(static_cast<std::uint32_t>(delay), low, high - 1);
  const double part = delay - below;
  taps.push_back({below, 1 - part, -1});
  taps.push_back({below + 1, part, 1});
}

}  // namespace callosum::learn
