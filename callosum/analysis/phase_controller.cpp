#include "callosum/analysis/phase_controller.h"

#include <cmath>
#include <limits>

#include "callosum/core/error.h"

namespace callosum::analysis {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
}

PhaseController::PhaseController(std::vector<Phase> phases)
    : phases_(std::move(phases)), best_(infinity), phase_best_(infinity) {
  if (phases_.empty())
    throw ValueError({.where = "phase controller", .what = "there are no phases"});
  for (const Phase& phase : phases_)
    if (!(phase.patience >= 1 && phase.improvement >= 0 && phase.longest >= 0))
      throw ValueError({.where = "phase '" + phase.name + "'",
                        .what = "a number is out of range",
                        .expected = "patience >= 1, improvement >= 0, longest >= 0"});
}

PhaseController::Action PhaseController::observe(double score) {
  if (frozen_)
    throw ValueError({.where = "phase controller", .what = "the last phase has ended already"});
  const Phase& now = phase();
  ++seen_;
  const bool better =
      std::isfinite(score) && (phase_best_ == infinity || score < phase_best_ - now.improvement);
  if (better) {
    phase_best_ = score;
    since_best_ = 0;
  } else {
    ++since_best_;
  }
  improved_ = better && score < best_;
  if (since_best_ >= now.patience || (now.longest > 0 && seen_ >= now.longest)) return end_phase();
  return Action::go_on;
}

PhaseController::Action PhaseController::end_phase() {
  const bool worse = !(phase_best_ < best_);
  if (!worse) best_ = phase_best_;
  phase_best_ = infinity;
  since_best_ = seen_ = 0;
  if (current_ + 1 == phases_.size()) {
    frozen_ = true;
    return Action::freeze;
  }
  ++current_;
  return worse ? Action::roll_back : Action::advance;
}

}  // namespace callosum::analysis
