#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace callosum::example {

/// Probability of k among n, for tests only.
inline double binomial(std::uint64_t n, double p, std::uint64_t k) {
  const double a = static_cast<double>(n), b = static_cast<double>(k);
  return std::exp(std::lgamma(a + 1) - std::lgamma(b + 1) - std::lgamma(a - b + 1) +
                  b * std::log(p) + (a - b) * std::log1p(-p));
}

/// How many standard deviations Pearson's statistic lies from its mean; cells with fewer than five
/// expected are pooled. Beyond 5 either way is no chance.
inline double chi_square_sigmas(const std::vector<double>& observed,
                                const std::vector<double>& expected) {
  double statistic = 0, o = 0, e = 0;
  int cells = 0;
  const auto close = [&] {
    statistic += (o - e) * (o - e) / e;
    ++cells;
    o = e = 0;
  };
  for (std::size_t i = 0; i < observed.size(); ++i) {
    o += observed[i];
    e += expected[i];
    if (e >= 5) close();
  }
  if (e > 0.5) close();
  const double freedom = cells - 1;
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

/// Histogram of counts against Binomial(n, p).
inline double binomial_sigmas(const std::vector<std::uint32_t>& counts, std::uint64_t n, double p) {
  std::vector<double> observed(n + 1, 0), expected(n + 1);
  for (std::uint32_t c : counts) observed.at(c) += 1;
  for (std::uint64_t k = 0; k <= n; ++k)
    expected[k] = static_cast<double>(counts.size()) * binomial(n, p, k);
  return chi_square_sigmas(observed, expected);
}

inline std::vector<std::uint32_t> degrees(const std::vector<std::uint32_t>& ends,
                                          std::uint32_t neurons) {
  std::vector<std::uint32_t> result(neurons, 0);
  for (std::uint32_t i : ends) ++result.at(i);
  return result;
}

/// All counts equally likely on average.
inline double uniform_sigmas(const std::vector<std::uint32_t>& counts) {
  double sum = 0;
  for (std::uint32_t c : counts) sum += c;
  const std::vector<double> observed(counts.begin(), counts.end());
  return chi_square_sigmas(observed,
                           std::vector<double>(counts.size(), sum / double(counts.size())));
}

}  // namespace callosum::example
