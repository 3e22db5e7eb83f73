#pragma once

#include <cstdint>
#include <string_view>

#include "callosum/core/units.h"

namespace callosum {

/// Time as an integer count of steps of one `dt`. Step n covers (n dt, (n+1) dt].
class TimeGrid {
 public:
  /// Throws UnitError, or ValueError unless dt > 0 and finite.
  explicit TimeGrid(Quantity dt);

  double dt_ms() const { return dt_ms_; }
  Quantity dt() const { return dt_; }
  double ms(std::int64_t steps) const { return static_cast<double>(steps) * dt_ms_; }
  /// The same for people and files, without the rounding of the product: as many decimals as dt
  /// has, so 43,754 steps of 0.1 ms are 4.3754 s.
  Quantity time(std::int64_t steps) const;
  /// A duration that must lie on the grid (relative slack 1e-9 of a step, for decimal input).
  /// Throws UnitError, and ValueError naming `where` and the two nearest grid times.
  std::int64_t steps(Quantity duration, std::string_view where) const;
  /// Nearest whole number of steps, for drawn values.
  std::int64_t nearest_steps(double ms) const;

 private:
  Quantity dt_;
  double dt_ms_;
};

}  // namespace callosum
