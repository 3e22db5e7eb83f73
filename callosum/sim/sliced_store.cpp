#include "callosum/sim/sliced_store.h"

#include <algorithm>
#include <numeric>

#include "callosum/core/error.h"

namespace callosum::sim {
namespace {

/// Calls f(source, k, slice) for the synapses of a drawn block, slices counted from `first_slice`.
template <class F>
void for_each(const BlockSynapses& drawn, std::uint32_t sources, std::uint32_t begin,
              std::uint32_t slice_bits, std::uint32_t first_slice, F f) {
  for (std::uint32_t s = 0; s < sources; ++s)
    for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k)
      f(s, k, ((begin + drawn.targets[k]) >> slice_bits) - first_slice);
}

}  // namespace

template <class T>
SlicedStore<T>::SlicedStore(const Connectivity& connectivity, const Segment& segment,
                            std::uint32_t slice_bits)
    : segment_(segment),
      slice_bits_(slice_bits),
      first_slice_(segment.begin >> slice_bits),
      stride_(((segment.end - 1) >> slice_bits) - first_slice_ + 2) {
  const std::uint32_t sources = connectivity.sources();
  // A place more than rows: the count of row r stands at r + 1, so that sums become bounds. The
  // last bound of a source is the first of the next and is kept twice.
  bounds_.assign(std::size_t{sources} * stride_, 0);
  if (connectivity.constant_delay()) longest_ = connectivity.delay();
  BlockSynapses drawn;
  for (std::uint32_t begin = segment.begin; begin < segment.end; begin += block_size) {
    connectivity.draw(begin / block_size, drawn);
    if (!drawn.delays.empty())
      longest_ = std::max<std::uint32_t>(
          longest_, *std::max_element(drawn.delays.begin(), drawn.delays.end()));
    for_each(drawn, sources, begin, slice_bits, first_slice_,
             [&](std::uint32_t s, std::uint32_t, std::uint32_t slice) {
               ++bounds_[std::size_t{s} * stride_ + slice + 1];
             });
  }
  std::uint64_t sum = 0;
  for (std::uint32_t& bound : bounds_) {
    sum += bound;
    bound = static_cast<std::uint32_t>(sum);
  }
  if (sum > 0xffffffffu)
    throw ResourceError({.where = "synapse store",
                         .what = "too many synapses of one projection on one thread",
                         .got = std::to_string(sum),
                         .expected = "at most 2^32 - 1: more threads, or several projections"});
}

template <class T>
void SlicedStore<T>::finish(const Connectivity& connectivity) {
  places_.resize(synapses());
  if (connectivity.constant_weight())
    weight_ = static_cast<T>(connectivity.weight());
  else
    weights_.resize(synapses());
  std::vector<std::uint32_t> next = bounds_;
  const std::uint32_t lanes = (1u << slice_bits_) - 1;
  BlockSynapses drawn;
  for (std::uint32_t begin = segment_.begin; begin < segment_.end; begin += block_size) {
    connectivity.draw(begin / block_size, drawn);
    for_each(drawn, connectivity.sources(), begin, slice_bits_, first_slice_,
             [&](std::uint32_t s, std::uint32_t k, std::uint32_t slice) {
               const std::uint32_t at = next[std::size_t{s} * stride_ + slice]++;
               const std::uint32_t delay =
                   drawn.delays.empty() ? connectivity.delay() : drawn.delays[k];
               places_[at] = static_cast<std::uint16_t>(delay << slice_bits_ |
                                                        ((begin + drawn.targets[k]) & lanes));
               if (!weights_.empty()) weights_[at] = static_cast<T>(drawn.weights[k]);
             });
  }
  if (!connectivity.constant_delay()) sort_rows();
}

// By delay, keeping the draw order within a delay: counted, then dealt out.
template <class T>
void SlicedStore<T>::sort_rows() {
  std::vector<std::uint32_t> start(std::size_t{longest_} + 2);
  std::vector<std::uint16_t> places;
  std::vector<T> weights;
  for (std::size_t r = 0; r + 1 < bounds_.size(); ++r) {
    const std::uint32_t begin = bounds_[r], size = bounds_[r + 1] - begin;
    if (size < 2) continue;
    std::uint16_t* const row = places_.data() + begin;
    std::fill(start.begin(), start.end(), 0u);
    for (std::uint32_t k = 0; k < size; ++k) ++start[(row[k] >> slice_bits_) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    places.assign(row, row + size);
    if (!weights_.empty()) weights.assign(weights_.data() + begin, weights_.data() + begin + size);
    for (std::uint32_t k = 0; k < size; ++k) {
      const std::uint32_t at = start[places[k] >> slice_bits_]++;
      row[at] = places[k];
      if (!weights_.empty()) weights_[begin + at] = weights[k];
    }
  }
}

template <class T>
std::uint32_t SlicedStore<T>::add_short(const Row& row, Ring<T>& ring) const {
  std::uint32_t added = 0;
  for (std::uint32_t s = 0; s + 1 < stride_; ++s) {
    T* const slice = ring.slice(first_slice_ + s);
    const std::uint32_t last = row.bounds[s + 1];
    for (std::uint32_t k = row.bounds[s]; k < last && places_[k] < row.least; ++k, ++added)
      slice[(places_[k] + row.shift) & 0xffff] += weights_.empty() ? weight_ : weights_[k];
  }
  return added;
}

template class SlicedStore<float>;
template class SlicedStore<double>;

}  // namespace callosum::sim
