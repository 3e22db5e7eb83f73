#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/aligned.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/ring.h"

namespace callosum::sim {

/// The synapses of one projection onto one segment: a row a source, within it a bucket a delay,
/// within that the draw order. Targets are 16-bit indices within the segment; weights have the
/// run's precision, or are one number where constant.
template <class T>
class SynapseStore {
 public:
  /// Draws the segment's blocks twice, first to count, then in place: no second copy.
  SynapseStore(const Connectivity& connectivity, const Segment& segment);

  /// Adds the row of `source`, whose spike was found in step n, to the arrivals. Returns its
  /// length.
  std::uint32_t deliver(std::uint32_t source, std::int64_t n, Ring<T>& ring) const {
    for_each_bucket(source, [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
      add(first, last, ring.slot(n + delay));
    });
    return static_cast<std::uint32_t>(rows_[source + 1] - rows_[source]);
  }
  /// Adds synapses [first, last) to one slot of the target population.
  void add(std::uint64_t first, std::uint64_t last, T* slot) const {
    slot += segment_.begin;
    const std::uint16_t* targets = targets_.data();
    if (weights_.empty()) {
      const T weight = weight_;  // which the compiler cannot know to be no accumulator
      for (std::uint64_t k = first; k < last; ++k) slot[targets[k]] += weight;
    } else {
      const T* weights = weights_.data();
      for (std::uint64_t k = first; k < last; ++k) slot[targets[k]] += weights[k];
    }
  }
  /// Asks for where a row stands, then for its beginning; the hardware sees to what follows.
  void prefetch_place(std::uint32_t source) const { __builtin_prefetch(rows_.data() + source); }
  void prefetch(std::uint32_t source) const {
    constexpr std::uint64_t most = 12;  // lines
    const std::uint64_t at = rows_[source], end = rows_[source + 1];
    for (std::uint64_t k = at, last = std::min(end, at + 32 * most); k < last; k += 32)
      __builtin_prefetch(targets_.data() + k);
    if (!weights_.empty())
      for (std::uint64_t k = at, each = 64 / sizeof(T), last = std::min(end, at + each * most);
           k < last; k += each)
        __builtin_prefetch(weights_.data() + k);
    if (!buckets_.empty()) __builtin_prefetch(buckets_.data() + bucket_rows_[source]);
  }

  struct Bucket {
    std::uint16_t delay = 0, count = 0;
  };
  /// One row for those that treat it synapse by synapse.
  template <class F>
  void for_each_bucket(std::uint32_t source, F f) const {
    std::uint64_t at = rows_[source];
    const std::uint64_t end = rows_[source + 1];
    const Bucket* bucket = buckets_.empty() ? &whole_ : buckets_.data() + bucket_rows_[source];
    while (at < end) {
      const std::uint64_t next = buckets_.empty() ? end : at + bucket->count;
      f(at, next, bucket->delay);
      at = next;
      ++bucket;
    }
  }
  /// The source of synapse k.
  std::uint32_t source_of(std::uint64_t k) const {
    return static_cast<std::uint32_t>(std::upper_bound(rows_.begin(), rows_.end(), k) -
                                      rows_.begin() - 1);
  }
  std::uint32_t sources() const { return static_cast<std::uint32_t>(rows_.size() - 1); }
  /// Buckets are numbered row by row.
  std::size_t buckets() const { return buckets_.empty() ? rows_.size() - 1 : buckets_.size(); }
  std::uint32_t first_bucket(std::uint32_t source) const {
    return buckets_.empty() ? source : bucket_rows_[source];
  }
  /// For synapses whose weights are kept elsewhere, because they change.
  void release_weights() { weights_ = {}; }
  const std::uint16_t* targets() const { return targets_.data(); }
  T weight(std::uint64_t k) const { return weights_.empty() ? weight_ : weights_[k]; }

  std::uint64_t synapses() const { return targets_.size(); }
  std::size_t bytes() const;

 private:
  void fill(const Connectivity& connectivity, std::uint32_t first_block, std::uint32_t last_block);
  void bucket_rows(std::vector<std::uint16_t>& delays);

  Segment segment_;
  std::vector<std::uint64_t> rows_;
  std::vector<std::uint32_t> bucket_rows_;
  std::vector<Bucket> buckets_;  ///< empty when the delay is constant
  Bucket whole_;
  Aligned<std::uint16_t> targets_;
  Aligned<T> weights_;
  T weight_ = 0;
};

}  // namespace callosum::sim
