#include "callosum/model/shared_states.h"

#include <algorithm>

#include "callosum/model/flat_model.h"
#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

// Decides which states of a synapse one of its sides has for itself.
class Sharing {
 public:
  Sharing(const Model& synapse, const Model& post, const std::map<std::string, Row>& rows,
          const std::set<std::string>& uniform, const std::map<std::string, double>& initial)
      : synapse_(synapse), post_(post), rows_(rows), uniform_(uniform), initial_(initial) {
    subexpressions_ = flatten(synapse).subexpressions;
  }

  std::vector<std::string> of(const std::vector<Statement>& own,
                              const std::vector<Statement>& others, bool of_target) const {
    std::set<std::string> states;
    for (const auto& [name, row] : rows_)
      if (moves_alone(name, row, of_target) && assigned(own, name) && !assigned(others, name))
        states.insert(name);
    // A state that depends on one that is not shared is not shared.
    for (bool shrunk = true; shrunk;) {
      shrunk = std::erase_if(states, [&](const std::string& name) {
                 return !std::all_of(own.begin(), own.end(), [&](const Statement& s) {
                   return s.target != name || reads_only(s, states, of_target);
                 });
               }) > 0;
    }
    return {states.begin(), states.end()};
  }

 private:
  // Between events it depends on itself and constants, and no other state on it.
  bool moves_alone(const std::string& name, const Row& row, bool of_target) const {
    const auto first = initial_.find(name);
    if (first == initial_.end()) return false;
    if (of_target && !(first->second == 0 && symbolic::is_number(*row.rest, 0))) return false;
    for (const auto& [other, coefficient] : row.coefficients)
      if (other != name || !is_uniform(coefficient)) return false;
    for (const auto& [other, its] : rows_)
      if (other != name && its.coefficients.contains(name)) return false;
    return is_uniform(row.rest);
  }

  bool reads_only(const Statement& s, const std::set<std::string>& states, bool of_target) const {
    return !symbolic::mentions(
        *symbolic::substitute(s.value, subexpressions_), [&](const std::string& n) {
          if (n == "dt" || uniform_.contains(n) || states.contains(n)) return false;
          const bool target_has = of_target && synapse_.find(n) == nullptr && n.size() > 5 &&
                                  n.ends_with("_post") &&
                                  post_.find(n.substr(0, n.size() - 5)) != nullptr;
          return !target_has;
        });
  }

  bool is_uniform(const ExpressionPtr& e) const {
    return !symbolic::mentions(
        *e, [&](const std::string& n) { return n != "dt" && !uniform_.contains(n); });
  }

  static bool assigned(const std::vector<Statement>& statements, const std::string& name) {
    return std::any_of(statements.begin(), statements.end(),
                       [&](const Statement& s) { return s.target == name; });
  }

  const Model& synapse_;
  const Model& post_;
  const std::map<std::string, Row>& rows_;
  const std::set<std::string>& uniform_;
  const std::map<std::string, double>& initial_;
  std::map<std::string, ExpressionPtr> subexpressions_;
};

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool SharedStates::of_source(const std::string& name) const { return holds(source, name); }
bool SharedStates::of_target(const std::string& name) const { return holds(target, name); }

SharedStates shared_states(const Model& synapse, const Model& post,
                           const std::map<std::string, Row>& rows,
                           const std::set<std::string>& uniform,
                           const std::map<std::string, double>& initial) {
  const Sharing sharing(synapse, post, rows, uniform, initial);
  return {.source = sharing.of(synapse.on_pre(), synapse.on_post(), false),
          .target = sharing.of(synapse.on_post(), synapse.on_pre(), true)};
}

}  // namespace callosum::model
