#pragma once

#include <cstddef>
#include <span>

namespace callosum::analysis {

/// <A, B> / (|A| |B|) of two kernels of the same size, entry by entry (Cristianini et al. 2001);
/// NaN where a norm is 0. ShapeError when the sizes differ.
double kernel_alignment(std::span<const double> a, std::span<const double> b);

/// Linear centred kernel alignment of two representations of the same n samples (Kornblith et al.
/// 2019, eq. 3): x is [n, p], y is [n, q], row by row. 1 for representations equal up to rotation
/// and scale; NaN where one does not vary. ShapeError unless the sizes are multiples of n >= 2.
double linear_cka(std::span<const double> x, std::span<const double> y, std::size_t n);

}  // namespace callosum::analysis
