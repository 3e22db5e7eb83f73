#include "callosum/network/row_stream.h"

#include "callosum/core/elementary.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace callosum {

#ifdef __AVX2__

namespace {

/// Four Philox blocks side by side: word j of block i in the low half of 64-bit lane i of c[j]. The
/// high halves hold leftovers: a multiplication of low halves does not see them.
struct FourBlocks {
  __m256i c[4];

  void round(__m256i key0, __m256i key1) {
    const __m256i p0 = _mm256_mul_epu32(c[0], _mm256_set1_epi64x(0xD2511F53));
    const __m256i p1 = _mm256_mul_epu32(c[2], _mm256_set1_epi64x(0xCD9E8D57));
    c[0] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), c[1]), key0);
    c[2] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), c[3]), key1);
    c[1] = p1;
    c[3] = p0;
  }
  void store(std::uint32_t* out) const {
    const __m256i c01 = _mm256_blend_epi32(c[0], _mm256_slli_epi64(c[1], 32), 0b10101010);
    const __m256i c23 = _mm256_blend_epi32(c[2], _mm256_slli_epi64(c[3], 32), 0b10101010);
    const __m256i even = _mm256_unpacklo_epi64(c01, c23), odd = _mm256_unpackhi_epi64(c01, c23);
    const auto at = [&](int block) { return reinterpret_cast<__m256i*>(out + 4 * block); };
    _mm256_store_si256(at(0), _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_store_si256(at(2), _mm256_permute2x128_si256(even, odd, 0x31));
  }
};

}  // namespace

void RowStream::refill() {
  FourBlocks low, high;
  const auto lane = _mm256_set1_epi64x(lane_), row = _mm256_set1_epi64x(row_),
             column = _mm256_set1_epi64x(column_);
  const auto n = static_cast<long long>(next_);
  low = {{_mm256_set_epi64x(n + 3, n + 2, n + 1, n), lane, row, column}};
  high = {{_mm256_set_epi64x(n + 7, n + 6, n + 5, n + 4), lane, row, column}};
  auto key0 = static_cast<std::uint32_t>(key_), key1 = static_cast<std::uint32_t>(key_ >> 32);
  for (int i = 0; i < 10; ++i) {
    const auto k0 = _mm256_set1_epi64x(key0), k1 = _mm256_set1_epi64x(key1);
    low.round(k0, k1);
    high.round(k0, k1);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  low.store(buffer_.data());
  high.store(buffer_.data() + 16);
  next_ += words / 4;
  used_ = 0;
}

#else

void RowStream::refill() {
  for (int i = 0; i < words / 4; ++i) {
    const auto block = philox({next_++, lane_, row_, column_}, key_);
    for (int j = 0; j < 4; ++j) buffer_[static_cast<std::size_t>(4 * i + j)] = block[j];
  }
  used_ = 0;
}

#endif

double RowStream::exponential() {
  elementary::ScalarArithmetic<double> a;
  return -elementary::log(a, uniform());
}

double RowStream::normal_outside(std::size_t layer, double x) {
  elementary::ScalarArithmetic<double> a;
  const NormalTable& table = *normals_;
  for (;;) {
    if (layer == 0) {
      // Marsaglia's tail: x given x > tail.
      for (;;) {
        const double beyond = exponential() / NormalTable::tail;
        if (2 * exponential() > beyond * beyond)
          return x < 0 ? -(NormalTable::tail + beyond) : NormalTable::tail + beyond;
      }
    }
    const double y =
        table.height[layer] + uniform() * (table.height[layer + 1] - table.height[layer]);
    if (y < elementary::exp(a, -0.5 * x * x)) return x;
    const std::uint64_t bits = bits64();
    layer = static_cast<std::size_t>(bits & 255);
    x = static_cast<double>(static_cast<std::int64_t>(bits) >> 11) * 0x1p-52 * table.edge[layer];
    if (x < table.edge[layer + 1] && -x < table.edge[layer + 1]) return x;
  }
}

}  // namespace callosum
