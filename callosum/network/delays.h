#pragma once

#include <cstdint>
#include <optional>

#include "callosum/network/draw_value.h"
#include "callosum/network/network.h"
#include "callosum/network/row_stream.h"

namespace callosum {

/// Delays of a projection in steps, with bounds known before anything is drawn.
///
/// A drawn delay is rounded to the nearest step and is at least one step; below that, or outside
/// its own bounds, it is redrawn or clipped as its `Values` say. A distribution without an upper
/// bound ends at mean + 7.5 sd (normal), median * exp(7.5 sigma) (lognormal), 32 means
/// (exponential): what is cut off has a probability below 4e-14. Distances add distance / velocity
/// before rounding, and the sum is at least one step.
class Delays {
 public:
  /// Throws ValueError when the constant is off the grid, the bounds hold no delay, or the longest
  /// is above `longest` steps; `where` names the projection.
  Delays(const TimeGrid& grid, const SynapseOptions& synapse, double largest_distance_um,
         std::string_view where);

  static constexpr std::int64_t longest = 65535;
  bool constant() const { return constant_; }
  std::uint32_t minimum() const { return minimum_; }  ///< steps; the constant one when constant
  std::uint32_t maximum() const { return maximum_; }

  /// One delay, steps. `travel_ms` = distance / velocity; `element` selects an array's element.
  std::uint16_t draw(RowStream& stream, std::uint64_t element, double travel_ms) const {
    double base = first_;
    for (int tries = 0;; ++tries) {
      if (kind_ == Values::Kind::array) {
        base = values_->elements()[element];
      } else if (kind_ != Values::Kind::constant) {
        base = draw_bounded(kind_, first_, second_, bounds_, stream);
      }
      const double steps = std::nearbyint((base + travel_ms) / dt_ms_);
      if (steps >= minimum_ && steps <= maximum_) return static_cast<std::uint16_t>(steps);
      if (!redraws_ || tries == redraw_limit)
        return static_cast<std::uint16_t>(steps < minimum_ ? minimum_ : maximum_);
    }
  }

 private:
  const Values* values_ = nullptr;
  Values::Kind kind_ = Values::Kind::constant;
  double first_ = 0, second_ = 0, dt_ms_;
  DrawBounds bounds_{};
  bool constant_ = false, redraws_ = false;
  std::uint32_t minimum_ = 1, maximum_ = 1;
};

}  // namespace callosum
