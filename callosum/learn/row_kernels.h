#pragma once

#include <cstddef>
#include <cstdint>

namespace callosum::learn {

/// Loops over rows of numbers, the products of the unroll. A row has `n` numbers, a multiple of 16,
/// and stands on a 64-byte boundary. Every number of a result sees its terms one after the other in
/// the order stated, so the bits do not depend on the width of vectors.
template <class T>
struct RowKernels {
  /// y += the first n numbers of rows ids[0], ids[1], ... of W, in this order; rows are `stride`
  /// apart.
  void (*add_rows)(T* y, const std::uint32_t* ids, std::size_t count, const T* W,
                   std::size_t stride, std::size_t n);
  /// y[u] += sum over j < inner, ascending, of g[u][j] * row j of W, rounded once a term (fused),
  /// for u < samples. Rows of y and g are `y_stride` and `g_stride` numbers apart.
  void (*product)(T* y, std::size_t y_stride, const T* g, std::size_t g_stride, std::size_t samples,
                  const T* W, std::size_t inner, std::size_t n);
  /// For each q < count: y[to[ids[q]]] (without `to`, y[ids[q]]) += row ids[q] of W times g, over
  /// the first `inner` of n numbers. Term j goes to sum j % 16; then sums k and k + 8 are added, k
  /// and k + 4, k and k + 2, k and k + 1.
  void (*dots)(T* y, const std::uint32_t* ids, const std::uint32_t* to, std::size_t count,
               const T* g, const T* W, std::size_t inner, std::size_t n);
};

/// The fastest this processor runs.
template <class T>
const RowKernels<T>& row_kernels();

namespace detail {
const RowKernels<float>& row_kernels_float_baseline();
const RowKernels<double>& row_kernels_double_baseline();
const RowKernels<float>& row_kernels_float_wide();
const RowKernels<double>& row_kernels_double_wide();
}  // namespace detail

}  // namespace callosum::learn
