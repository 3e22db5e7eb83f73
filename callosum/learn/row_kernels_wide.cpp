// Compiled for processors with 512-bit vectors (CMakeLists.txt); called on those only.
#include "callosum/learn/row_kernels_text.h"

namespace callosum::learn {

const RowKernels<float>& detail::row_kernels_float_wide() { return kernels_of<Float>; }
const RowKernels<double>& detail::row_kernels_double_wide() { return kernels_of<Double>; }

}  // namespace callosum::learn
