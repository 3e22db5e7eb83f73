#include "callosum/nets/recognition.h"

#include <algorithm>
#include <cmath>

#include "callosum/analysis/hypergeometric.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "segment";

void check_segment(const Segment& s) {
  check::at_least(where, "units", s.units, 1);
  const auto units = static_cast<double>(s.units);
  check::within(where, "active", static_cast<double>(s.active), 1, units);
  check::within(where, "synapses", static_cast<double>(s.synapses), 1, units);
  check::within(where, "threshold", static_cast<double>(s.threshold), 1,
                static_cast<double>(s.synapses));
}

}  // namespace

double log10_false_positive(const Segment& s) {
  check_segment(s);
  return analysis::Hypergeometric{s.units, s.active, s.synapses}.log10_at_least(s.threshold);
}

double log10_false_negative(const Segment& s, double noise) {
  check_segment(s);
  if (!(noise >= 0 && noise < 1)) check::within(where, "noise", noise, 0, std::nextafter(1.0, 0.0));
  check::within(where, "synapses", static_cast<double>(s.synapses), 1,
                static_cast<double>(s.active));
  const double kept = std::floor(static_cast<double>(s.active) * (1 - noise) + 0.5);
  return analysis::Hypergeometric{s.active, static_cast<std::int64_t>(kept), s.synapses}
      .log10_below(s.threshold);
}

double expected_union(const Segment& s, std::int64_t patterns) {
  check_segment(s);
  check::at_least(where, "patterns", patterns, 1);
  const auto units = static_cast<double>(s.units);
  return units *
         (1 - std::pow(1 - static_cast<double>(s.synapses) / units, static_cast<double>(patterns)));
}

double log10_union_false_positive(const Segment& s, std::int64_t patterns) {
  Segment merged = s;
  merged.synapses = std::llround(expected_union(s, patterns));
  return log10_false_positive(merged);
}

std::int64_t best_threshold(Segment s, double noise) {
  s.threshold = 1;
  std::int64_t best = 1;
  double least = 1;
  for (; s.threshold <= s.synapses; ++s.threshold) {
    const double larger = std::max(log10_false_positive(s), log10_false_negative(s, noise));
    if (larger < least) {
      least = larger;
      best = s.threshold;
    }
  }
  return best;
}

}  // namespace callosum::nets
