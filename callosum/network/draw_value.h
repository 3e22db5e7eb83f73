#pragma once

#include "callosum/core/elementary.h"
#include "callosum/network/values.h"

namespace callosum {

/// One draw of a distribution (normal, lognormal, uniform, exponential) before its bounds. `Source`
/// offers normal(), uniform() and exponential(), as Stream and RowStream do.
template <class Source>
inline double draw_unbounded(Values::Kind kind, double first, double second, Source& source) {
  switch (kind) {
    case Values::Kind::normal:
      return first + second * source.normal();
    case Values::Kind::lognormal: {
      elementary::ScalarArithmetic<double> a;
      return first * elementary::exp(a, second * source.normal());
    }
    case Values::Kind::uniform:
      return first + (second - first) * source.uniform();
    case Values::Kind::exponential:
      return first * source.exponential();
    default:
      return first;
  }
}

/// The bounds of a distribution, unbounded ends as infinities, so that a draw is two comparisons.
struct DrawBounds {
  double low, high;
  bool redraw;
};

/// How often a draw is repeated before its bounds count as excluding almost everything.
inline constexpr int redraw_limit = 10000;

/// One draw within bounds; clips after redraw_limit tries (`exhausted` says so).
template <class Source>
inline double draw_bounded(Values::Kind kind, double first, double second, DrawBounds bounds,
                           Source& source, bool* exhausted = nullptr) {
  double x = 0;
  for (int i = 0; i < redraw_limit; ++i) {
    x = draw_unbounded(kind, first, second, source);
    if (x >= bounds.low && x <= bounds.high) return x;
    if (!bounds.redraw) break;
    if (i + 1 == redraw_limit && exhausted) *exhausted = true;
  }
  return x < bounds.low ? bounds.low : bounds.high;
}

DrawBounds draw_bounds(const Values& values);

}  // namespace callosum
