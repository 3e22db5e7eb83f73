#pragma once

#include <cstddef>
#include <vector>

namespace callosum::model {

/// exp(A) of a row-major n x n matrix by scaling and squaring of its Taylor series (N. J. Higham,
/// Functions of Matrices, 2008, ch. 10). Uses no libm. The error is a few units in the last place
/// times the norm of A; entries of triangular matrices keep it relative to themselves where their
/// terms do not cancel, and zero patterns stay exact. NaN or infinity in A, or a norm from 1e300
/// on, gives NaN throughout.
std::vector<double> matrix_exponential(const std::vector<double>& matrix, std::size_t n);

}  // namespace callosum::model
