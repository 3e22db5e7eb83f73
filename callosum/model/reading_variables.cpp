#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "callosum/model/check_units.h"
#include "callosum/model/range.h"
#include "callosum/model/reading.h"
#include "callosum/model/symbolic.h"

// Variables and parameters: what is declared, what the equations say, initial values.
namespace callosum::model {

void Reading::check_reserved(const std::string& name, const SourceLocation& location) {
  if (!is_reserved(name)) return;
  problem({.where = "model '" + text_.name + "'",
           .what = "'" + name + "' is reserved",
           .got = name,
           .expected = "another name",
           .nearest = {},
           .location = location});
}

void Reading::declare_parameters() {
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
      if (detail.where.empty()) detail.where = "parameter '" + p.name + "' of '" + text_.name + "'";
      if (!detail.location || detail.location->file.empty()) detail.location = p.location;
      problem(std::move(detail));
    }
  }
}

bool Reading::is_declared(const std::string& name) const {
  return std::any_of(variables_.begin(), variables_.end(),
                     [&](const Variable& v) { return v.name == name && v.declared; });
}

bool Reading::reads_ends(const Expression& e) const {
  return text_.kind == ModelKind::synapse && symbolic::mentions(e, [&](const std::string& n) {
           return (n.ends_with("_pre") || n.ends_with("_post")) &&
                  std::none_of(variables_.begin(), variables_.end(),
                               [&](const Variable& v) { return v.name == n; });
         });
}

void Reading::check_equations() {
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

void Reading::check_cycles() {
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

void Reading::read_initial() {
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

}  // namespace callosum::model
