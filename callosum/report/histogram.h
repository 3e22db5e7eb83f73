#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace callosum::report {

/// Counts in equal bins: bin i holds low + i width <= x < low + (i+1) width; the upper edge of the
/// last bin belongs to it.
struct Histogram {
  double low = 0, width = 1;
  std::vector<std::uint64_t> counts;
  std::uint64_t below = 0, above = 0;  ///< outside the bins; NaN counts in neither

  double high() const { return low + width * static_cast<double>(counts.size()); }
  std::uint64_t largest() const;
};

/// bins >= 1 and width > 0, or the result has no bins.
Histogram histogram(std::span<const double> values, double low, double width, std::size_t bins);

/// The value below which `fraction` of the values lie (nearest rank); 0 for no values. `values` is
/// reordered.
double quantile(std::vector<double>& values, double fraction);

/// A width of 1, 2 or 5 times a power of ten with which `range` takes at most `bins` bins.
double pleasant_width(double range, double bins);

}  // namespace callosum::report
