#include "callosum/sim/sliced_store.h"

#include <algorithm>
#include <limits>

#ifdef __F16C__
#include <immintrin.h>
#endif

#include "callosum/core/error.h"
#include "callosum/network/half.h"

namespace callosum::sim {
namespace {

/// Calls f(block's synapses, its first neuron, its slice) for the blocks of a segment.
template <class F>
void for_each_block(const Connectivity& connectivity, const Segment& segment,
                    std::uint32_t slice_bits, F f) {
  BlockSynapses drawn;
  for (std::uint32_t begin = segment.begin; begin < segment.end; begin += block_size) {
    connectivity.draw(begin / block_size, drawn);
    f(drawn, begin, begin >> slice_bits);
  }
}

}  // namespace

template <class T>
SlicedStore<T>::SlicedStore(const Connectivity& connectivity, const Segment& segment,
                            std::uint32_t slice_bits)
    : segment_(segment),
      slice_bits_(slice_bits),
      first_slice_(segment.begin >> slice_bits),
      slices_(((segment.end - 1) >> slice_bits) - first_slice_ + 1),
      sources_(connectivity.sources()),
      shortest_(connectivity.minimum_delay()),
      longest_(connectivity.maximum_delay()),
      farthest_(sources_),
      rows_(std::size_t{slices_} * sources_) {
  static_assert(block_size <= 1u << 10, "a block lies within one slice of 2^10 lanes or more");
  if (count(connectivity, narrow_)) {
    fill(connectivity, narrow_);
    return;
  }
  narrow_ = {};
  count(connectivity, wide_);
  fill(connectivity, wide_);
}

// Rows and delays from a first draw; false where an entry cannot hold a row.
template <class T>
template <class Offset>
bool SlicedStore<T>::count(const Connectivity& connectivity, Aligned<Offset>& index) {
  index = Aligned<Offset>(rows_.size() * entries());
  std::uint32_t found = shortest_;
  bool fits = true;
  for_each_block(
      connectivity, segment_, slice_bits_,
      [&](const BlockSynapses& drawn, std::uint32_t, std::uint32_t slice) {
        Offset* row = index.data() + std::size_t{slice - first_slice_} * sources_ * entries();
        for (std::uint32_t s = 0; s < sources_; ++s, row += entries()) {
          const std::uint32_t first = drawn.row_offsets[s], last = drawn.row_offsets[s + 1];
          if (drawn.delays.empty()) {
            if (last > first) farthest_[s] = static_cast<std::uint16_t>(connectivity.delay());
            fits = fits &&
                   std::uint64_t{row[2]} + (last - first) <= std::numeric_limits<Offset>::max();
            row[2] = static_cast<Offset>(row[2] + (last - first));
            continue;
          }
          for (std::uint32_t k = first; k < last; ++k) {
            farthest_[s] = std::max(farthest_[s], drawn.delays[k]);
            fits = ++row[drawn.delays[k] - shortest_ + 2] != 0 && fits;
          }
        }
      });
  if (!fits) return false;
  for (std::uint32_t s = 0; s < sources_; ++s) found = std::max<std::uint32_t>(found, farthest_[s]);
  // Only delays that were drawn are kept; then counts become first places.
  const std::size_t before = entries();
  if (!connectivity.constant_delay()) longest_ = found;
  std::uint64_t synapses = 0;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    rows_[r] = static_cast<std::uint32_t>(synapses);
    const Offset* const counts = index.data() + r * before;
    Offset* const row = index.data() + r * entries();
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < entries(); ++i) {
      sum += counts[i];
      row[i] = static_cast<Offset>(sum);
    }
    fits = fits && sum <= std::numeric_limits<Offset>::max();
    synapses += sum;
  }
  if (!fits) {
    longest_ = connectivity.maximum_delay();
    return false;
  }
  index.shrink(rows_.size() * entries());
  if (synapses >= std::numeric_limits<std::uint32_t>::max())
    throw ResourceError({.where = "synapse store",
                         .what = "too many synapses of one projection on one thread",
                         .got = std::to_string(synapses),
                         .expected = "fewer than 2^32 - 1: more threads, or several projections"});
  if (connectivity.half_scale() > 0) {
    scale_ = static_cast<float>(connectivity.half_scale());
    pairs_ = Aligned<std::uint32_t>(synapses + spare);
    return true;
  }
  places_ = Aligned<std::uint16_t>(synapses);
  if (connectivity.constant_weight())
    weight_ = static_cast<T>(connectivity.weight());
  else
    weights_ = Aligned<T>(synapses);
  return true;
}

