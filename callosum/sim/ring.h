#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "callosum/sim/aligned.h"

namespace callosum::sim {

/// Arrivals of one input variable of one population: a slot of accumulators for each step to come.
/// The kernel of step n reads slot n and leaves it zero.
///
/// Slots are kept slice by slice: all slots of 2^slice_bits neighbouring lanes, then those of the
/// next. Delivery that works through one slice after the other stays in cache (DESIGN section 4,
/// "Synapse store"). Without slices all lanes of a slot stand together.
template <class T>
class Ring {
 public:
  static constexpr std::uint32_t whole = 32;  ///< slice_bits: one slice

  Ring() = default;
  /// Holds arrivals up to `longest` steps ahead.
  Ring(std::uint32_t longest, std::int64_t lanes, std::uint32_t slice_bits = whole)
      : slice_bits_(slice_bits),
        mask_(std::bit_ceil(std::size_t{longest} + 1) - 1),
        slice_lanes_(slice_bits == whole ? static_cast<std::size_t>(lanes)
                                         : std::size_t{1} << slice_bits),
        slices_(slice_bits == whole
                    ? 1
                    : (static_cast<std::size_t>(lanes) + slice_lanes_ - 1) >> slice_bits),
        values_(slices_ * slice_lanes_ * (mask_ + 1)) {}

  /// The slot of `step`, all lanes; only without slices.
  T* slot(std::int64_t step) { return slot_in(0, step); }
  /// Accumulators of `step` for the lanes of one slice, the slice's first lane first.
  T* slot_in(std::size_t slice, std::int64_t step) {
    return this->slice(slice) + (static_cast<std::size_t>(step) & mask_) * slice_lanes_;
  }
  /// All slots of a slice, the one of step 0 first.
  T* slice(std::size_t slice) { return values_.data() + slice * slice_lanes_ * (mask_ + 1); }
  /// The slot of `step` such that element `lane` is lane `lane`, for the lanes of the slice that
  /// holds `lane_in_slice`.
  T* lanes(std::int64_t step, std::uint32_t lane_in_slice) {
    const std::size_t s = slice_of(lane_in_slice);
    return slot_in(s, step) - static_cast<std::ptrdiff_t>(s * slice_lanes_);
  }
  std::size_t slice_of(std::uint32_t lane) const {
    return slice_bits_ == whole ? 0 : lane >> slice_bits_;
  }
  /// The first lane after the slice that holds `lane`.
  std::uint32_t slice_end(std::uint32_t lane) const {
    return slice_bits_ == whole ? 0xffffffffu : ((lane >> slice_bits_) + 1) << slice_bits_;
  }
  bool sliced() const { return slice_bits_ != whole; }
  std::size_t slots() const { return mask_ + 1; }
  std::size_t bytes() const { return values_.size() * sizeof(T); }
  void clear() { std::fill_n(values_.data(), values_.size(), T{0}); }
  /// Time starts anew: what step `now` was is step 0.
  void restart_at(std::int64_t now) {
    for (std::size_t s = 0; s < slices_; ++s)
      std::rotate(slice(s), slot_in(s, now), slice(s) + slice_lanes_ * (mask_ + 1));
  }

 private:
  std::uint32_t slice_bits_ = whole;
  std::size_t mask_ = 0, slice_lanes_ = 0, slices_ = 0;
  Aligned<T> values_;
};

}  // namespace callosum::sim
