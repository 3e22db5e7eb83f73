#include "callosum/network/binomial_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace callosum {

BinomialTable::BinomialTable(std::uint32_t n, double p) {
  constexpr auto top = std::numeric_limits<std::uint64_t>::max();
  if (!(p > 0) || n == 0 || p >= 1) {
    first_ = p >= 1 ? n : 0;
    threshold_ = {top};
    return;
  }
  const auto mode = std::min<std::uint32_t>(n, static_cast<std::uint32_t>((n + 1.0) * p));
  const double odds = p / (1 - p);
  // Relative weights outwards from the mode, until they no longer count.
  std::vector<double> below, above{1.0};
  double w = 1;
  for (std::uint32_t k = mode; k > 0 && w > 0x1p-70; --k) {
    w *= k / (n - k + 1.0) / odds;
    below.push_back(w);
  }
  w = 1;
  for (std::uint32_t k = mode; k < n && w > 0x1p-70; ++k) {
    w *= (n - k) / (k + 1.0) * odds;
    above.push_back(w);
  }
  std::vector<double> weight(below.rbegin(), below.rend());
  weight.insert(weight.end(), above.begin(), above.end());
  first_ = mode - static_cast<std::uint32_t>(below.size());

  double sum = 0;
  for (double x : weight) sum += x;
  double cumulated = 0;
  for (double x : weight) {
    cumulated += x;
    const double scaled = cumulated / sum * 0x1p64;
    threshold_.push_back(scaled < 0x1p64 ? static_cast<std::uint64_t>(scaled) : top);
  }
  threshold_.back() = top;
  std::uint16_t k = 0;
  for (std::uint64_t i = 0; i < 256; ++i) {
    while (threshold_[k] < i << 56) ++k;
    guide_[i] = k;
  }
}

}  // namespace callosum
