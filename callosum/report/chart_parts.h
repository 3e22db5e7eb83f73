#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "callosum/report/chart.h"
#include "callosum/report/plot.h"

/// What the kinds of charts share.
namespace callosum::report {

std::string drawn(const Lines& plot, const std::string& title, const Layout& layout);
std::string drawn(const Bars& plot, const std::string& title, const Layout& layout);
std::string drawn(const HeatMap& plot, const std::string& title, const Layout& layout);
std::string drawn(const Dots& plot, const std::string& title, const Layout& layout);

/// The range of numbers that an axis can show.
class Span {
 public:
  explicit Span(bool logarithmic) : logarithmic_(logarithmic) {}
  void take(double value) {
    if (!std::isfinite(value) || (logarithmic_ && !(value > 0))) return;
    low_ = std::fmin(low_, value);
    high_ = std::fmax(high_, value);
  }
  void take(std::span<const double> values) {
    for (double value : values) take(value);
  }
  bool empty() const { return !(low_ <= high_); }
  double low() const { return low_; }
  double high() const { return high_; }
  Axis axis(int ticks, std::string title) const {
    if (empty()) return axis_over(0, 1, ticks, std::move(title));
    return logarithmic_ ? log_axis(low_, high_, ticks, std::move(title))
                        : axis_over(low_, high_, ticks, std::move(title));
  }

 private:
  bool logarithmic_;
  double low_ = INFINITY, high_ = -INFINITY;
};

/// Where a number stands on an axis: itself or its logarithm; NaN where it cannot stand.
inline double on_axis(const Axis& axis, double value) {
  if (!axis.logarithmic) return std::isfinite(value) ? value : NAN;
  return value > 0 && std::isfinite(value) ? std::log10(value) : NAN;
}

/// Widens an axis by a share at both ends, so that nothing is drawn on the frame.
inline void widen(Axis& axis, double share) {
  const double extra = (axis.high - axis.low) * share;
  axis.low -= extra;
  axis.high += extra;
}

/// Room at the left for tick labels and the title of the vertical axis.
double left_margin(const Axis& axis, const Layout& layout);
/// Draws both titles of a plot.
void draw_titles(Svg& svg, const Plot& plot, const Layout& layout);
/// Names in rows above a plot; returns the height they take.
double draw_legend(Svg* svg, const std::vector<std::string>& names, double x, double y,
                   double width, const Layout& layout);

}  // namespace callosum::report
