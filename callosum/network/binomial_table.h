#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace callosum {

/// Binomial(n, p) by inversion of its distribution function: one 64-bit number gives one draw, so
/// the draw of any row can be found without those before it. Built without libm, exact to the
/// rounding of the function (about 1e-15).
class BinomialTable {
 public:
  /// n up to a few thousand, p in [0, 1].
  BinomialTable(std::uint32_t n, double p);
  std::uint32_t operator()(std::uint64_t bits) const {
    std::uint32_t k = guide_[bits >> 56];
    while (bits > threshold_[k]) ++k;
    return first_ + k;
  }

 private:
  std::uint32_t first_ = 0;               ///< counts below it never occur
  std::vector<std::uint64_t> threshold_;  ///< P(count <= first + k) * 2^64 - 1
  std::array<std::uint16_t, 256> guide_{};
};

}  // namespace callosum
