#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "callosum/model/check_units.h"
#include "callosum/model/emitter.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/model.h"

namespace callosum::model {

/// Writes what happens in a synapse at one event (`on_pre`, `on_post`) as a program, lane =
/// synapse. Slots named as the user wrote them: "weight" and other synapse variables (state),
/// "x_post" (parameter), names in `uniform` (parameters with one value for all synapses, and what
/// derives from them). Stores: synapse variables that changed, and "add(g_ex)" (state): the term
/// that goes to the target's accumulator.
class SynapseStatements {
 public:
  /// `target`: what "target" means, a variable of `post`. `uniform`: parameters that are the same
  /// for all synapses and that nothing changes.
  SynapseStatements(std::string name, const Model& synapse, const Model& post, std::string target,
                    std::set<std::string> uniform);

  /// Variables of the synapse that are read elsewhere: slot "x_post" (parameter) of the name given.
  void link(std::map<std::string, std::string> to) { links_ = std::move(to); }

  /// Variables that the program moves without storing them: somebody else does.
  void keep_elsewhere(const std::vector<std::string>& names) {
    elsewhere_.insert(names.begin(), names.end());
  }

  /// Writes the statements in order. `x = e` with a new name that a later statement reads holds a
  /// value for these statements alone. Names in `held` keep their value whatever is assigned to
  /// them. Throws UnsupportedError with the additive form when a statement assigns to, or uses
  /// nonlinearly, a variable of the target.
  void write(const std::vector<Statement>& statements, const SourceText& source,
             const std::set<std::string>& held = {});
  /// Post variables that receive terms, in order of the statements.
  const std::vector<std::string>& targets() const { return targets_; }

  /// The present value of a synapse variable, and what it becomes.
  Value now(const std::string& name) { return load(name); }
  void become(const std::string& name, Value value);
  /// A checked expression of synapse variables at present.
  Value value(const ExpressionPtr& e);
  /// Adds a checked expression, which may read "x_pre", to a variable of the target.
  void add(const std::string& post, const ExpressionPtr& e);

  bool is_own(const std::string& name) const;
  /// The post variable that a name means.
  std::string resolved(const std::string& name) const;
  Emitter& emitter() { return emitter_; }

 private:
  bool is_helper(const std::string& name, std::span<const Statement> later) const;
  std::optional<Known> known(const std::string& name) const;
  Value load(const std::string& name);
  void add_term(const std::string& post, Value term);
  void check_dimension(const Statement& s, const Expression& value, const SourceText& source) const;
  [[noreturn]] void additive_only(const Statement& s, const SourceText& source) const;

  const Model& synapse_;
  const Model& post_;
  std::string target_;
  std::set<std::string> uniform_, elsewhere_;
  std::map<std::string, std::string> links_;
  std::map<std::string, ExpressionPtr> subexpressions_;
  Emitter emitter_;
  Scope scope_;
  std::map<std::string, std::pair<Known, Value>> helpers_;
  std::map<std::string, Value> changed_, terms_;
  std::vector<std::string> targets_;
};

}  // namespace callosum::model
