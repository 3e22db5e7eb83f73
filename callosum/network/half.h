#pragma once

#include <cstdint>

#include "callosum/network/values.h"

namespace callosum {

/// The nearest number of half precision (11 significant bits, exponents -14 to 15, ties to even);
/// what is too large becomes the largest, 65504.
double rounded_to_half(double x);

/// The 16 bits (IEEE 754 binary16) of a number that rounded_to_half() gives, and back.
std::uint16_t half_bits(double x);
double half_value(std::uint16_t bits);

/// A power of two by which weights are divided before they are rounded: draws from `weights` lie
/// well within the range of half precision, with 25 binary orders below them.
double scale_of_half(const Values& weights);

}  // namespace callosum
