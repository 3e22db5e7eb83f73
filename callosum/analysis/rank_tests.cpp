#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <string>

#include "callosum/analysis/statistics.h"
#include "callosum/core/error.h"

namespace callosum::analysis {
namespace {

void no_nan(std::span<const double> values, const char* where) {
  for (double value : values)
    if (std::isnan(value))
      throw ValueError({.where = where, .what = "a value is not a number", .got = "NaN"});
}

/// Sum of t^3 - t over the groups of equal values.
double tie_term(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t j = i;
    while (j < values.size() && values[j] == values[i]) ++j;
    const auto t = static_cast<double>(j - i);
    sum += t * t * t - t;
    i = j;
  }
  return sum;
}

/// Twice the smaller tail of counts[0 .. statistic], at most 1; the distribution is symmetric.
double exact_p(const std::vector<double>& counts, double statistic) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double last = static_cast<double>(counts.size()) - 1;
  const auto low = static_cast<std::size_t>(std::min(statistic, last - statistic));
  const double tail =
      std::accumulate(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(low) + 1, 0.0);
  return std::min(1.0, 2 * tail / total);
}

double normal_p(double distance, double variance) {
  if (!(variance > 0)) return 1;
  const double z = std::max(0.0, std::fabs(distance) - 0.5) / std::sqrt(variance);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z));
}

/// In how many ways a sum of ranks 1 .. n arises from subsets of them.
std::vector<double> signed_rank_counts(std::size_t n) {
  std::vector<double> ways(n * (n + 1) / 2 + 1, 0);
  ways[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank)
    for (std::size_t sum = ways.size() - 1; sum >= rank; --sum) ways[sum] += ways[sum - rank];
  return ways;
}

/// In how many orders of m and n values U arises: coefficients of the Gaussian binomial, by
/// multiplying with 1 - q^(n+i) and dividing by 1 - q^i.
std::vector<double> mann_whitney_counts(std::size_t m, std::size_t n) {
  std::vector<double> ways(m * n + 1, 0);
  ways[0] = 1;
  for (std::size_t i = 1; i <= m; ++i) {
    for (std::size_t u = ways.size(); u-- > n + i;) ways[u] -= ways[u - n - i];
    for (std::size_t u = i; u < ways.size(); ++u) ways[u] += ways[u - i];
  }
  return ways;
}

}  // namespace

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) out[order[k]] = static_cast<double>(i + 1 + j) / 2;
    i = j;
  }
  return out;
}

RankTest wilcoxon(std::span<const double> differences) {
  no_nan(differences, "Wilcoxon test");
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (double d : differences) {
    if (d == 0) continue;
    sizes.push_back(std::fabs(d));
    positive.push_back(d > 0);
  }
  RankTest test;
  test.n = sizes.size();
  if (sizes.empty()) return test;
  const std::vector<double> rank = ranks(sizes);
  for (std::size_t i = 0; i < rank.size(); ++i)
    if (positive[i]) test.statistic += rank[i];
  const auto n = static_cast<double>(test.n);
  const double ties = tie_term(sizes);
  test.exact = test.n <= 25 && ties == 0;
  test.p = test.exact ? exact_p(signed_rank_counts(test.n), test.statistic)
                      : normal_p(test.statistic - n * (n + 1) / 4,
                                 n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
  return test;
}

RankTest mann_whitney(std::span<const double> a, std::span<const double> b) {
  no_nan(a, "Mann-Whitney test");
  no_nan(b, "Mann-Whitney test");
  if (a.empty() || b.empty())
    throw ValueError({.where = "Mann-Whitney test", .what = "a sample is empty"});
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const std::vector<double> rank = ranks(all);
  const auto m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  RankTest test;
  test.n = all.size();
  test.statistic =
      std::accumulate(rank.begin(), rank.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0) -
      m * (m + 1) / 2;
  const double ties = tie_term(all);
  test.exact = a.size() <= 20 && b.size() <= 20 && ties == 0;
  test.p = test.exact ? exact_p(mann_whitney_counts(a.size(), b.size()), test.statistic)
                      : normal_p(test.statistic - m * n / 2,
                                 m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1))));
  return test;
}

}  // namespace callosum::analysis
