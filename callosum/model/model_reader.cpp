#include "callosum/model/model_reader.h"

#include <optional>
#include <utility>

#include "callosum/model/equations.h"
#include "callosum/model/reading.h"

namespace callosum::model {
namespace {

const Variable* end_variable(const std::string& name, std::string_view suffix, const Model& end) {
  if (!name.ends_with(suffix)) return nullptr;
  return end.find(name.substr(0, name.size() - suffix.size()));
}

}  // namespace

ModelParts Reading::read() {
  ModelParts parts;
  variables_ = read_equations(text_.equations, problems_, unread_);
  declare_parameters();
  make_scope();
  check_equations();
  check_cycles();
  read_initial();
  read_events(parts.events);
  read_refractory(parts.refractory_time, parts.refractory_condition);
  // What a synapse's statements read is known only with the target's model: compile_on_pre checks
  // it.
  parts.on_pre = read_statements(text_.on_pre, problems_);
  parts.on_post = read_statements(text_.on_post, problems_);
  note_names(parts.on_pre);
  note_names(parts.on_post);
  find_unused();
  if (!problems_.empty()) throw ErrorList(std::move(problems_));
  parts.variables = std::move(variables_);
  return parts;
}

void Reading::problem(ErrorDetail detail) {
  // A name whose own line is wrong is known once that line is right.
  if (detail.what == "unknown name" && unread_.contains(detail.got)) return;
  if (detail.location && detail.location->line == 0) detail.location.reset();  // built in C++
  problems_.push_back(std::move(detail));
}

void Reading::make_scope() {
  scope_.lookup = [this](const std::string& name) -> std::optional<Known> {
    if (const auto local = locals_.find(name); local != locals_.end()) return local->second;
    for (const Variable& v : variables_)
      if (v.name == name) return used_.insert(name), Known{v.dimension, v.type};
    if (ends_ == nullptr) return std::nullopt;
    for (const auto& [suffix, end] : {std::pair("_pre", ends_->pre), {"_post", ends_->post}})
      if (const Variable* v = end_variable(name, suffix, *end)) return Known{v->dimension, v->type};
    return std::nullopt;
  };
  for (const Variable& v : variables_) scope_.candidates.push_back(v.name);
  for (const char* special : {"t", "dt", "i", "N", "xi", "lastspike", "not_refractory"})
    scope_.candidates.emplace_back(special);
}

void Reading::read_events(std::vector<Event>& events) {
  if (!text_.threshold.text.empty()) {
    Event spike{"spike", nullptr, {}};
    spike.condition = condition(text_.threshold);
    spike.actions = statements(text_.reset);
    events.push_back(std::move(spike));
  } else if (!text_.reset.text.empty()) {
    problem({.where = "model '" + text_.name + "'",
             .what = "a reset needs a threshold",
             .got = text_.reset.text,
             .expected = "threshold = \"...\"",
             .nearest = {},
             .location = text_.reset.at({0, 0})});
  }
  for (const EventText& e : text_.events) {
    if (e.name == "spike")
      problem({.where = "event 'spike' of '" + text_.name + "'",
               .what = "'spike' is the event of the threshold",
               .got = e.condition.text,
               .expected = "threshold and reset, or another name",
               .nearest = {},
               .location = e.condition.at({0, 0})});
    events.push_back({e.name, condition(e.condition), statements(e.action)});
  }
}

void Reading::find_unused() {
  // What a line that could not be read would have used is not known.
  if (!problems_.empty() || text_.kind == ModelKind::source) return;
  for (const ParameterText& p : text_.parameters)
    if (!used_.contains(p.name) && !is_declared(p.name))
      problem({.where = "parameter '" + p.name + "'",
               .what = "the parameter is never used",
               .got = p.name,
               .expected = {},
               .nearest = {},
               .location = p.location});
}

void Reading::note_names(const std::vector<Statement>& statements) {
  for (const Statement& s : statements) {
    used_.insert(s.target);
    note_names(*s.value);
  }
}

void Reading::note_names(const Expression& e) {
  if (e.kind == ExprKind::name) used_.insert(e.text);
  for (const ExpressionPtr& c : e.children) note_names(*c);
}

ModelParts read_parts(const ModelText& text, const Ends* ends) {
  return Reading(text, ends).read();
}

}  // namespace callosum::model