// Entry i + 1 moves from the first place of delay shortest + i to the place after its last.
template <class T>
template <class Offset>
void SlicedStore<T>::fill(const Connectivity& connectivity, Aligned<Offset>& index) {
  const std::uint32_t lanes = (1u << slice_bits_) - 1;
  for_each_block(
      connectivity, segment_, slice_bits_,
      [&](const BlockSynapses& drawn, std::uint32_t begin, std::uint32_t slice) {
        std::size_t row = std::size_t{slice - first_slice_} * sources_;
        for (std::uint32_t s = 0; s < sources_; ++s, ++row) {
          Offset* const next = index.data() + row * entries() + 1;
          for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k) {
            const std::uint32_t delay =
                drawn.delays.empty() ? connectivity.delay() : drawn.delays[k];
            const std::uint32_t at = rows_[row] + next[delay - shortest_]++;
            const auto place = static_cast<std::uint16_t>(delay << slice_bits_ |
                                                          ((begin + drawn.targets[k]) & lanes));
            if (!pairs_.empty()) {
              const std::uint16_t half = half_bits(drawn.weights[k] / connectivity.half_scale());
              pairs_[at] = std::uint32_t{half} << 16 | place;
              continue;
            }
            places_[at] = place;
            if (!weights_.empty()) weights_[at] = static_cast<T>(drawn.weights[k]);
          }
        }
      });
}

// The machine's conversion of halves is exact, and so is the product with a power of two. Of the
// last eight only those of the piece are added.
template <class T>
void SlicedStore<T>::add_pairs(Piece piece, std::uint32_t shift, T* slice) const {
  const std::uint32_t* const pairs = pairs_.data();
#ifdef __F16C__
  static_assert(spare == 8);
  alignas(32) std::uint32_t places[spare];
  alignas(32) float weights[spare];
  const __m256i shifts = _mm256_set1_epi32(static_cast<int>(shift));
  const __m256i low = _mm256_set1_epi32(0xffff);
  const __m256 scale = _mm256_set1_ps(scale_);
  const auto take = [&](std::uint32_t k) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pairs + k));
    _mm256_store_si256(reinterpret_cast<__m256i*>(places),
                       _mm256_and_si256(_mm256_add_epi32(x, shifts), low));
    const __m256i high = _mm256_srli_epi32(x, 16);
    const __m128i halves =
        _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
    _mm256_store_ps(weights, _mm256_mul_ps(_mm256_cvtph_ps(halves), scale));
  };
  std::uint32_t k = piece.first;
  for (; k + spare <= piece.last; k += spare) {
    take(k);
    for (std::uint32_t i = 0; i < spare; ++i) slice[places[i]] += static_cast<T>(weights[i]);
  }
  if (k == piece.last) return;
  take(k);
  for (std::uint32_t i = 0; i < piece.last - k; ++i) slice[places[i]] += static_cast<T>(weights[i]);
#else
  for (std::uint32_t k = piece.first; k < piece.last; ++k)
    slice[(pairs[k] + shift) & 0xffff] +=
        static_cast<T>(half_value(static_cast<std::uint16_t>(pairs[k] >> 16))) *
        static_cast<T>(scale_);
#endif
}

template class SlicedStore<float>;
template class SlicedStore<double>;

}  // namespace callosum::sim
