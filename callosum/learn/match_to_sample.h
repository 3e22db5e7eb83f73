#pragma once

#include "callosum/learn/samples.h"

namespace callosum::learn {

/// Delayed match to sample with spikes: a direction is shown, nothing, then a direction again; was
/// it the same? Input neurons prefer directions spread over the circle and fire as Bernoulli trials
/// a step, at rate background + peak exp(kappa (cos(direction - preferred) - 1)) while a direction
/// is shown (von Mises tuning). After the task of Wang et al. 2024 (BrainPy, arXiv 2311.05106,
/// section 5.3, and the authors' code).
struct MatchToSample {
  std::uint32_t units = 100;
  std::int64_t directions = 8;
  double kappa = 2;  ///< concentration of the tuning
  double peak_hz = 40, background_hz = 1;
  double fixation_ms = 500, sample_ms = 500, delay_ms = 1000, test_ms = 500;
  double dt_ms = 10;

  std::int64_t steps() const;       ///< of a trial
  std::int64_t test_steps() const;  ///< the last ones, in which the answer is asked for
};

/// `trials` trials; trial k depends on seed and first + k alone. Label 1: the same direction, in
/// half of them on average; 0: one of the others. Throws ValueError for a rate of more than one
/// spike a step, a period that is no multiple of dt, fewer than two directions, or no trial.
SpikeSamples match_trials(const MatchToSample& task, std::int64_t trials, std::uint64_t seed,
                          std::uint64_t first = 0);

}  // namespace callosum::learn
