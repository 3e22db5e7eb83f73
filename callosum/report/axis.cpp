#include "callosum/report/axis.h"

#include <algorithm>
#include <cmath>

#include "callosum/report/histogram.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

/// "0.01", "1", "1000", and "1e-7", "1e6" beyond.
std::string power_label(double logarithm) {
  const double exponent = std::floor(logarithm + 1e-9);
  const double digit = std::round(std::pow(10, logarithm - exponent));
  if (exponent >= -3 && exponent < 0)
    return fixed(digit * std::pow(10, exponent), static_cast<int>(-exponent));
  if (exponent >= 0 && exponent <= 4) return fixed(digit * std::pow(10, exponent), 0);
  return fixed(digit, 0) + "e" + std::to_string(static_cast<int>(exponent));
}

}  // namespace

std::string Axis::label(double tick) const {
  if (logarithmic) return power_label(tick);
  const double size = std::max(std::fabs(low), std::fabs(high));
  if (size >= 1e7 || decimals > 5) return rounded(tick, 2);
  if (decimals == 0 && std::fabs(tick) >= 1000) return rounded(tick, 12);
  return fixed(tick, decimals);
}

Axis axis_over(double low, double high, int count, std::string title) {
  if (!(high > low) || !std::isfinite(high - low)) {
    const double centre = std::isfinite(low) ? low : 0;
    const double half = std::max(std::fabs(centre) * 0.05, 0.5);
    low = centre - half;
    high = centre + half;
  }
  Axis axis{low, high, {}, 0, std::move(title)};
  double step = pleasant_width(high - low, count);
  while (std::floor(high / step + 1e-6) - std::ceil(low / step - 1e-6) <
         1) {  // two ticks give a scale
    count *= 2;
    step = pleasant_width(high - low, count);
  }
  axis.decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  const double slack = 1e-6;
  for (double k = std::ceil(low / step - slack); k * step <= high + slack * step; ++k)
    axis.ticks.push_back(k * step);
  return axis;
}

Axis rounded_axis(double low, double high, int count, std::string title) {
  Axis axis = axis_over(low, high, count, std::move(title));
  const double step = pleasant_width(axis.high - axis.low, count);
  if (axis.low != 0) axis.low = std::floor(axis.low / step + 1e-6) * step;
  axis.high = std::ceil(axis.high / step - 1e-6) * step;
  return axis_over(axis.low, axis.high, count, std::move(axis.title));
}

Axis log_axis(double low, double high, int count, std::string title) {
  Axis axis{std::log10(low), std::log10(high), {}, 0, std::move(title), true};
  if (!std::isfinite(axis.low) || !std::isfinite(axis.high)) axis.low = -1, axis.high = 1;
  if (axis.high - axis.low < 0.2) {
    axis.low -= 0.2;
    axis.high += 0.2;
  }
  const double slack = 1e-9;
  const double decades = axis.high - axis.low;
  const double step = std::max(1.0, std::ceil(decades / count));
  for (double k = std::ceil(axis.low / step - slack) * step; k <= axis.high + slack; k += step)
    axis.ticks.push_back(k);
  if (axis.ticks.size() >= 3) return axis;
  axis.ticks.clear();
  for (double k = std::floor(axis.low); k <= axis.high; ++k)
    for (double digit : {1.0, 2.0, 5.0}) {
      const double tick = k + std::log10(digit);
      if (tick >= axis.low - slack && tick <= axis.high + slack) axis.ticks.push_back(tick);
    }
  return axis;
}

Axis count_axis(double highest, int count) {
  if (highest > count) return rounded_axis(0, highest, count);
  Axis axis{0, std::max(1.0, std::ceil(highest)), {}, 0, {}};
  for (double tick = 0; tick <= axis.high; ++tick) axis.ticks.push_back(tick);
  return axis;
}

TimeAxis time_axis(double low_ms, double high_ms, int count) {
  const double scale = high_ms >= 10000 ? 1e-3 : 1;
  return {axis_over(low_ms * scale, high_ms * scale, count, scale == 1 ? "time (ms)" : "time (s)"),
          scale};
}

}  // namespace callosum::report
