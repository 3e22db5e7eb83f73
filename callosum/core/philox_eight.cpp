#include "callosum/core/philox_eight.h"

#include "callosum/core/random.h"

#ifdef __AVX2__
// GCC 12 takes the undefined registers of these headers for a mistake of ours (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace callosum {

#ifdef __AVX2__

namespace {

/// Four Philox blocks side by side: word j of block i in the low half of 64-bit lane i of c[j]. The
/// high halves hold leftovers: a multiplication of low halves does not see them.
struct FourBlocks {
  __m256i c[4];

  FourBlocks(const PhiloxCounters& counters, int first) {
    for (int w = 0; w < 4; ++w)
      c[w] = _mm256_cvtepu32_epi64(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(counters.word[w].data() + first)));
  }
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

/// The same with all eight in one register.
__attribute__((target("avx512f"))) void philox_wide(const PhiloxCounters& counters,
                                                    std::uint64_t key, std::uint32_t* out) {
  __m512i c[4];
  for (int w = 0; w < 4; ++w)
    c[w] = _mm512_cvtepu32_epi64(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(counters.word[w].data())));
  auto key0 = static_cast<std::uint32_t>(key), key1 = static_cast<std::uint32_t>(key >> 32);
  for (int i = 0; i < 10; ++i) {
    const __m512i p0 = _mm512_mul_epu32(c[0], _mm512_set1_epi64(0xD2511F53));
    const __m512i p1 = _mm512_mul_epu32(c[2], _mm512_set1_epi64(0xCD9E8D57));
    // 0x96: the parity of three.
    c[0] =
        _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c[1], _mm512_set1_epi64(key0), 0x96);
    c[2] =
        _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c[3], _mm512_set1_epi64(key1), 0x96);
    c[1] = p1;
    c[3] = p0;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  const __m512i c01 = _mm512_mask_blend_epi32(0xAAAA, c[0], _mm512_slli_epi64(c[1], 32));
  const __m512i c23 = _mm512_mask_blend_epi32(0xAAAA, c[2], _mm512_slli_epi64(c[3], 32));
  const __m512i even = _mm512_unpacklo_epi64(c01, c23), odd = _mm512_unpackhi_epi64(c01, c23);
  _mm512_storeu_si512(
      out, _mm512_permutex2var_epi64(even, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), odd));
  _mm512_storeu_si512(out + 16, _mm512_permutex2var_epi64(
                                    even, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), odd));
}

const bool has_wide = __builtin_cpu_supports("avx512f");

}  // namespace

void philox_eight(const PhiloxCounters& counters, std::uint64_t key, std::uint32_t* out) {
  if (has_wide) return philox_wide(counters, key, out);
  FourBlocks low(counters, 0), high(counters, 4);
  auto key0 = static_cast<std::uint32_t>(key), key1 = static_cast<std::uint32_t>(key >> 32);
  for (int i = 0; i < 10; ++i) {
    const auto k0 = _mm256_set1_epi64x(key0), k1 = _mm256_set1_epi64x(key1);
    low.round(k0, k1);
    high.round(k0, k1);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  low.store(out);
  high.store(out + 16);
}

#else

void philox_eight(const PhiloxCounters& counters, std::uint64_t key, std::uint32_t* out) {
  for (std::size_t b = 0; b < 8; ++b) {
    const auto block = philox(
        {counters.word[0][b], counters.word[1][b], counters.word[2][b], counters.word[3][b]}, key);
    for (std::size_t w = 0; w < 4; ++w) out[4 * b + w] = block[w];
  }
}

#endif

}  // namespace callosum
