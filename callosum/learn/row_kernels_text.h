// The loops of row_kernels.h, compiled once for each width of vectors. Nothing here may be shared
// between the two compilations (a function for the wider one must never be linked into the other),
// so everything stands in an unnamed namespace and nothing of the standard library is called.
#include <cstddef>
#include <cstdint>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#include "callosum/learn/row_kernels.h"

namespace callosum::learn {
namespace {

#if defined(__AVX2__)
// The sum of a vector: elements k and k + half its length, again and again.
inline float halves(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
inline double halves(__m256d v) {
  const __m128d s = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
  return _mm_cvtsd_f64(_mm_add_sd(s, _mm_unpackhi_pd(s, s)));
}
#endif

#if defined(__AVX512F__)
struct Float {
  using T = float;
  static constexpr std::size_t lanes = 16;
  __m512 v;
  static Float load(const T* p) { return {_mm512_load_ps(p)}; }
  static Float all(T x) { return {_mm512_set1_ps(x)}; }
  void store(T* p) const { _mm512_store_ps(p, v); }
  Float plus(Float o) const { return {_mm512_add_ps(v, o.v)}; }
  Float fused(Float a, Float b) const { return {_mm512_fmadd_ps(a.v, b.v, v)}; }
  float total() const {
    alignas(64) float s[lanes];  // the intrinsics for halves warn in GCC 12
    store(s);
    return halves(_mm256_add_ps(_mm256_load_ps(s), _mm256_load_ps(s + lanes / 2)));
  }
};
struct Double {
  using T = double;
  static constexpr std::size_t lanes = 8;
  __m512d v;
  static Double load(const T* p) { return {_mm512_load_pd(p)}; }
  static Double all(T x) { return {_mm512_set1_pd(x)}; }
  void store(T* p) const { _mm512_store_pd(p, v); }
  Double plus(Double o) const { return {_mm512_add_pd(v, o.v)}; }
  Double fused(Double a, Double b) const { return {_mm512_fmadd_pd(a.v, b.v, v)}; }
  double total() const {
    alignas(64) double s[lanes];
    store(s);
    return halves(_mm256_add_pd(_mm256_load_pd(s), _mm256_load_pd(s + lanes / 2)));
  }
};
constexpr std::size_t row_vectors = 16, tile_vectors = 3;
#elif defined(__AVX2__)
struct Float {
  using T = float;
  static constexpr std::size_t lanes = 8;
  __m256 v;
  static Float load(const T* p) { return {_mm256_load_ps(p)}; }
  static Float all(T x) { return {_mm256_set1_ps(x)}; }
  void store(T* p) const { _mm256_store_ps(p, v); }
  Float plus(Float o) const { return {_mm256_add_ps(v, o.v)}; }
  Float fused(Float a, Float b) const { return {_mm256_fmadd_ps(a.v, b.v, v)}; }
  float total() const { return halves(v); }
};
struct Double {
  using T = double;
  static constexpr std::size_t lanes = 4;
  __m256d v;
  static Double load(const T* p) { return {_mm256_load_pd(p)}; }
  static Double all(T x) { return {_mm256_set1_pd(x)}; }
  void store(T* p) const { _mm256_store_pd(p, v); }
  Double plus(Double o) const { return {_mm256_add_pd(v, o.v)}; }
  Double fused(Double a, Double b) const { return {_mm256_fmadd_pd(a.v, b.v, v)}; }
  double total() const { return halves(v); }
};
constexpr std::size_t row_vectors = 8, tile_vectors = 1;
#else
template <class Real>
struct Scalar {
  using T = Real;
  static constexpr std::size_t lanes = 1;
  T v;
  static Scalar load(const T* p) { return {*p}; }
  static Scalar all(T x) { return {x}; }
  void store(T* p) const { *p = v; }
  Scalar plus(Scalar o) const { return {v + o.v}; }
  Scalar fused(Scalar a, Scalar b) const {
    if constexpr (sizeof(T) == 4)
      return {__builtin_fmaf(a.v, b.v, v)};
    else
      return {__builtin_fma(a.v, b.v, v)};
  }
  T total() const { return v; }
};
using Float = Scalar<float>;
using Double = Scalar<double>;
constexpr std::size_t row_vectors = 16, tile_vectors = 2;
#endif

inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

// A piece of the row stays in registers while the rows are walked.
template <class V, std::size_t W>
void add_piece(typename V::T* y, const std::uint32_t* ids, std::size_t count,
               const typename V::T* rows, std::size_t stride) {
  V r[W];
  for (std::size_t k = 0; k < W; ++k) r[k] = V::load(y + k * V::lanes);
  for (std::size_t q = 0; q < count; ++q) {
    const typename V::T* row = rows + ids[q] * stride;
    for (std::size_t k = 0; k < W; ++k) r[k] = r[k].plus(V::load(row + k * V::lanes));
  }
  for (std::size_t k = 0; k < W; ++k) r[k].store(y + k * V::lanes);
}

template <class V>
void add_rows(typename V::T* y, const std::uint32_t* ids, std::size_t count,
              const typename V::T* rows, std::size_t stride, std::size_t n) {
  constexpr std::size_t wide = row_vectors * V::lanes;
  constexpr std::size_t half = row_vectors / 2 * V::lanes, quarter = row_vectors / 4 * V::lanes;
  std::size_t at = 0;
  for (; at + wide <= n; at += wide)
    add_piece<V, row_vectors>(y + at, ids, count, rows + at, stride);
  for (; at + half <= n; at += half)
    add_piece<V, row_vectors / 2>(y + at, ids, count, rows + at, stride);
  for (; at + quarter <= n; at += quarter)
    add_piece<V, row_vectors / 4>(y + at, ids, count, rows + at, stride);
  for (; at < n; at += V::lanes) add_piece<V, 1>(y + at, ids, count, rows + at, stride);
}

// S samples times W vectors of sums stay in registers.
template <class V, std::size_t S, std::size_t W>
void tile(typename V::T* y, std::size_t y_stride, const typename V::T* g, std::size_t g_stride,
          const typename V::T* rows, std::size_t inner, std::size_t n) {
  V r[S][W];
  for (std::size_t u = 0; u < S; ++u)
    for (std::size_t k = 0; k < W; ++k) r[u][k] = V::load(y + u * y_stride + k * V::lanes);
  for (std::size_t j = 0; j < inner; ++j) {
    V x[W];
    for (std::size_t k = 0; k < W; ++k) x[k] = V::load(rows + j * n + k * V::lanes);
    for (std::size_t u = 0; u < S; ++u) {
      const V e = V::all(g[u * g_stride + j]);
      for (std::size_t k = 0; k < W; ++k) r[u][k] = r[u][k].fused(e, x[k]);
    }
  }
  for (std::size_t u = 0; u < S; ++u)
    for (std::size_t k = 0; k < W; ++k) r[u][k].store(y + u * y_stride + k * V::lanes);
}

template <class V, std::size_t S>
void tiles(typename V::T* y, std::size_t y_stride, const typename V::T* g, std::size_t g_stride,
           const typename V::T* rows, std::size_t inner, std::size_t n) {
  constexpr std::size_t wide = tile_vectors * V::lanes;
  std::size_t at = 0;
  for (; at + wide <= n; at += wide)
    tile<V, S, tile_vectors>(y + at, y_stride, g, g_stride, rows + at, inner, n);
  for (; at < n; at += V::lanes) tile<V, S, 1>(y + at, y_stride, g, g_stride, rows + at, inner, n);
}

template <class V>
void product(typename V::T* y, std::size_t y_stride, const typename V::T* g, std::size_t g_stride,
             std::size_t samples, const typename V::T* rows, std::size_t inner, std::size_t n) {
  std::size_t u = 0;
  for (; u + 8 <= samples; u += 8)
    tiles<V, 8>(y + u * y_stride, y_stride, g + u * g_stride, g_stride, rows, inner, n);
  for (; u < samples; ++u)
    tiles<V, 1>(y + u * y_stride, y_stride, g + u * g_stride, g_stride, rows, inner, n);
}

// R rows at once, so that their chains of sums overlap.
template <class V, std::size_t R>
void dot_rows(typename V::T* y, const std::uint32_t* ids, const std::uint32_t* to,
              const typename V::T* g, const typename V::T* rows, std::size_t inner, std::size_t n) {
  using T = typename V::T;
  constexpr std::size_t sums = 16, W = sums / V::lanes;
  V r[R][W];
  for (std::size_t q = 0; q < R; ++q)
    for (std::size_t k = 0; k < W; ++k) r[q][k] = V::all(0);
  std::size_t j = 0;
  for (; j + sums <= inner; j += sums)
    for (std::size_t k = 0; k < W; ++k) {
      const V x = V::load(g + j + k * V::lanes);
      for (std::size_t q = 0; q < R; ++q)
        r[q][k] = r[q][k].fused(x, V::load(rows + ids[q] * n + j + k * V::lanes));
    }
  for (std::size_t q = 0; q < R; ++q) {
    if (j < inner) {
      alignas(64) T s[sums];
      for (std::size_t k = 0; k < W; ++k) r[q][k].store(s + k * V::lanes);
      for (std::size_t i = j; i < inner; ++i)
        s[i - j] = fused(g[i], rows[ids[q] * n + i], s[i - j]);
      for (std::size_t k = 0; k < W; ++k) r[q][k] = V::load(s + k * V::lanes);
    }
    // Sums k and k + 8, k + 4 ... : by whole vectors first.
    for (std::size_t w = W / 2; w > 0; w /= 2)
      for (std::size_t k = 0; k < w; ++k) r[q][k] = r[q][k].plus(r[q][k + w]);
    y[to ? to[ids[q]] : ids[q]] += r[q][0].total();
  }
}

template <class V>
void dots(typename V::T* y, const std::uint32_t* ids, const std::uint32_t* to, std::size_t count,
          const typename V::T* g, const typename V::T* rows, std::size_t inner, std::size_t n) {
  std::size_t q = 0;
  for (; q + 4 <= count; q += 4) dot_rows<V, 4>(y, ids + q, to, g, rows, inner, n);
  for (; q < count; ++q) dot_rows<V, 1>(y, ids + q, to, g, rows, inner, n);
}

template <class V>
constexpr RowKernels<typename V::T> kernels_of{add_rows<V>, product<V>, dots<V>};

}  // namespace
}  // namespace callosum::learn
