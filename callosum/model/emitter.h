#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "callosum/model/builder.h"
#include "callosum/model/expression.h"

namespace callosum::model {

/// Writes expressions into the two programs of a model: what depends on constants alone goes into
/// the program of constants and comes back as a derived slot.
class Emitter {
 public:
  /// `constant(name)`: the name is a parameter that the engine does not drive; `lane(name)`: it has
  /// one value per neuron. `dimension(name)` is its dimension.
  struct Names {
    std::function<bool(const std::string&)> constant;
    std::function<bool(const std::string&)> lane;
    std::function<Dimension(const std::string&)> dimension;
  };
  using Environment = std::function<Value(const std::string&)>;

  Emitter(std::string name, Names names);

  /// Constants are written into the step itself: for programs that have no program of constants.
  void keep_together() { together_ = true; }

  Builder& step() { return step_; }
  Builder& constants() { return constants_; }

  bool is_constant(const Expression& e) const;
  bool is_lane(const Expression& e) const;

  /// The value of `e` in the step. Names that are no constants are asked of `environment`; "rand()"
  /// and "randn()" become draws.
  Value emit(const ExpressionPtr& e, const Environment& environment);
  /// A condition.
  Value emit_condition(const ExpressionPtr& e, const Environment& environment);

  /// The value of a constant expression within the program of constants.
  Value emit_constant(const ExpressionPtr& e);
  /// Makes `value` of the program of constants the derived slot `name`, and loads it in the step.
  Value derive(const std::string& name, Value value, bool lane, Dimension dimension);
  /// A constant expression in the step: numbers and names as they are, the rest derived.
  Value hoist(const ExpressionPtr& e);
  /// A constant parameter as the step sees it.
  Value parameter(const std::string& name);

 private:
  Value apply(Builder& builder, const Expression& e,
              const std::function<Value(const ExpressionPtr&)>& child);
  Value draw(const char* name, SlotKind kind);

  Names names_;
  Builder step_, constants_;
  int draws_ = 0;
  bool together_ = false;
};

}  // namespace callosum::model
