#pragma once

#include <functional>
#include <string>
#include <vector>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"
#include "learner.h"
#include "reservoir.h"

namespace callosum::experiment {

/// Three phases without a reset of the weights: latency 300 ms and p_A 0.8, then p_A 0.2, then
/// latency 500 ms; measured on probes after 10, 40 and all trials of a phase.
void phases_study(const Trial& t, Outcome& out);
/// Fresh weights for each of five probabilities of A: how well the height tells it, and how the
/// weights of "when" and "what" lie to each other.
void probabilities_study(const Trial& t, Outcome& out);

// What both studies share.

struct Phase {
  double latency_ms, p_A;
};

/// What the readouts say on trials with a cue and no outcome, on average; nothing learns.
struct Probe {
  static constexpr double no_prediction = 0.1;  ///< summed height below which nothing is predicted

  double peak_ms = 0, height = 0, p_A = 0;  ///< of z_A + z_B; p_A = z_A/(z_A + z_B) at the peak
  std::vector<double> A, B;                 ///< z at every tick

  bool predicts() const { return height >= no_prediction; }
  /// |peak - latency|; a trial's length where nothing is predicted.
  double peak_error(double latency_ms) const;
  /// |p_A - p|; 1 where nothing is predicted.
  double p_error(double p) const;
  /// Of z_A and z_B to p * kernel, root mean square over the ticks.
  double error(const Phase& phase) const;
};
/// Ten trials.
Probe probe(Reservoir& reservoir, const Learner& learner);

/// The reservoir of an arm with its means taken, and how lively and repeatable it is.
Reservoir reservoir_of(const Trial& t, Outcome& out);
/// A learner of an arm, or with other options.
Learner learner_of(const Trial& t, const Reservoir& reservoir);
Learner learner_of(const Trial& t, const Reservoir& reservoir, const LearnerOptions& options);

/// Trials of a phase; outcomes are drawn from the stream `name`, which all arms share. `after` is
/// called with the number of trials done and the features of the last one.
void train(const Trial& t, Reservoir& reservoir, Learner& learner, const Phase& phase,
           const std::string& name,
           const std::function<void(std::int64_t, const std::vector<double>&)>& after);

}  // namespace callosum::experiment
