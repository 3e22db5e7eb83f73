#include "callosum/analysis/hypergeometric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "callosum/core/error.h"

namespace callosum::analysis {

namespace {

void check(const Hypergeometric& h) {
  if (h.total >= 0 && h.marked >= 0 && h.drawn >= 0 && h.marked <= h.total && h.drawn <= h.total)
    return;
  throw ValueError({.where = "hypergeometric distribution",
                    .what = "marked and drawn are parts of the total",
                    .got = "total " + std::to_string(h.total) + ", marked " +
                           std::to_string(h.marked) + ", drawn " + std::to_string(h.drawn)});
}

/// Natural logarithms of P[count = first], P[count = first + 1], ... up to the largest count. The
/// first is a product of min(marked, drawn) factors, the others follow by ratios, so no difference
/// of large logarithms is taken.
struct Table {
  explicit Table(const Hypergeometric& h) {
    check(h);
    first = std::max<std::int64_t>(0, h.marked + h.drawn - h.total);
    const std::int64_t last = std::min(h.marked, h.drawn);
    // With more than half marked and drawn, the unmarked and undrawn are counted instead: their
    // smallest count is 0 and as likely.
    const bool many = first > 0;
    std::int64_t few = many ? h.total - h.marked : h.marked;
    std::int64_t other = many ? h.total - h.drawn : h.drawn;
    if (few > other) std::swap(few, other);
    double log_p = 0;
    for (std::int64_t i = 0; i < few; ++i)
      log_p += std::log1p(-static_cast<double>(other) / static_cast<double>(h.total - i));
    logs.push_back(log_p);
    for (std::int64_t k = first; k < last; ++k) {
      const double up = static_cast<double>(h.marked - k) * static_cast<double>(h.drawn - k);
      const double down =
          static_cast<double>(k + 1) * static_cast<double>(h.total - h.marked - h.drawn + k + 1);
      logs.push_back(log_p += std::log(up / down));
    }
  }
  std::int64_t first = 0;
  std::vector<double> logs;
};

/// log10 of the sum of exp(logs), added from the smallest on.
double log10_sum(std::vector<double> logs) {
  if (logs.empty()) return -std::numeric_limits<double>::infinity();
  std::sort(logs.begin(), logs.end());
  double sum = 0;
  for (double l : logs) sum += std::exp(l - logs.back());
  return std::min(0.0, (logs.back() + std::log(sum)) / std::log(10));
}

}  // namespace

double Hypergeometric::log10_probability(std::int64_t k) const {
  const Table table(*this);
  const std::int64_t at = k - table.first;
  if (at < 0 || at >= static_cast<std::int64_t>(table.logs.size()))
    return -std::numeric_limits<double>::infinity();
  return table.logs[static_cast<std::size_t>(at)] / std::log(10);
}

double Hypergeometric::log10_at_least(std::int64_t k) const {
  Table table(*this);
  const auto size = static_cast<std::int64_t>(table.logs.size());
  const std::int64_t from = std::clamp<std::int64_t>(k - table.first, 0, size);
  return log10_sum({table.logs.begin() + from, table.logs.end()});
}

double Hypergeometric::log10_below(std::int64_t k) const {
  Table table(*this);
  const auto size = static_cast<std::int64_t>(table.logs.size());
  const std::int64_t to = std::clamp<std::int64_t>(k - table.first, 0, size);
  return log10_sum({table.logs.begin(), table.logs.begin() + to});
}

RateInterval wilson_interval(std::int64_t hits, std::int64_t trials, double z) {
  if (!(trials >= 1 && hits >= 0 && hits <= trials && z > 0))
    throw ValueError({.where = "rate interval",
                      .what = "hits are a part of the trials",
                      .got = std::to_string(hits) + " of " + std::to_string(trials)});
  const double n = static_cast<double>(trials), p = static_cast<double>(hits) / n;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace callosum::analysis
