#include "callosum/core/time_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/decimal.h"
#include "callosum/core/error.h"

namespace callosum {

TimeGrid::TimeGrid(Quantity dt) : dt_(dt), dt_ms_(internal_value(dt, dimension::time, "dt")) {
  if (!(dt_ms_ > 0) || !std::isfinite(dt_ms_))
    throw ValueError({.where = "dt",
                      .what = "the time step must be positive and finite",
                      .got = to_string(dt),
                      .expected = "a time such as 0.1 ms"});
}

std::int64_t TimeGrid::steps(Quantity duration, std::string_view where) const {
  const double ms = internal_value(duration, dimension::time, where);
  const double exact = ms / dt_ms_;
  if (!(exact >= 0 && exact < 0x1p52))
    throw ValueError({.where = std::string(where),
                      .what = "a duration must be finite and not negative",
                      .got = to_string(duration),
                      .expected = "0 ms or more"});
  const double whole = std::nearbyint(exact);
  // The second term allows for the rounding of long times themselves.
  const double slack = 1e-9 + 4 * exact * std::numeric_limits<double>::epsilon();
  if (!(std::fabs(exact - whole) <= slack)) {
    const auto at = [&](double n) { return to_string(time(static_cast<std::int64_t>(n))); };
    throw ValueError({.where = std::string(where),
                      .what = "the time is not a whole number of steps of " + to_string(dt_),
                      .got = to_string(duration),
                      .expected = at(std::floor(exact)) + " or " + at(std::ceil(exact))});
  }
  return static_cast<std::int64_t>(whole);
}

Quantity TimeGrid::time(std::int64_t steps) const {
  const decimal::Digits dt = decimal::digits(dt_ms_);
  const int decimals = std::max(0, static_cast<int>(dt.digits.size()) - dt.point);
  const double whole = std::nearbyint(ms(steps) * decimal::power_of_ten(decimals));
  const bool exact = std::fabs(whole) < 0x1p53;
  return Quantity::from_internal(exact ? decimal::shifted(whole, -decimals) : ms(steps),
                                 dimension::time);
}

std::int64_t TimeGrid::nearest_steps(double ms) const { return std::llrint(ms / dt_ms_); }

}  // namespace callosum
