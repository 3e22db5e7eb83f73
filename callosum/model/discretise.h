#pragma once

#include <map>
#include <string>
#include <vector>

#include "callosum/model/emitter.h"
#include "callosum/model/flat_model.h"

namespace callosum::model {

/// The name dt, with its unit.
ExpressionPtr dt_expression();

/// Values of names at one instant within the step being written.
using Instant = std::map<std::string, Value>;

/// Integration of all states over one dt.
class Discretiser {
 public:
  /// `start`: the value of each state and driven parameter at the start of the step. `refractory`:
  /// boolean value, or no_value when the model is never refractory.
  Discretiser(Emitter& emitter, const FlatModel& flat, const StepOptions& options,
              const std::map<std::string, Method>& methods, Emitter::Environment start,
              Value refractory);

  /// States after the step, arrivals and events not yet applied.
  Instant integrate();
  /// The update of each state as a person reads it.
  const std::map<std::string, std::string>& text() const { return text_; }

 private:
  Value exact(const FlatModel::State& s);
  Value propagated(const FlatModel::State& s, bool refractory);
  Value exponential_euler(const FlatModel::State& s);
  Instant explicit_steps();
  std::vector<const FlatModel::State*> explicit_states() const;
  int count_parts(const std::vector<const FlatModel::State*>& states) const;
  Instant explicit_part(const std::vector<const FlatModel::State*>& states, const Instant& base,
                        int part, int parts);
  Value clamp_free(const FlatModel::State& s, Value moved);
  bool reaches_clamped(const std::string& name) const;

  Emitter& emitter_;
  const FlatModel& flat_;
  const StepOptions& options_;
  const std::map<std::string, Method>& methods_;
  Emitter::Environment start_;
  Value refractory_;
  std::map<std::string, Row>
      rows_;  ///< of the exact states: over exact states and driven parameters
  std::map<std::string, std::string> text_;
};

inline constexpr Value no_value = 0xffffffffu;

}  // namespace callosum::model
