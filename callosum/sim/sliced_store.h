#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/aligned.h"
#include "callosum/sim/partition.h"

namespace callosum::sim {

/// The synapses of one projection onto one segment for a ring in slices: slice by slice a row for
/// each source, within it the delays, within a delay the draw order. A synapse is 16 bits, delay
/// and lane within the slice, and its weight: added to the step of emission, the 16 bits are the
/// place of its accumulator within the slice, because a slice has 2^16 of them. Delays count
/// modulo the slots of a slice; an index says where each begins in its row.
template <class T>
class SlicedStore {
 public:
  /// Draws the segment twice, first to count, then in place: no second copy. Throws ResourceError
  /// for 2^32 synapses or more.
  SlicedStore(const Connectivity& connectivity, const Segment& segment, std::uint32_t slice_bits);

  /// Neighbouring synapses of one row.
  struct Piece {
    std::uint32_t first, last;
  };
  /// What `source` holds for slice `s` of the segment with delays in [shortest, end), which lie
  /// within [shortest(), longest() + 1].
  Piece piece(std::uint32_t s, std::uint32_t source, std::uint32_t from, std::uint32_t end) const {
    const std::size_t row = std::size_t{s} * sources_ + source;
    const std::size_t at = row * entries();
    const std::uint32_t base = rows_[row];
    if (wide_.empty())
      return {base + narrow_[at + from - shortest_], base + narrow_[at + end - shortest_]};
    return {base + wide_[at + from - shortest_], base + wide_[at + end - shortest_]};
  }
  /// Asks for what piece() reads, then for what add() reads.
  void prefetch_index(std::uint32_t s, std::uint32_t source, std::uint32_t from) const {
    const std::size_t row = std::size_t{s} * sources_ + source;
    const std::size_t at = row * entries() + from - shortest_;
    __builtin_prefetch(rows_.data() + row);
    __builtin_prefetch(wide_.empty() ? static_cast<const void*>(narrow_.data() + at)
                                     : static_cast<const void*>(wide_.data() + at));
  }
  void prefetch(Piece piece) const {
    if (!pairs_.empty())
      return prefetch_lines(pairs_.data() + piece.first, pairs_.data() + piece.last);
    prefetch_lines(places_.data() + piece.first, places_.data() + piece.last);
    if (!weights_.empty())
      prefetch_lines(weights_.data() + piece.first, weights_.data() + piece.last);
  }
  /// Adds a piece of what was emitted in step n to the accumulators of its slice.
  void add(Piece piece, std::int64_t n, T* slice) const {
    const std::uint32_t shift = static_cast<std::uint32_t>(n) << slice_bits_;
    if (!pairs_.empty()) return add_pairs(piece, shift, slice);
    const std::uint16_t* const places = places_.data();
    if (weights_.empty()) {
      for (std::uint32_t k = piece.first; k < piece.last; ++k)
        slice[(places[k] + shift) & 0xffff] += weight_;
      return;
    }
    const T* const weights = weights_.data();
    for (std::uint32_t k = piece.first; k < piece.last; ++k)
      slice[(places[k] + shift) & 0xffff] += weights[k];
  }

  const Segment& segment() const { return segment_; }
  std::uint32_t first_slice() const { return first_slice_; }
  std::uint32_t slices() const { return slices_; }
  std::uint32_t shortest() const { return shortest_; }
  std::uint32_t longest() const { return longest_; }
  /// The longest delay of one source's synapses here; 0 where it has none.
  std::uint32_t longest(std::uint32_t source) const { return farthest_[source]; }
  std::uint64_t synapses() const { return pairs_.empty() ? places_.size() : pairs_.size() - spare; }
  std::size_t bytes() const {
    return farthest_.bytes() + rows_.bytes() + narrow_.bytes() + wide_.bytes() + places_.bytes() +
           weights_.bytes() + pairs_.bytes();
  }

 private:
  static constexpr std::uint32_t spare = 8;  ///< pairs read at once
  void add_pairs(Piece piece, std::uint32_t shift, T* slice) const;
  template <class U>
  static void prefetch_lines(const U* first, const U* last) {
    constexpr int most = 8;  // lines; the hardware sees to those that follow
    const char* line = reinterpret_cast<const char*>(first);
    for (int i = 0; i < most && line < reinterpret_cast<const char*>(last); ++i, line += 64)
      __builtin_prefetch(line);
  }
  /// Entry i of a row: synapses with delays below shortest + i. One more than needed, for counting.
  std::size_t entries() const { return std::size_t{longest_} - shortest_ + 3; }
  template <class Offset>
  bool count(const Connectivity& connectivity, Aligned<Offset>& index);
  template <class Offset>
  void fill(const Connectivity& connectivity, Aligned<Offset>& index);

  Segment segment_;
  std::uint32_t slice_bits_, first_slice_, slices_, sources_, shortest_, longest_;
  Aligned<std::uint16_t> farthest_;  ///< by source: its longest delay
  Aligned<std::uint32_t> rows_;      ///< by slice and source: its first synapse
  Aligned<std::uint16_t> narrow_;    ///< by slice, source and delay: see entries()
  Aligned<std::uint32_t> wide_;      ///< in its place where a row has 2^16 synapses
  Aligned<std::uint16_t> places_;    ///< delay modulo slots << slice_bits | lane
  Aligned<T> weights_;               ///< empty where all are weight_
  T weight_ = 0;
  /// In place of the two where weights are in half precision: half << 16 | place. One stream of
  /// memory a row.
  Aligned<std::uint32_t> pairs_;  ///< and some that are only read
  float scale_ = 1;               ///< a half times this is the weight
};

}  // namespace callosum::sim
