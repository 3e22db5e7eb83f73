#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "callosum/sim/aligned.h"

namespace callosum::sim {

/// Arrivals of one input variable of one population: a slot of accumulators for each step to come.
/// The kernel of step n reads slot n and leaves it zero.
template <class T>
class Ring {
 public:
  Ring() = default;
  /// Holds arrivals up to `longest` steps ahead.
  Ring(std::uint32_t longest, std::int64_t lanes)
      : lanes_(static_cast<std::size_t>(lanes)),
        mask_(std::bit_ceil(std::size_t{longest} + 1) - 1),
        values_(lanes_ * (mask_ + 1)) {}
  T* slot(std::int64_t step) {
    return values_.data() + (static_cast<std::size_t>(step) & mask_) * lanes_;
  }
  std::size_t slots() const { return mask_ + 1; }
  std::size_t bytes() const { return values_.size() * sizeof(T); }
  void clear() { std::fill_n(values_.data(), values_.size(), T{0}); }
  /// Time starts anew: what step `now` was is step 0.
  void restart_at(std::int64_t now) {
    T* const begin = values_.data();
    std::rotate(begin, slot(now), begin + values_.size());
  }

 private:
  std::size_t lanes_ = 0, mask_ = 0;
  Aligned<T> values_;
};

}  // namespace callosum::sim
