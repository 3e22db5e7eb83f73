#include "callosum/report/histogram.h"

#include <algorithm>
#include <cmath>

namespace callosum::report {

std::uint64_t Histogram::largest() const {
  return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
}

Histogram histogram(std::span<const double> values, double low, double width, std::size_t bins) {
  Histogram h{low, width, {}};
  if (bins == 0 || !(width > 0)) return h;
  h.counts.resize(bins);
  const double high = h.high();
  for (double x : values) {
    if (x < low) {
      ++h.below;
    } else if (x > high) {
      ++h.above;
    } else if (x >= low) {
      const auto bin = static_cast<std::size_t>((x - low) / width);
      ++h.counts[std::min(bin, bins - 1)];
    }
  }
  return h;
}

double quantile(std::vector<double>& values, double fraction) {
  if (values.empty()) return 0;
  const auto count = static_cast<double>(values.size());
  const double rank = std::clamp(std::ceil(fraction * count) - 1, 0.0, count - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double pleasant_width(double range, double bins) {
  const double least = range / bins;
  if (!(least > 0) || !std::isfinite(least)) return 1;
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  for (double step : {1.0, 2.0, 5.0})
    if (step * decade >= least * (1 - 1e-9)) return step * decade;
  return 10 * decade;
}

}  // namespace callosum::report
