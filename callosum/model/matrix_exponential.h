#pragma once

#include <cstddef>
#include <vector>

namespace callosum::model {

/// exp(A) of a row-major n x n matrix by scaling and squaring of its Taylor series (N. J. Higham,
/// Functions of Matrices, 2008, ch. 10). Uses no libm; zero patterns of triangular matrices stay
/// exact; entries that are not finite give NaN.
std::vector<double> matrix_exponential(const std::vector<double>& matrix, std::size_t n);

}  // namespace callosum::model
