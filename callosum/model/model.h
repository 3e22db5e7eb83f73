#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/units.h"
#include "callosum/model/model_text.h"

namespace callosum::model {

enum class VariableKind {
  state,          ///< dx/dt = ...
  subexpression,  ///< x = ...
  parameter,      ///< from [parameters], or `x : unit` in the equations
};

/// One name of a model. Values are in internal units.
struct Variable {
  std::string name;
  VariableKind kind = VariableKind::parameter;
  ValueType type = ValueType::real;
  Dimension dimension;
  ExpressionPtr rhs;  ///< states: the derivative; subexpressions: the value
  bool unless_refractory = false;
  bool constant = false;
  bool constant_over_dt = false;
  bool shared = false;
  bool summed = false;
  bool event_driven = false;
  bool clock_driven = false;
  bool linked = false;
  bool of_weight = false;       ///< synapses, `x : weight`: has the unit of the projection's weight
  bool of_ends = false;         ///< synapses: reads `x_pre` or `x_post`; unchecked until between()
  bool declared = false;        ///< a parameter declared in the equations rather than given a value
  std::optional<double> value;  ///< parameters: the default; states: the initial value
  ExpressionPtr initial;        ///< states: initial value as an expression, when not a number
  std::string doc;
  std::optional<double> minimum, maximum;  ///< range, internal units
  bool minimum_open = false, maximum_open = false;
  Span span;
};

/// `target op value`, op one of = += -= *= /= , and := where target is a name of an event's own
/// that holds a value for the statements after it.
struct Statement {
  std::string target;
  std::string op;
  ExpressionPtr value;
  Span span;
};

/// A condition checked after integration and arrivals, and what it triggers.
struct Event {
  std::string name;  ///< "spike" for the threshold
  ExpressionPtr condition;
  std::vector<Statement> actions;
};

/// A model that has been read and checked: names resolved, units agree, quantities are plain
/// numbers in internal units. Immutable; copies share.
class Model {
 public:
  /// Parses and checks. Throws ErrorList holding everything that is wrong.
  explicit Model(const ModelText& text);

  ModelKind kind() const;
  const std::string& name() const;
  const ModelText& text() const;
  const std::vector<Variable>& variables() const;     ///< in the order written
  const Variable* find(std::string_view name) const;  ///< by name or alias; null when unknown
  const Variable& at(std::string_view name) const;    ///< NameError with the nearest name
  const std::vector<Event>& events() const;           ///< the threshold first, as "spike"
  const std::vector<Statement>& on_pre() const;
  const std::vector<Statement>& on_post() const;
  bool post_first() const;  ///< at equal time on_post comes before on_pre
  bool deferred() const;    ///< on_post shows in the weight from the next presynaptic spike on
  ExpressionPtr refractory_time() const;       ///< null unless refractory is a time
  ExpressionPtr refractory_condition() const;  ///< null unless refractory is a condition
  const std::string& method() const;           ///< "" when the integrator is to be chosen

  /// A copy with other defaults. All or nothing. Throws NameError (nearest name), UnitError,
  /// ValueError (range).
  Model with(const std::map<std::string, Quantity>& values) const;

  /// A copy whose variables `x : weight` have this dimension. Itself where there are none.
  Model weighing(Dimension weight) const;

  /// A copy with a further parameter, 0, that no equation reads: a place for others to write. Its
  /// name may be one that no equation could hold ("A of learning").
  Model declaring(const std::string& name, Dimension dimension) const;

  /// A synapse whose equations read variables of the neurons it joins (`V_m_pre`, `V_m_post`),
  /// with these checked against the two models. Itself where no equation does. Throws ErrorList.
  Model between(const Model& pre, const Model& post) const;

  /// `value` in internal units after checking unit and range of parameter or state `name`.
  double checked(std::string_view name, Quantity value) const;

  /// Stable text of the whole checked model: equal models print equal.
  std::string to_string() const;

 private:
  struct Data;
  std::shared_ptr<const Data> data_;
};

}  // namespace callosum::model
