#include "callosum/core/eight_draws.h"

#include <cstddef>

#include "callosum/core/philox_eight.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

// Alignment of __m256d as a template argument is its own anyway.
#pragma GCC diagnostic ignored "-Wignored-attributes"
#include "callosum/core/elementary.h"
#endif

namespace callosum {
namespace {

/// Words of the first block of every stream: out[4 * k + w].
void first_blocks(StreamKey key, const std::array<std::uint32_t, 8>& index, std::uint64_t step,
                  std::uint32_t* out) {
  PhiloxCounters counters;
  counters.word[0].fill(0);
  counters.word[1].fill(static_cast<std::uint32_t>(step));
  counters.word[2] = index;
  counters.word[3].fill(static_cast<std::uint32_t>(step >> 32) & 0xFFFFu);
  philox_eight(counters, key.value(), out);
}

// As Stream::uniform.
double uniform_of(const std::uint32_t* words) {
  const std::uint64_t bits = words[0] | static_cast<std::uint64_t>(words[1]) << 32;
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

#if defined(__AVX2__) && defined(__FMA__)

/// ScalarArithmetic<double> on four numbers: the primitives that log and cos use.
struct FourArithmetic {
  using Real = __m256d;
  using Bool = __m256d;

  static Precision precision() { return Precision::twofold; }
  static Real constant(double value) { return _mm256_set1_pd(value); }
  static Real add(Real a, Real b) { return _mm256_add_pd(a, b); }
  static Real sub(Real a, Real b) { return _mm256_sub_pd(a, b); }
  static Real mul(Real a, Real b) { return _mm256_mul_pd(a, b); }
  static Real div(Real a, Real b) { return _mm256_div_pd(a, b); }
  static Real neg(Real a) { return _mm256_xor_pd(a, constant(-0.0)); }
  static Real abs(Real a) { return _mm256_andnot_pd(constant(-0.0), a); }
  static Real sqrt(Real a) { return _mm256_sqrt_pd(a); }
  static Real fma(Real a, Real b, Real c) { return _mm256_fmadd_pd(a, b, c); }
  static Real floor(Real a) { return _mm256_floor_pd(a); }
  static Real round(Real a) {
    return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Real exponent(Real a) {
    const __m256i bits =
        _mm256_and_si256(_mm256_srli_epi64(_mm256_castpd_si256(a), 52), _mm256_set1_epi64x(0x7FF));
    return sub(whole(bits), constant(1023));
  }
  static Real mantissa(Real a) {
    const Real fraction =
        _mm256_andnot_pd(_mm256_castsi256_pd(_mm256_set1_epi64x(0x7FFll << 52)), a);
    return _mm256_or_pd(fraction, constant(1));
  }
  static Bool less(Real a, Real b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
  static Bool less_equal(Real a, Real b) { return _mm256_cmp_pd(a, b, _CMP_LE_OQ); }
  static Bool equal(Real a, Real b) { return _mm256_cmp_pd(a, b, _CMP_EQ_OQ); }
  static Bool logical_or(Bool a, Bool b) { return _mm256_or_pd(a, b); }
  static Real select(Bool c, Real a, Real b) { return _mm256_blendv_pd(b, a, c); }

  /// Whole numbers below 2^52, exactly: they are the fraction bits of 2^52 + n.
  static Real whole(__m256i n) {
    const Real base = constant(0x1p52);
    return sub(_mm256_or_pd(_mm256_castsi256_pd(n), base), base);
  }
};

// As Stream::normal.
void four_normals(const std::uint32_t* words, double* out) {
  FourArithmetic a;
  alignas(32) std::uint64_t bits[4], turns[4];
  for (std::size_t k = 0; k < 4; ++k) {
    const std::uint32_t* w = words + 4 * k;
    bits[k] = (w[0] | static_cast<std::uint64_t>(w[1]) << 32) >> 12;
    turns[k] = w[2];
  }
  const auto load = [](const std::uint64_t* from) {
    return FourArithmetic::whole(_mm256_load_si256(reinterpret_cast<const __m256i*>(from)));
  };
  const auto half = a.constant(0.5);
  const auto uniform = a.mul(a.add(load(bits), half), a.constant(0x1p-52));
  const auto radius = a.sqrt(a.mul(a.constant(-2), elementary::log(a, uniform)));
  constexpr double turn = 0x1.921fb54442d18p+2 * 0x1p-32;
  const auto angle = a.mul(a.add(load(turns), half), a.constant(turn));
  _mm256_storeu_pd(out, a.mul(radius, elementary::cos(a, angle)));
}

#endif

}  // namespace

void eight_uniforms(StreamKey key, const std::array<std::uint32_t, 8>& index, std::uint64_t step,
                    std::array<double, 8>& out) {
  alignas(64) std::uint32_t words[32];
  first_blocks(key, index, step, words);
  for (std::size_t k = 0; k < 8; ++k) out[k] = uniform_of(words + 4 * k);
}

#if defined(__AVX2__) && defined(__FMA__)

void eight_normals(StreamKey key, const std::array<std::uint32_t, 8>& index, std::uint64_t step,
                   std::array<double, 8>& out) {
  alignas(64) std::uint32_t words[32];
  first_blocks(key, index, step, words);
  four_normals(words, out.data());
  four_normals(words + 16, out.data() + 4);
}

#else

void eight_normals(StreamKey key, const std::array<std::uint32_t, 8>& index, std::uint64_t step,
                   std::array<double, 8>& out) {
  for (std::size_t k = 0; k < 8; ++k) out[k] = Stream(key, index[k], step).normal();
}

#endif

}  // namespace callosum
