#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/nets/readout.h"
#include "reservoir.h"

namespace callosum::experiment {

/// How the two readouts learn.
struct LearnerOptions {
  enum class Rule {
    local,  ///< trace * error * gate
    force   ///< recursive least squares
  };
  Rule rule = Rule::local;
  double eta_when = 0.02;    ///< of z_A + z_B, every tick
  double eta_what = 0.005;   ///< of z_A - z_B, every tick; a trial's mean counts for all its ticks
  bool consolidates = true;  ///< "what" learns at the end of a trial, else every tick
  bool error = true;         ///< else the target takes the place of the error (Hebb)
  bool gate = true;          ///< else it learns on after the trial, with target 0
  bool traces = true;        ///< else each firing cell learns by the trace of another
};

/// Two readouts z_q = w_q x of a reservoir: outcomes A and B at a latency.
class Learner {
 public:
  /// No weight of the local rule leaves [-largest_weight, largest_weight], so that a rule without
  /// its error, or with another's traces, stays finite.
  static constexpr double largest_weight = 1;

  /// `active`: the cells that fire; `draw` says whose traces they exchange.
  Learner(std::size_t features, const LearnerOptions& options,
          const std::vector<std::uint32_t>& active, Stream draw);

  /// One trial in which outcome A (or B) occurs at `latency_ms`. `x` as Reservoir::run gives it;
  /// what goes beyond the trial is learned with target 0.
  void learn(const std::vector<double>& x, bool outcome_A, double latency_ms);
  /// All weights are 0, and FORCE has seen nothing.
  void begin_anew();

  /// z_A or z_B at every tick of a trial.
  std::vector<double> output(const std::vector<double>& x, bool of_A) const;
  const std::vector<double>& when() const { return when_; }  ///< w_A + w_B
  const std::vector<double>& what() const { return what_; }  ///< w_A - w_B
  double share_at_bound() const;                             ///< of these weights
  const LearnerOptions& options() const { return options_; }

  /// exp(-(t - L)^2 / (2 * 40^2)) at tick k.
  static double kernel(std::int64_t tick, double latency_ms);

 private:
  void learn_locally(const std::vector<double>& x, bool outcome_A, double latency_ms);
  void learn_force(const std::vector<double>& x, bool outcome_A, double latency_ms);
  double dot(const std::vector<double>& w, const double* x) const;

  std::size_t features_;
  LearnerOptions options_;
  std::vector<double> when_, what_;     ///< of z_A + z_B, of z_A - z_B
  std::vector<std::size_t> exchanged_;  ///< by whose trace each cell learns
  std::unique_ptr<nets::RecursiveLeastSquares> squares_;
};

}  // namespace callosum::experiment
