#include "callosum/network/delays.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum {

namespace {

std::string in_ms(double ms) { return to_string(Quantity::from_internal(ms, dimension::time)); }

/// Where draws of a distribution lie, but for a probability below 4e-14.
DrawBounds support(const Values& v) {
  elementary::ScalarArithmetic<double> a;
  DrawBounds ends{};
  switch (v.kind()) {
    case Values::Kind::normal:
      ends = {v.first() - 7.5 * v.second(), v.first() + 7.5 * v.second(), false};
      break;
    case Values::Kind::lognormal: {
      const double spread = elementary::exp(a, 7.5 * v.second());
      ends = {v.first() / spread, v.first() * spread, false};
      break;
    }
    case Values::Kind::exponential:
      ends = {0, 32 * v.first(), false};
      break;
    default:
      ends = {v.first(), v.second(), false};
  }
  if (ends.low > ends.high) std::swap(ends.low, ends.high);
  return ends;
}

}  // namespace

Delays::Delays(const TimeGrid& grid, const SynapseOptions& synapse, double largest_distance_um,
               std::string_view where)
    : dt_ms_(grid.dt_ms()) {
  const std::string name = std::string(where) + ", delay";
  const bool travels = synapse.velocity.has_value();
  const double travel = travels ? largest_distance_um / synapse.velocity->internal() : 0;
  double low = dt_ms_, high = dt_ms_;  // of the part that does not travel
  bool at_least_one = travels;
  if (!synapse.delay) {
    first_ = travels ? 0 : dt_ms_;
    low = high = first_;
  } else {
    values_ = &*synapse.delay;
    const Values& v = *values_;
    kind_ = v.kind();
    first_ = v.first();
    second_ = v.second();
    bounds_ = draw_bounds(v);
    const auto steps = [&](double ms, const std::string& what) {
      return grid.steps(Quantity::from_internal(ms, dimension::time), what);
    };
    if (kind_ == Values::Kind::constant) {
      steps(first_, name);
      low = high = first_;
    } else if (kind_ == Values::Kind::array) {
      for (std::size_t i = 0; i < v.elements().size(); ++i)
        steps(v.elements()[i], name + ", element " + std::to_string(i));
      const auto [least, most] = std::minmax_element(v.elements().begin(), v.elements().end());
      low = *least;
      high = *most;
    } else {
      at_least_one = true;
      redraws_ = v.policy() == OutOfBounds::redraw;
      const DrawBounds ends = support(v);
      low = std::max(ends.low, bounds_.low);
      high = std::min(ends.high, bounds_.high);
      // Clipping gathers everything beyond a bound at the bound.
      if (!redraws_) {
        low = std::min(std::max(ends.low, bounds_.low), bounds_.high);
        high = std::max(std::min(ends.high, bounds_.high), bounds_.low);
      }
    }
  }
  const double least = std::nearbyint(low / dt_ms_);
  const double most = std::nearbyint((high + travel) / dt_ms_);
  const double floor = at_least_one ? 1 : 0;
  if (!(most <= static_cast<double>(longest)))
    throw ValueError({.where = name,
                      .what = "the longest delay is more than " + std::to_string(longest) +
                              " steps of " + to_string(grid.dt()),
                      .got = in_ms(high + travel),
                      .expected = "at most " + in_ms(dt_ms_ * longest)});
  if (most < floor && redraws_)
    throw ValueError({.where = name,
                      .what = "no delay that is drawn reaches one step",
                      .got = "at most " + in_ms(high),
                      .expected = "at least " + to_string(grid.dt())});
  minimum_ = static_cast<std::uint32_t>(std::max(least, floor));
  maximum_ = static_cast<std::uint32_t>(std::max(most, static_cast<double>(minimum_)));
  constant_ = !travels && (kind_ == Values::Kind::constant || minimum_ == maximum_);
  if (!redraws_ || travels) return;
  // A trial now, so that drawing a whole network later cannot fail or crawl.
  Stream trial(StreamKey(0, name_hash("delays"), Purpose::user), 0);
  int hits = 0;
  for (int i = 0; i < redraw_limit && hits < 10; ++i) {
    const double x = draw_unbounded(kind_, first_, second_, trial);
    const double s = std::nearbyint(x / dt_ms_);
    hits += x >= bounds_.low && x <= bounds_.high && s >= minimum_ && s <= maximum_;
  }
  if (hits < 10)
    throw ValueError({.where = name,
                      .what = "almost every delay that is drawn is too short",
                      .got = in_ms(values_->mean()) + " on average",
                      .expected = "one draw in a thousand of at least " + to_string(grid.dt())});
}

}  // namespace callosum
