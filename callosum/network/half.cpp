#include "callosum/network/half.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace callosum {

double rounded_to_half(double x) {
  constexpr double largest = 65504, smallest_normal = 0x1p-14;
  const double size = std::fabs(x);
  if (size < smallest_normal) return std::nearbyint(x * 0x1p24) * 0x1p-24;
  if (size >= largest) return std::copysign(largest, x);
  // 42 of 52 bits go: to nearest, ties to even. A carry runs into the exponent, as it should.
  auto bits = std::bit_cast<std::uint64_t>(x);
  bits += (std::uint64_t{1} << 41) - 1 + (bits >> 42 & 1);
  bits &= ~((std::uint64_t{1} << 42) - 1);
  return std::bit_cast<double>(bits);
}

std::uint16_t half_bits(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000);
  const double size = std::fabs(x);
  if (size < 0x1p-14) return static_cast<std::uint16_t>(sign | static_cast<int>(size * 0x1p24));
  const auto exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023 + 15;
  return static_cast<std::uint16_t>(sign | exponent << 10 | (bits >> 42 & 0x3ff));
}

double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 0x3ff;
  const double size =
      exponent == 0
          ? mantissa * 0x1p-24
          : (1024 + mantissa) *
                std::bit_cast<double>(static_cast<std::uint64_t>(1023 + exponent - 25) << 52);
  return bits & 0x8000 ? -size : size;
}

double scale_of_half(const Values& weights) {
  double most = 0;
  const double first = std::fabs(weights.first()), second = std::fabs(weights.second());
  switch (weights.kind()) {
    case Values::Kind::normal:
      most = first + 8 * second;
      break;
    case Values::Kind::uniform:
      most = std::max(first, second);
      break;
    default:  // long tails: 2^10 times the typical value
      most = 1024 * first;
  }
  if (!(most > 0)) return 1;
  return std::bit_cast<double>((std::bit_cast<std::uint64_t>(most) >> 52) << 52) * 0x1p-14;
}

}  // namespace callosum
