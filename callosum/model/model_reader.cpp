#include "callosum/model/model_reader.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "callosum/model/check_units.h"
#include "callosum/model/equations.h"
#include "callosum/model/range.h"
#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

// Reads and checks one model, gathering every problem instead of stopping at the first.
class Reader {
 public:
  explicit Reader(const ModelText& text, const Ends* ends) : text_(text), ends_(ends) {}

  ModelParts read() {
    ModelParts parts;
    variables_ = read_equations(text_.equations, problems_, unread_);
    declare_parameters();
    scope_.lookup = [this](const std::string& name) -> std::optional<Known> {
      for (const Variable& v : variables_)
        if (v.name == name) return used_.insert(name), Known{v.dimension, v.type};
      if (ends_ == nullptr) return std::nullopt;
      for (const auto& [suffix, end] : {std::pair("_pre", ends_->pre), {"_post", ends_->post}})
        if (const Variable* v = end_variable(name, suffix, *end))
          return Known{v->dimension, v->type};
      return std::nullopt;
    };
    for (const Variable& v : variables_) scope_.candidates.push_back(v.name);
    for (const char* special : {"t", "dt", "i", "N", "xi", "lastspike", "not_refractory"})
      scope_.candidates.emplace_back(special);
    check_equations();
    check_cycles();
    read_initial();
    if (!text_.threshold.text.empty()) {
      Event spike{"spike", nullptr, {}};
      spike.condition = condition(text_.threshold);
      spike.actions = statements(text_.reset);
      parts.events.push_back(std::move(spike));
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
      parts.events.push_back({e.name, condition(e.condition), statements(e.action)});
    }
    read_refractory(parts.refractory_time, parts.refractory_condition);
    // What a synapse's statements read is known only with the target's model: compile_on_pre checks
    // it.
    parts.on_pre = read_statements(text_.on_pre, problems_);
    parts.on_post = read_statements(text_.on_post, problems_);
    note_names(parts.on_pre);
    note_names(parts.on_post);
    const bool readable = problems_.empty();
    // What a line that could not be read would have used is not known.
    for (const ParameterText& p : text_.parameters)
      if (readable && !used_.contains(p.name) && !is_declared(p.name) &&
          text_.kind != ModelKind::source)
        problem({.where = "parameter '" + p.name + "'",
                 .what = "the parameter is never used",
                 .got = p.name,
                 .expected = {},
                 .nearest = {},
                 .location = p.location});
    finish();
    parts.variables = std::move(variables_);
    return parts;
  }

 private:
  void problem(ErrorDetail detail) {
    // A name whose own line is wrong is known once that line is right.
    if (detail.what == "unknown name" && unread_.contains(detail.got)) return;
    if (detail.location && detail.location->line == 0) detail.location.reset();  // built in C++
    problems_.push_back(std::move(detail));
  }
  void problem(const Error& error) { problem(error.detail()); }
  void check_reserved(const std::string& name, const SourceLocation& location) {
    if (!is_reserved(name)) return;
    problem({.where = "model '" + text_.name + "'",
             .what = "'" + name + "' is reserved",
             .got = name,
             .expected = "another name",
             .nearest = {},
             .location = location});
  }

  void declare_parameters() {
    std::set<std::string> names;
    std::vector<Variable> kept;
    for (Variable& v : variables_) {
      check_reserved(v.name, text_.equations.at(v.span));
      if (!names.insert(v.name).second)
        problem({.where = text_.equations.name,
                 .what = "the name stands twice",
                 .got = v.name,
                 .expected = {},
                 .nearest = {},
                 .location = text_.equations.at(v.span)});
      else
        kept.push_back(std::move(v));
    }
    variables_ = std::move(kept);
    for (const ParameterText& p : text_.parameters) {
      check_reserved(p.name, p.location);
      try {
        Variable* declared = nullptr;
        for (Variable& v : variables_)
          if (v.name == p.name) declared = &v;
        if (declared != nullptr && declared->kind != VariableKind::parameter)
          throw NameError({.where = "parameter '" + p.name + "'",
                           .what = "the name is already a variable of the equations",
                           .got = p.name,
                           .expected = {},
                           .nearest = {},
                           .location = p.location});
        Variable v;
        if (declared != nullptr) v = *declared;
        v.name = p.name;
        v.doc = p.doc;
        if (!p.value.empty()) {
          const Quantity q = parse_quantity(p.value);
          if (declared != nullptr && q.dimension != declared->dimension)
            throw UnitError({.where = "parameter '" + p.name + "'",
                             .what = "its value and its declaration disagree",
                             .got = p.value,
                             .expected = readable(declared->dimension),
                             .nearest = {},
                             .location = p.location});
          v.dimension = q.dimension;
          v.value = q.internal();
        }
        set_range(v, p);
        if (v.value) check_range(v, *v.value, p.value);
        if (declared != nullptr)
          *declared = v;
        else
          variables_.push_back(v);
      } catch (const Error& error) {
        ErrorDetail detail = error.detail();
        if (detail.where.empty())
          detail.where = "parameter '" + p.name + "' of '" + text_.name + "'";
        if (!detail.location || detail.location->file.empty()) detail.location = p.location;
        problem(std::move(detail));
      }
    }
  }

