#pragma once

#include <string>
#include <vector>

namespace callosum::report {

/// An axis: what it shows and where its ticks stand.
struct Axis {
  double low = 0, high = 1;
  std::vector<double> ticks;
  int decimals = 0;   ///< of the tick labels
  std::string title;  ///< "time (ms)"
  /// low, high, ticks and whatever is drawn are decimal logarithms; labels show the numbers.
  bool logarithmic = false;

  std::string label(double tick) const;
};

/// About `count` ticks at multiples of 1, 2 or 5 times a power of ten; `low` and `high` are kept.
Axis axis_over(double low, double high, int count, std::string title = {});
/// The same, with `high` (and `low`, unless 0) moved outward to a tick.
Axis rounded_axis(double low, double high, int count, std::string title = {});

/// Decades around two numbers > 0 (in this order), low and high in decimal logarithms; where they
/// are close, ticks stand at 1, 2 and 5 as well.
Axis log_axis(double low, double high, int count, std::string title = {});

/// From 0 to at least `highest` with ticks at whole numbers only: for counts.
Axis count_axis(double highest, int count);

/// Time axis of a run in ms, or in s when `high_ms` is 10 s or more. Values drawn on it are
/// multiplied by `scale`.
struct TimeAxis {
  Axis axis;
  double scale = 1;
};
TimeAxis time_axis(double low_ms, double high_ms, int count);

}  // namespace callosum::report
