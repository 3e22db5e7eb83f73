#pragma once

#include <cstdint>
#include <vector>

#include "callosum/sim/simulation.h"

namespace callosum::experiment {

/// What may be changed of the reservoir, for ablations.
struct ReservoirOptions {
  std::uint32_t neurons = 800;
  double tonic = 3;           ///< input of every cell
  bool heterogeneous = true;  ///< else every excitatory cell recovers equally fast (a = 0.02)
  bool attention = true;      ///< a drive from the cue to the end of the trial
};

/// Heterogeneous Izhikevich neurons, and the traces of their spikes as features of a readout:
/// x_i = (r_i - mean_i)/(sd_i + 0.05) with r_i decaying by 20 to 400 ms, and a constant 1.
class Reservoir {
 public:
  static constexpr std::int64_t trial_ms = 800, tick_ms = 4, ticks = trial_ms / tick_ms;

  Reservoir(std::uint64_t seed, const ReservoirOptions& options);
  std::size_t features() const { return decay_.size() + 1; }

  /// Trials without learning that give the means and deviations (homeostasis).
  void standardise(int trials);
  /// One trial from rest: features at ticks 4, 8, ... ms after the cue, [tick][feature], for
  /// `ms` (the trial, or longer). Noise differs from trial to trial.
  std::vector<double> run(std::int64_t ms = trial_ms);

  double active_share() const { return active_share_; }  ///< of the cells, in the last trial
  double rate_hz() const { return rate_; }               ///< mean over cells, in the last trial
  /// The cells that fired while the features were standardised; traces of the others never move.
  const std::vector<std::uint32_t>& active() const { return active_; }

 private:
  std::vector<double> traces(std::int64_t ms);

  std::vector<double> decay_, mean_, deviation_;
  std::vector<std::uint32_t> active_;
  Simulation sim_;
  double active_share_ = 0, rate_ = 0;
};

/// The tonic input, 3 or the nearest in steps of 0.25, with which 20 to 90 % of the cells of the
/// whole reservoir fire in a trial, at 2 to 15 Hz on average. NumericalError where none does.
double settled_tonic(std::uint64_t seed, std::uint32_t neurons);

}  // namespace callosum::experiment