  // `x : unit` may be there for others: synapses, recorders, a person.
  bool is_declared(const std::string& name) const {
    return std::any_of(variables_.begin(), variables_.end(),
                       [&](const Variable& v) { return v.name == name && v.declared; });
  }

  static const Variable* end_variable(const std::string& name, std::string_view suffix,
                                      const Model& end) {
    if (!name.ends_with(suffix)) return nullptr;
    return end.find(name.substr(0, name.size() - suffix.size()));
  }
  // Whether it names a variable of a neuron at one of the synapse's ends.
  bool reads_ends(const Expression& e) const {
    return text_.kind == ModelKind::synapse && symbolic::mentions(e, [&](const std::string& n) {
             return (n.ends_with("_pre") || n.ends_with("_post")) &&
                    std::none_of(variables_.begin(), variables_.end(),
                                 [&](const Variable& v) { return v.name == n; });
           });
  }

  ExpressionPtr checked(const SourceText& source, const ExpressionPtr& e) {
    return model::check_units(source, e, scope_);
  }

  void check_equations() {
    for (Variable& v : variables_) {
      if (!v.rhs) continue;
      try {
        const bool state = v.kind == VariableKind::state;
        v.of_ends = reads_ends(*v.rhs);
        if (v.of_ends && ends_ == nullptr) {
          note_names(*v.rhs);
          continue;
        }
        if (state && v.type != ValueType::real)
          throw UnitError({.where = text_.equations.name,
                           .what = "a state with an equation has a unit, not a type",
                           .got = v.type == ValueType::boolean ? "boolean" : "integer",
                           .expected = "a base unit such as 'volt', or '1'",
                           .nearest = {},
                           .location = text_.equations.at(v.span)});
        v.rhs = checked(text_.equations, v.rhs);
        const bool zero = v.rhs->kind == ExprKind::number && v.rhs->value == 0;
        const Dimension expected = state ? v.dimension / dimension::time : v.dimension;
        if ((v.rhs->type == ValueType::boolean) != (v.type == ValueType::boolean))
          throw UnitError({.where = text_.equations.name,
                           .what = "'" + v.name + "' and its right side differ in type",
                           .got = v.rhs->type == ValueType::boolean ? "a condition" : "a number",
                           .expected = v.type == ValueType::boolean ? "a condition" : "a number",
                           .nearest = {},
                           .location = text_.equations.at(v.rhs->span)});
        if (!zero && v.rhs->dimension != expected)
          throw UnitError({.where = text_.equations.name,
                           .what = state ? "the unit of d" + v.name + "/dt does not fit"
                                         : "the unit of '" + v.name + "' does not fit",
                           .got = "a right side in " + readable(v.rhs->dimension),
                           .expected = readable(expected) +
                                       (state ? " (the unit of '" + v.name + "' per second)" : ""),
                           .nearest = {},
                           .location = text_.equations.at(v.rhs->span)});
      } catch (const Error& error) {
        problem(error);
      }
    }
  }

  void check_cycles() {
    std::map<std::string, int> state;  // 1: on the path, 2: done
    std::vector<std::string> path;
    std::function<bool(const std::string&)> visit = [&](const std::string& name) {
      const auto at = std::find_if(variables_.begin(), variables_.end(),
                                   [&](const Variable& v) { return v.name == name; });
      if (at == variables_.end() || at->kind != VariableKind::subexpression || state[name] == 2)
        return true;
      path.push_back(name);
      if (state[name] == 1) return false;
      state[name] = 1;
      std::function<bool(const Expression&)> walk = [&](const Expression& e) {
        if (e.kind == ExprKind::name && !visit(e.text)) return false;
        return std::all_of(e.children.begin(), e.children.end(),
                           [&](const ExpressionPtr& c) { return walk(*c); });
      };
      if (at->rhs && !walk(*at->rhs)) return false;
      state[name] = 2;
      path.pop_back();
      return true;
    };
    for (const Variable& v : variables_)
      if (v.kind == VariableKind::subexpression && !visit(v.name)) {
        std::string cycle;
        const auto start = std::find(path.begin(), path.end(), path.back());
        for (auto it = start; it != path.end(); ++it) cycle += (it == start ? "" : " -> ") + *it;
        problem({.where = text_.equations.name,
                 .what = "subexpressions that depend on themselves",
                 .got = cycle,
                 .expected = {},
                 .nearest = {},
                 .location = text_.equations.at(v.span)});
        return;
      }
  }

