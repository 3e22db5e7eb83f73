#pragma once

#include <cstdint>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/ring.h"

namespace callosum::sim {

/// The synapses of one projection onto one segment for a ring in slices: a row for each source and
/// slice, sorted by delay, in draw order within a delay. A synapse is 16 bits, delay and lane
/// within the slice, and its weight: added to the step of emission, the 16 bits are the place of
/// its accumulator within the slice, because a slice has 2^16 of them.
template <class T>
class SlicedStore {
 public:
  /// Draws the segment to count; `longest` is the longest delay found. A ring that holds it decides
  /// the slices of finish().
  SlicedStore(const Connectivity& connectivity, const Segment& segment, std::uint32_t slice_bits);
  std::uint32_t longest() const { return longest_; }
  /// Draws the segment again, in place: no second copy.
  void finish(const Connectivity& connectivity);

  /// One source's rows, ready to be added.
  struct Row {
    const std::uint32_t* bounds;  ///< of the segment's slices, one more than slices
    std::uint32_t shift;          ///< emission step, as high bits of a place
    std::uint32_t least;          ///< places of shorter delays are left out
  };
  Row row(std::uint32_t source, std::int64_t n, std::uint32_t least_delay) const {
    return {bounds_.data() + std::size_t{source} * stride_,
            static_cast<std::uint32_t>(n) << slice_bits_, least_delay << slice_bits_};
  }
  /// Adds what `row` holds for slice `s` of the segment with delays of at least its least one.
  /// Returns how many.
  std::uint32_t add(const Row& row, std::uint32_t s, T* slice) const {
    std::uint32_t k = row.bounds[s];
    const std::uint32_t last = row.bounds[s + 1];
    while (k < last && places_[k] < row.least) ++k;
    const std::uint32_t first = k;
    if (weights_.empty())
      for (; k < last; ++k) slice[(places_[k] + row.shift) & 0xffff] += weight_;
    else
      for (; k < last; ++k) slice[(places_[k] + row.shift) & 0xffff] += weights_[k];
    return last - first;
  }
  /// Adds what `row` holds with delays shorter than its least one, to all slices of `ring`.
  std::uint32_t add_short(const Row& row, Ring<T>& ring) const;
  void prefetch(const Row& row, std::uint32_t s) const {
    const std::uint32_t k = row.bounds[s];
    __builtin_prefetch(places_.data() + k);
    __builtin_prefetch(places_.data() + k + 32);
    if (weights_.empty()) return;
    for (std::uint32_t line = 0; line < 64; line += 16)
      __builtin_prefetch(weights_.data() + k + line);
  }

  const Segment& segment() const { return segment_; }
  std::uint32_t first_slice() const { return first_slice_; }
  std::uint32_t slices() const { return stride_ - 1; }
  std::uint64_t synapses() const { return bounds_.empty() ? 0 : bounds_.back(); }
  std::size_t bytes() const {
    return bounds_.capacity() * 4 + places_.capacity() * 2 + weights_.capacity() * sizeof(T);
  }

 private:
  void sort_rows();

  Segment segment_;
  std::uint32_t slice_bits_, first_slice_, stride_;
  std::uint32_t longest_ = 0;
  std::vector<std::uint32_t> bounds_;  ///< by source and slice; the last is the number of synapses
  std::vector<std::uint16_t> places_;  ///< delay << slice_bits | lane
  std::vector<T> weights_;             ///< empty where all are weight_
  T weight_ = 0;
};

}  // namespace callosum::sim
