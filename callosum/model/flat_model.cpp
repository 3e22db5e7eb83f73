#include "callosum/model/flat_model.h"

#include <algorithm>
#include <array>
#include <functional>

#include "callosum/model/symbolic.h"

namespace callosum::model {

const FlatModel::State* FlatModel::find(const std::string& name) const {
  for (const State& s : states)
    if (s.name == name) return &s;
  return nullptr;
}

namespace {

// Subexpressions that each use the one before twice double the text with every line.
constexpr std::size_t most_terms = 20000;

std::size_t count_terms(const ExpressionPtr& e, std::map<const Expression*, std::size_t>& known) {
  if (const auto found = known.find(e.get()); found != known.end()) return found->second;
  std::size_t terms = 1;
  for (const ExpressionPtr& child : e->children)
    terms = std::min(most_terms + 1, terms + count_terms(child, known));
  return known[e.get()] = terms;
}

}  // namespace

FlatModel flatten(const Model& model) {
  FlatModel flat;
  std::vector<ExpressionPtr> alive;  // so that no address in `terms` is used again
  std::map<const Expression*, std::size_t> terms;
  std::function<ExpressionPtr(const ExpressionPtr&)> open =
      [&](const ExpressionPtr& e) -> ExpressionPtr {
    if (e->kind == ExprKind::name) {
      if (const auto known = flat.subexpressions.find(e->text); known != flat.subexpressions.end())
        return known->second;
      const Variable* v = model.find(e->text);
      if (v == nullptr || v->kind != VariableKind::subexpression || v->name != e->text) return e;
      return flat.subexpressions[v->name] = open(v->rhs);
    }
    if (e->children.empty()) return e;
    auto copy = std::make_shared<Expression>(*e);
    for (ExpressionPtr& child : copy->children) child = open(child);
    return copy;
  };
  const auto whole = [&](const ExpressionPtr& e) {
    if (!e) return e;
    alive.push_back(open(e));
    if (count_terms(alive.back(), terms) > most_terms)
      throw UnsupportedError({.where = "model '" + model.name() + "'",
                              .what = "an expression is too long once its subexpressions are in it",
                              .got = {},
                              .expected = "at most " + std::to_string(most_terms) + " terms",
                              .nearest = {},
                              .location = std::nullopt});
    return symbolic::guard_holes(alive.back());
  };
  for (const Variable& v : model.variables()) {
    if (v.kind == VariableKind::state)
      flat.states.push_back({v.name, whole(v.rhs), v.unless_refractory, v.dimension});
    if (v.kind == VariableKind::subexpression) flat.subexpressions[v.name] = whole(v.rhs);
  }
  for (Event event : model.events()) {
    event.condition = whole(event.condition);
    for (Statement& s : event.actions) {
      s.value = whole(s.value);
      if (s.op == ":=")
        flat.locals.insert(s.target);
      else if (flat.find(s.target) == nullptr)
        flat.assigned.insert(s.target);
    }
    flat.events.push_back(std::move(event));
  }
  flat.refractory_time = whole(model.refractory_time());
  flat.refractory_condition = whole(model.refractory_condition());
  return flat;
}

std::string to_string(const FlatModel& flat) {
  std::string text;
  for (const auto& s : flat.states)
    text += "d" + s.name + "/dt = " + to_string(*s.rhs) +
            (s.unless_refractory ? "  (unless refractory)" : "") + "\n";
  for (const Event& e : flat.events) {
    text += "on " + e.name + " when " + to_string(*e.condition) + ":\n";
    for (const Statement& s : e.actions)
      text += "  " + s.target + " " + s.op + " " + to_string(*s.value) + "\n";
  }
  if (flat.refractory_time) text += "refractory for " + to_string(*flat.refractory_time) + "\n";
  if (flat.refractory_condition)
    text += "refractory while " + to_string(*flat.refractory_condition) + "\n";
  return text;
}

std::string_view name(Method method) {
  constexpr std::array<std::string_view, 7> names{
      "exact", "exponential_euler", "euler", "heun", "rk2", "rk4", "milstein"};
  return names[static_cast<std::size_t>(method)];
}

bool is_noise(const std::string& name) { return name == "xi" || name.starts_with("xi_"); }
bool is_moving(const std::string& name) {
  return is_noise(name) || name == "t" || name == "t_in_timesteps" || name == "lastspike" ||
         name == "not_refractory" || name == "rand()" || name == "randn()";
}

std::optional<Row> affine_row(const ExpressionPtr& rhs, const std::vector<std::string>& others) {
  Row row{{}, rhs};
  for (const std::string& other : others) {
    const auto split = symbolic::affine(row.rest, other);
    if (!split) return std::nullopt;
    // A coefficient must be free of the others too, or the sum is no longer linear.
    for (const std::string& another : others)
      if (symbolic::mentions(*split->slope, another)) return std::nullopt;
    if (!symbolic::is_number(*split->slope, 0)) row.coefficients[other] = split->slope;
    row.rest = split->rest;
  }
  return row;
}

namespace {

std::vector<std::string> driven_list(const StepOptions& options) {
  return {options.driven.begin(), options.driven.end()};
}

// The largest set of states that is linear with constant coefficients among itself.
std::set<std::string> linear_states(const FlatModel& flat, const StepOptions& options) {
  std::set<std::string> linear;
  for (const auto& s : flat.states) linear.insert(s.name);
  const auto fits = [&](const FlatModel::State& s) {
    std::vector<std::string> names(linear.begin(), linear.end());
    for (const std::string& d : driven_list(options)) names.push_back(d);
    const auto row = affine_row(s.rhs, names);
    if (!row) return false;
    const auto moves = [&](const std::string& n) {
      return is_moving(n) || flat.find(n) != nullptr || flat.assigned.contains(n) ||
             options.driven.contains(n);
    };
    if (symbolic::mentions(*row->rest, moves)) return false;
    return std::none_of(row->coefficients.begin(), row->coefficients.end(),
                        [&](const auto& c) { return symbolic::mentions(*c.second, moves); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& s : flat.states)
      if (linear.contains(s.name) && !fits(s)) {
        linear.erase(s.name);
        changed = true;
      }
  }
  return linear;
}

[[noreturn]] void refuse(const Model& model, const FlatModel::State& s, std::string_view method,
                         const char* why) {
  const Variable& v = model.at(s.name);
  throw UnsupportedError(
      {.where = "integrator of '" + model.name() + "'",
       .what = "d" + s.name + "/dt cannot be integrated by " + std::string(method),
       .got = to_string(*v.rhs),
       .expected = why,
       .nearest = {},
       .location = model.text().equations.at(v.rhs->span)});
}

}  // namespace

std::map<std::string, Method> choose_methods(const Model& model, const FlatModel& flat,
                                             const StepOptions& options) {
  std::string wanted = options.method.empty() ? model.method() : options.method;
  if (wanted == "linear") wanted = "exact";
  const std::set<std::string> linear = linear_states(flat, options);
  std::map<std::string, Method> methods;
  const auto conditionally_linear = [](const FlatModel::State& s) {
    return symbolic::affine(s.rhs, s.name).has_value() && !symbolic::mentions(*s.rhs, is_noise);
  };
  if (wanted.empty()) {
    for (const auto& s : flat.states)
      methods[s.name] = linear.contains(s.name)   ? Method::exact
                        : conditionally_linear(s) ? Method::exponential_euler
                                                  : Method::euler;
    return methods;
  }
  std::vector<std::string> known;
  std::optional<Method> method;
  for (int m = 0; m <= static_cast<int>(Method::milstein); ++m) {
    known.emplace_back(name(static_cast<Method>(m)));
    if (known.back() == wanted) method = static_cast<Method>(m);
  }
  if (!method)
    throw NameError({.where = "integrator of '" + model.name() + "'",
                     .what = "unknown method",
                     .got = wanted,
                     .expected = {},
                     .nearest = nearest_name(wanted, known),
                     .location = std::nullopt});
  for (const auto& s : flat.states) {
    if (*method == Method::exact && !linear.contains(s.name))
      refuse(model, s, wanted, "equations linear in all states with constant coefficients");
    if (*method == Method::exponential_euler && !linear.contains(s.name) &&
        !conditionally_linear(s))
      refuse(model, s, wanted, "an equation linear in its own state and without noise");
    const bool noisy = symbolic::mentions(*s.rhs, is_noise);
    if (noisy && (*method == Method::rk2 || *method == Method::rk4))
      refuse(model, s, wanted, "an equation without noise; with noise: euler, heun or milstein");
    methods[s.name] = *method;
  }
  return methods;
}

}  // namespace callosum::model
