#pragma once

#include <cstdint>
#include <vector>

namespace callosum::learn {

/// How the delays of a projection are learned. Between whole steps a spike arrives as a kernel of
/// taps, shares of its weight at whole delays that sum to 1, so that a loss has a derivative by the
/// delay.
struct DelayOptions {
  double minimum_ms = 0;  ///< smallest delay, whole steps; 0: one step
  double maximum_ms = 0;  ///< largest delay, whole steps
  /// 0: two taps, a linear interpolation between the neighbouring steps. Else the standard
  /// deviation of a Gaussian over all whole delays of the range, which sees further and is narrowed
  /// as training goes on (Hammouamri, Khalfaoui-Hassani and Masquelier 2024, ICLR, eq. 9-10).
  double width_ms = 0;

  bool operator==(const DelayOptions&) const = default;
};

/// A part of a spike that arrives after a whole number of steps.
struct DelayTap {
  std::uint32_t delay;  ///< steps
  double share;         ///< of the weight
  double slope;         ///< derivative of the share by the delay, per step
};

/// Replaces `taps` by those of a synapse of `delay` steps, low <= delay <= high, in ascending
/// order. Two taps where width (steps) is 0: at a whole delay the second has no share, but a slope.
/// A range of a single delay has one tap and no slope.
void delay_taps(double delay, std::uint32_t low, std::uint32_t high, double width,
                std::vector<DelayTap>& taps);

}  // namespace callosum::learn
