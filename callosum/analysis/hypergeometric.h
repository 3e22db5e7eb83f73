#pragma once

#include <cstdint>

namespace callosum::analysis {

/// How many of `drawn` things, taken without replacement from `total`, are among `marked` ones.
/// Tails stay exact (1e-12 relative) far below the smallest double: they are given as log10.
/// \throws ValueError unless marked <= total and drawn <= total.
struct Hypergeometric {
  std::int64_t total = 0, marked = 0, drawn = 0;

  /// log10 P[count = k]; -infinity where that cannot be.
  double log10_probability(std::int64_t k) const;
  /// log10 P[count >= k].
  double log10_at_least(std::int64_t k) const;
  /// log10 P[count < k].
  double log10_below(std::int64_t k) const;
};

/// Interval of a rate after `hits` in `trials` (Wilson 1927); z: 1.96 for 95 %, 2.576 for 99 %.
struct RateInterval {
  double low = 0, high = 1;
};
/// \throws ValueError unless 0 <= hits <= trials, trials >= 1, z > 0.
RateInterval wilson_interval(std::int64_t hits, std::int64_t trials, double z = 1.96);

}  // namespace callosum::analysis
