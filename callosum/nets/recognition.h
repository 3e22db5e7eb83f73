#pragma once

#include <cstdint>

/// How often segments on sparse codes err, by counting (Ahmad and Hawkins 2016, arXiv:1601.00720;
/// derivations in Ahmad and Hawkins 2015, arXiv:1503.07469). A code has `active` of `units`; a
/// segment has `synapses` and matches from an overlap of `threshold` on. Probabilities are log10,
/// so that 1e-40 and less keep their digits. All throw ValueError naming the argument: threshold in
/// 1..synapses, synapses and active at most units, noise in [0, 1).
namespace callosum::nets {

struct Segment {
  std::int64_t units = 2048, active = 40;
  std::int64_t synapses = 20, threshold = 8;
};

/// A random code matches.
double log10_false_positive(const Segment& segment);
/// A stored pattern of which round(active (1 - noise)) units are still active does not match; help
/// from the units that noise activates is left out.
double log10_false_negative(const Segment& segment, double noise);
/// Different synapses of a segment that stores `patterns`, `segment.synapses` for each: the
/// expected number, units (1 - (1 - synapses / units)^patterns).
double expected_union(const Segment& segment, std::int64_t patterns);
/// Of a segment that stores several, with the expected number rounded.
double log10_union_false_positive(const Segment& segment, std::int64_t patterns);
/// The threshold at which the larger of both errors is least; the lower one of equals.
std::int64_t best_threshold(Segment segment, double noise);

}  // namespace callosum::nets
