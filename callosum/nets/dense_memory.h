#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "callosum/core/random.h"

namespace callosum::nets {

/// Archetypes xi and what is seen of them: examples whose entries agree with the archetype with
/// probability (1 + quality) / 2 (Alemanno et al. 2022, arXiv:2212.00606).
struct ExampleTask {
  std::int64_t units = 100, archetypes = 5, examples = 20;  ///< N, K, M >= 1
  double quality = 0.3;                                     ///< r, in (0, 1]
  /// (1 - r^2) / (M r^2), what the examples leave unknown of the archetypes.
  double entropy() const;
};
struct Examples {
  std::int64_t units = 0;
  std::vector<std::int8_t> archetypes;  ///< [archetype][unit], +-1
  std::vector<float> means;             ///< [archetype][unit], over the examples
  std::vector<float> single;            ///< [archetype * M + example][unit]; empty unless kept
};
/// \throws ValueError for sizes below 1 or a quality outside (0, 1].
Examples draw_examples(const ExampleTask& task, Stream& stream, bool keep_single = false);

/// How binary units are updated.
struct RelaxOptions {
  /// Inverse temperature on the scale of N sum_mu n_mu^P; infinity: sign of the field, no flip
  /// where it is 0.
  double beta = std::numeric_limits<double>::infinity();
  std::int64_t sweeps = 20;  ///< at most; without temperature it ends when nothing flips
};

/// Binary units s = +-1 with P-body interactions (Krotov and Hopfield 2016), energy
///   H = -N sum_mu n_mu^P,  n_mu = (1/N) sum_i w_mu,i s_i,
/// over patterns w of any real entries; pairwise (Hopfield 1982) for P = 2. Diagonal terms are part
/// of H and cancel in no difference: a flip is judged by the exact change of H. An update costs one
/// power a pattern: no tensor of N^P entries is built.
class DenseMemory {
 public:
  /// patterns: [pattern][unit]. \throws ShapeError; ValueError for an odd or non-positive order
  /// unless `any_order` (odd ones tell s from -s), or a pattern that is not finite.
  DenseMemory(std::vector<float> patterns, std::int64_t units, int order, bool any_order = false);

  std::int64_t units() const { return units_; }
  std::int64_t patterns() const { return static_cast<std::int64_t>(patterns_.size()) / units_; }

  /// n_mu, [pattern]. \throws ShapeError unless s has one entry a unit.
  std::vector<double> overlaps(std::span<const std::int8_t> s) const;
  double energy(std::span<const std::int8_t> s) const;
  /// H(s_i = -1) - H(s_i = +1), [unit], each with the other units as they are.
  std::vector<double> fields(std::span<const std::int8_t> s) const;

  /// Glauber dynamics in random order, in place. Returns the sweeps made.
  std::int64_t relax(std::span<std::int8_t> s, Stream& stream,
                     const RelaxOptions& options = {}) const;
  /// All units at once, to the sign of their field, until nothing changes or two states alternate.
  std::int64_t relax_together(std::span<std::int8_t> s, std::int64_t sweeps = 20) const;

 private:
  double power(double n) const;
  double field(const std::vector<double>& n, std::int64_t i, std::int8_t s) const;

  std::int64_t units_;
  int order_;
  std::vector<float> patterns_;  ///< [unit][pattern]: a flip walks one row
};

/// (1/N) sum_i a_i b_i.
double mattis_overlap(std::span<const std::int8_t> a, std::span<const std::int8_t> b);

/// m = erf(1 / sqrt(2 entropy)): overlap with the archetype of a unit that copies the sign of the
/// mean example (many examples, low load, no temperature).
double copied_overlap(double entropy);
/// One-step overlap with storage, signal against noise (2212.00606, sect. 4):
/// erf(r^P / sqrt(2 [R^P (2P-3)!! K / N^(P-1) + r^(2P-2) (1 - r^2)/M])), R = r^2 + (1 - r^2)/M.
double one_step_overlap(const ExampleTask& task, int order);
/// Overlap with the archetype in equilibrium at low load by the replica-symmetric equations
///   n = E[(r + s z) tanh(beta P n^(P-1) (r + s z))], m = E[tanh(...)], s^2 = (1 - r^2)/M,
/// z standard normal (41 Gauss-Hermite nodes), damped by a half from above, until it moves by less
/// than 1e-12: the solution with the largest overlap.
/// NumericalError when it does not settle in 10,000 steps.
double equilibrium_overlap(const ExampleTask& task, int order, double beta);

}  // namespace callosum::nets
