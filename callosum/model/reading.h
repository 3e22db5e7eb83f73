#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/model/check_units.h"
#include "callosum/model/model_reader.h"

namespace callosum::model {

/// One model while it is read and checked: gathers every problem instead of stopping at the first.
class Reading {
 public:
  Reading(const ModelText& text, const Ends* ends) : text_(text), ends_(ends) {}

  /// Everything in turn. Throws ErrorList.
  ModelParts read();

 private:
  // model_reader.cpp
  void problem(ErrorDetail detail);
  void problem(const Error& error) { problem(error.detail()); }
  void make_scope();
  void read_events(std::vector<Event>& events);
  void find_unused();
  void note_names(const std::vector<Statement>& statements);
  void note_names(const Expression& e);

  // reading_variables.cpp
  void check_reserved(const std::string& name, const SourceLocation& location);
  void declare_parameters();
  /// `x : unit` may be there for others: synapses, recorders, a person.
  bool is_declared(const std::string& name) const;
  /// Whether it names a variable of a neuron at one of the synapse's ends.
  bool reads_ends(const Expression& e) const;
  void check_equations();
  void check_cycles();
  void read_initial();

  // reading_events.cpp
  ExpressionPtr condition(const SourceText& source);
  std::vector<Statement> statements(const SourceText& source);
  void hold_local(Statement& statement, const SourceText& source);
  void check_statement(Statement& statement, const SourceText& source);
  void read_refractory(ExpressionPtr& time, ExpressionPtr& condition);

  ExpressionPtr checked(const SourceText& source, const ExpressionPtr& e) {
    return check_units(source, e, scope_);
  }

  const ModelText& text_;
  const Ends* ends_;
  std::vector<ErrorDetail> problems_;
  std::vector<Variable> variables_;
  Scope scope_;
  std::map<std::string, Known> locals_;  ///< names that hold a value between statements
  std::set<std::string> used_;
  std::set<std::string> unread_;  ///< what the lines that cannot be read would have defined
};

}  // namespace callosum::model
