#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "callosum/model/model.h"
#include "callosum/model/step.h"

namespace callosum::model {

/// A model with its subexpressions written out: what discretisation works on.
struct FlatModel {
  struct State {
    std::string name;
    ExpressionPtr rhs;
    bool unless_refractory = false;
    Dimension dimension;
  };
  std::vector<State> states;
  std::vector<Event> events;
  ExpressionPtr refractory_time, refractory_condition;
  std::set<std::string>
      assigned;  ///< declared parameters that a reset changes: states without equation
  std::set<std::string> locals;  ///< names that hold a value between the statements of an event
  std::map<std::string, ExpressionPtr> subexpressions;  ///< written out too, for recorders

  const State* find(const std::string& name) const;
};

/// Inlines subexpressions and closes removable holes such as x/(exp(x)-1).
FlatModel flatten(const Model& model);
std::string to_string(const FlatModel& flat);

/// How each state advances.
enum class Method { exact, exponential_euler, euler, heun, rk2, rk4, milstein };
std::string_view name(Method method);

/// Names that change within a run: states, driven parameters, time, noise, draws.
using Changing = std::set<std::string>;

/// The method of every state: `options.method`, else the model's, else by analysis: exact for the
/// largest set of states that is linear with constant coefficients among itself and free of noise,
/// exponential Euler where a state is linear in itself, Euler otherwise. Throws UnsupportedError
/// naming the term that a demanded method cannot take.
std::map<std::string, Method> choose_methods(const Model& model, const FlatModel& flat,
                                             const StepOptions& options);

/// rhs of a state as sum over `others` of coefficient * other + rest; nullopt unless affine in all.
struct Row {
  std::map<std::string, ExpressionPtr> coefficients;  ///< zero ones left out
  ExpressionPtr rest;
};
std::optional<Row> affine_row(const ExpressionPtr& rhs, const std::vector<std::string>& others);

bool is_noise(const std::string& name);
/// Names no constant may hold: noise, time, spike times, draws.
bool is_moving(const std::string& name);

}  // namespace callosum::model
