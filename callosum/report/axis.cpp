#include "callosum/report/axis.h"

#include <algorithm>
#include <cmath>

#include "callosum/report/histogram.h"
#include "callosum/report/text.h"

namespace callosum::report {

std::string Axis::label(double tick) const {
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