  void read_initial() {
    for (const ParameterText& p : text_.initial) {
      const auto v = std::find_if(variables_.begin(), variables_.end(),
                                  [&](const Variable& x) { return x.name == p.name; });
      if (v == variables_.end() || v->kind != VariableKind::state) {
        problem({.where = "initial values of '" + text_.name + "'",
                 .what = "no state of this name",
                 .got = p.name,
                 .expected = {},
                 .nearest = nearest_name(p.name, scope_.candidates),
                 .location = p.location});
        continue;
      }
      try {
        SourceText source{"initial value of '" + p.name + "'", p.value, p.location.line};
        Quantity number;
        try {
          number = parse_quantity(p.value);
        } catch (const Error&) {
          v->initial =
              checked(source, parse_expression(source, {0, static_cast<int>(p.value.size())}));
          if (v->initial->dimension != v->dimension)
            throw UnitError({.where = source.name,
                             .what = "the unit does not fit",
                             .got = readable(v->initial->dimension),
                             .expected = readable(v->dimension),
                             .nearest = {},
                             .location = p.location});
          continue;
        }
        v->value = internal_value(number, v->dimension, source.name);
      } catch (const Error& error) {
        problem(error);
      }
    }
    for (Variable& v : variables_)
      if (v.kind == VariableKind::state && !v.value && !v.initial) v.value = 0;
  }

  ExpressionPtr condition(const SourceText& source) {
    try {
      ExpressionPtr e =
          checked(source, parse_expression(source, {0, static_cast<int>(source.text.size())}));
      if (e->type != ValueType::boolean)
        throw UnitError({.where = source.name,
                         .what = "this is no condition",
                         .got = source.text,
                         .expected = "a comparison such as 'V_m > V_th'",
                         .nearest = {},
                         .location = source.at({0, 0})});
      return e;
    } catch (const Error& error) {
      problem(error);
      return nullptr;
    }
  }

  std::vector<Statement> statements(const SourceText& source) {
    std::vector<Statement> read = read_statements(source, problems_);
    for (Statement& s : read) {
      try {
        const auto v = std::find_if(variables_.begin(), variables_.end(),
                                    [&](const Variable& x) { return x.name == s.target; });
        if (v == variables_.end())
          throw NameError({.where = source.name,
                           .what = "unknown name",
                           .got = s.target,
                           .expected = {},
                           .nearest = nearest_name(s.target, scope_.candidates),
                           .location = source.at(s.span)});
        if (v->kind != VariableKind::state && !v->declared)
          throw NameError({.where = source.name,
                           .what = "only states can be assigned",
                           .got = s.target,
                           .expected = {},
                           .nearest = {},
                           .location = source.at(s.span)});
        used_.insert(s.target);
        s.value = checked(source, s.value);
        const bool scales = s.op == "*=" || s.op == "/=";
        const Dimension expected = scales ? Dimension() : v->dimension;
        const bool zero = s.value->kind == ExprKind::number && s.value->value == 0;
        if (s.value->dimension != expected && !(zero && !scales))
          throw UnitError({.where = source.name,
                           .what = "the unit of '" + s.target + "' does not fit",
                           .got = readable(s.value->dimension),
                           .expected = readable(expected),
                           .nearest = {},
                           .location = source.at(s.span)});
      } catch (const Error& error) {
        problem(error);
      }
    }
    return read;
  }

  void read_refractory(ExpressionPtr& time, ExpressionPtr& condition) {
    const SourceText& source = text_.refractory;
    if (source.text.empty()) return;
    try {
      SourceText plain = source;
      Quantity number;
      ExpressionPtr e;
      try {
        number = parse_quantity(source.text);
        e = Expression::number(number.internal(), number.dimension);
      } catch (const Error&) {
        e = checked(plain, parse_expression(plain, {0, static_cast<int>(plain.text.size())}));
      }
      if (e->type == ValueType::boolean)
        condition = e;
      else if (e->dimension == dimension::time)
        time = e;
      else
        throw UnitError({.where = source.name,
                         .what = "refractory is a time or a condition",
                         .got = readable(e->dimension),
                         .expected = "second",
                         .nearest = {},
                         .location = source.at({0, 0})});
    } catch (const Error& error) {
      problem(error);
    }
  }

  void note_names(const std::vector<Statement>& statements) {
    for (const Statement& s : statements) {
      used_.insert(s.target);
      note_names(*s.value);
    }
  }
  void note_names(const Expression& e) {
    if (e.kind == ExprKind::name) used_.insert(e.text);
    for (const ExpressionPtr& c : e.children) note_names(*c);
  }

  void finish() {
    if (problems_.empty()) return;
    throw ErrorList(std::move(problems_));
  }

  const ModelText& text_;
  const Ends* ends_;
  std::vector<ErrorDetail> problems_;
  std::vector<Variable> variables_;
  Scope scope_;
  std::set<std::string> used_;
  std::set<std::string> unread_;  ///< what the lines that cannot be read would have defined
};

}  // namespace

ModelParts read_parts(const ModelText& text, const Ends* ends) { return Reader(text, ends).read(); }

}  // namespace callosum::model
