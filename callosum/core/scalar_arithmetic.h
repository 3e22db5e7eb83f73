#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "callosum/core/precision.h"

namespace callosum::elementary {

/// The primitives of a program for one number: the definition that the interpreter and all machine
/// code follow to the bit. T is float or double.
template <class T>
struct ScalarArithmetic {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
  using Real = T;
  using Bool = bool;
  using Bits = std::conditional_t<std::is_same_v<T, float>, std::uint32_t, std::uint64_t>;
  static constexpr int mantissa_bits = std::numeric_limits<T>::digits - 1;
  static constexpr int bias = std::numeric_limits<T>::max_exponent - 1;
  static constexpr Bits exponent_mask = 2 * static_cast<Bits>(bias) + 1;

  static constexpr Precision precision() {
    return std::is_same_v<T, float> ? Precision::single : Precision::twofold;
  }
  static inline T constant(double value) { return static_cast<T>(value); }
  static inline T add(T a, T b) { return a + b; }
  static inline T sub(T a, T b) { return a - b; }
  static inline T mul(T a, T b) { return a * b; }
  static inline T div(T a, T b) { return a / b; }
  static inline T neg(T a) { return -a; }
  static inline T abs(T a) { return std::fabs(a); }
  static inline T sqrt(T a) { return std::sqrt(a); }
  static inline T fma(T a, T b, T c) { return std::fma(a, b, c); }
  static inline T minimum(T a, T b) { return a < b ? a : b; }
  static inline T maximum(T a, T b) { return a > b ? a : b; }
  static inline T floor(T a) { return std::floor(a); }
  static inline T round(T a) { return std::nearbyint(a); }
  /// floor(log2 |a|) of a normal number. Other arguments: read from the bits, -bias for zero.
  static inline T exponent(T a) {
    const Bits bits = std::bit_cast<Bits>(a) >> mantissa_bits & exponent_mask;
    return static_cast<T>(static_cast<std::int32_t>(bits) - bias);
  }
  /// a / 2**exponent(a) of a normal number: the sign and fraction bits of `a`, exponent 0.
  static inline T mantissa(T a) {
    const Bits keep = ~(exponent_mask << mantissa_bits);
    return std::bit_cast<T>((std::bit_cast<Bits>(a) & keep) | Bits{bias} << mantissa_bits);
  }
  /// 2**k for whole k in [-bias + 1, bias].
  static inline T power_of_two(T k) {
    const std::int32_t biased = static_cast<std::int32_t>(k) + bias;
    return std::bit_cast<T>(static_cast<Bits>(biased) << mantissa_bits);
  }
  static inline bool less(T a, T b) { return a < b; }
  static inline bool less_equal(T a, T b) { return a <= b; }
  static inline bool equal(T a, T b) { return a == b; }
  static inline bool not_equal(T a, T b) { return a != b; }
  static inline bool logical_and(bool a, bool b) { return a && b; }
  static inline bool logical_or(bool a, bool b) { return a || b; }
  static inline bool logical_not(bool a) { return !a; }
  static inline T select(bool c, T a, T b) { return c ? a : b; }
};

}  // namespace callosum::elementary
