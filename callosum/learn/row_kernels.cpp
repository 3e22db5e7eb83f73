#include "callosum/learn/row_kernels_text.h"

namespace callosum::learn {

const RowKernels<float>& detail::row_kernels_float_baseline() { return kernels_of<Float>; }
const RowKernels<double>& detail::row_kernels_double_baseline() { return kernels_of<Double>; }

namespace {
bool wide() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}
}  // namespace

template <>
const RowKernels<float>& row_kernels() {
  static const RowKernels<float>& chosen =
      wide() ? detail::row_kernels_float_wide() : detail::row_kernels_float_baseline();
  return chosen;
}
template <>
const RowKernels<double>& row_kernels() {
  static const RowKernels<double>& chosen =
      wide() ? detail::row_kernels_double_wide() : detail::row_kernels_double_baseline();
  return chosen;
}

}  // namespace callosum::learn
