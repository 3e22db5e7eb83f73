#pragma once

#include <cstdint>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/network/network.h"

namespace callosum::sim {

/// Counts of a Poisson variable by inversion: one 32-bit word a draw, from a table of the
/// distribution function rounded to 2^-32. Its total-variation distance from the true distribution
/// is at most (entries + 1) * 2^-33, below 1e-8 for means up to 30.
class PoissonTable {
 public:
  explicit PoissonTable(double mean);
  static constexpr int group = 32;
  /// counts[i] for words[i]: how many thresholds the word reaches; a group of them.
  void count(const std::uint32_t* words, std::uint8_t* counts) const;
  static constexpr double largest_mean = 30;

 private:
  std::vector<std::uint32_t> thresholds_;  ///< at most 200; the last count takes what is left
};

/// A stimulus at work on the neurons of one network. Thread-safe for disjoint ranges of neurons.
class ActiveStimulus {
 public:
  /// `replica` keys what changes from step to step, not values that are drawn once.
  ActiveStimulus(const Network& network, const Stimulus& stimulus, std::uint64_t seed,
                 std::uint32_t replica = 0);

  const Stimulus& description() const { return stimulus_; }
  bool is_poisson() const { return stimulus_.kind == Stimulus::Kind::poisson; }
  /// Whether it draws random numbers as it runs.
  bool draws() const { return is_poisson() || stimulus_.kind == Stimulus::Kind::noise; }
  bool active(std::int64_t n) const {
    return n >= stimulus_.start && (stimulus_.stop < 0 || n < stimulus_.stop);
  }

  /// Adds the stimulus of step n to column[neuron] for the view's neurons within [begin, end).
  /// `draw` is the step that keys random numbers: n unless random numbers and time have been reset
  /// apart.
  template <class T>
  void add(T* column, std::uint32_t begin, std::uint32_t end, std::int64_t n, std::uint64_t draw);

 private:
  void refill(std::uint32_t low, std::uint32_t high, std::uint64_t quarter);
  /// What all neurons share in step n.
  double common(std::int64_t n) const;
  double value(std::uint32_t i) const { return values_[values_.size() == 1 ? 0 : i]; }

  const Stimulus& stimulus_;
  StreamKey key_;
  double dt_ms_;
  std::vector<double> values_, means_;  ///< one, or one a neuron of the view
  std::vector<std::uint32_t> neurons_;  ///< of the view, ascending
  /// One Philox call gives a neuron's counts of four steps: counts_[step % 4 * size + i], kept
  /// until the next four.
  std::vector<std::uint8_t> counts_;
  /// Which four steps the counts of a range are of, by its first lane over 64: no slice of a ring,
  /// so no range, is shorter.
  std::vector<std::uint64_t> quarters_;
  std::vector<PoissonTable> tables_;  ///< one when every mean is the same and small
};

}  // namespace callosum::sim
