#include "callosum/model/model.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "callosum/core/decimal.h"
#include "callosum/model/check_units.h"
#include "callosum/model/equations.h"
#include "callosum/model/range.h"

namespace callosum::model {

struct Model::Data {
  ModelText text;
  std::vector<Variable> variables;
  std::vector<Event> events;
  std::vector<Statement> on_pre, on_post;
  ExpressionPtr refractory_time, refractory_condition;
  std::map<std::string, std::string, std::less<>> aliases;  // other name -> ours

  const Variable* find(std::string_view name) const {
    const auto alias = aliases.find(name);
    const std::string_view own = alias == aliases.end() ? name : std::string_view(alias->second);
    for (const Variable& v : variables)
      if (v.name == own) return &v;
    return nullptr;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Variable& v : variables) all.push_back(v.name);
    return all;
  }
};

namespace {

// Reads and checks one model, gathering every problem instead of stopping at the first.
class Reader {
 public:
  explicit Reader(const ModelText& text) : text_(text) {}

  void read(std::vector<Variable>& variables, std::vector<Event>& events,
            std::vector<Statement>& on_pre, std::vector<Statement>& on_post,
            ExpressionPtr& refractory_time, ExpressionPtr& refractory_condition) {
    variables_ = read_equations(text_.equations, problems_);
    declare_parameters();
    scope_.lookup = [this](const std::string& name) -> std::optional<Known> {
      for (const Variable& v : variables_)
        if (v.name == name) return used_.insert(name), Known{v.dimension, v.type};
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
      events.push_back(std::move(spike));
    } else if (!text_.reset.text.empty()) {
      problem({.where = "model '" + text_.name + "'",
               .what = "a reset needs a threshold",
               .got = text_.reset.text,
               .expected = "threshold = \"...\"",
               .nearest = {},
               .location = text_.reset.at({0, 0})});
    }
    for (const EventText& e : text_.events)
      events.push_back({e.name, condition(e.condition), statements(e.action)});
    read_refractory(refractory_time, refractory_condition);
    // What a synapse's statements read is known only with the target's model: compile_on_pre checks
    // it.
    on_pre = read_statements(text_.on_pre, problems_);
    on_post = read_statements(text_.on_post, problems_);
    note_names(on_pre);
    note_names(on_post);
    for (const ParameterText& p : text_.parameters)
      if (!used_.contains(p.name) && text_.kind != ModelKind::source)
        problem({.where = "parameter '" + p.name + "'",
                 .what = "the parameter is never used",
                 .got = p.name,
                 .expected = {},
                 .nearest = {},
                 .location = p.location});
    finish();
    variables = std::move(variables_);
  }

 private:
  void problem(ErrorDetail detail) { problems_.push_back(std::move(detail)); }
  void problem(const Error& error) { problems_.push_back(error.detail()); }

  void declare_parameters() {
    std::set<std::string> names;
    std::vector<Variable> kept;
    for (Variable& v : variables_) {
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

  ExpressionPtr checked(const SourceText& source, const ExpressionPtr& e) {
    return model::check_units(source, e, scope_);
  }

  void check_equations() {
    for (Variable& v : variables_) {
      if (!v.rhs) continue;
      try {
        v.rhs = checked(text_.equations, v.rhs);
        const bool zero = v.rhs->kind == ExprKind::number && v.rhs->value == 0;
        const bool state = v.kind == VariableKind::state;
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
    std::function<void(const Expression&)> walk = [&](const Expression& e) {
      if (e.kind == ExprKind::name) used_.insert(e.text);
      for (const ExpressionPtr& c : e.children) walk(*c);
    };
    for (const Statement& s : statements) {
      used_.insert(s.target);
      walk(*s.value);
    }
  }

  void finish() {
    if (problems_.empty()) return;
    throw ErrorList(std::move(problems_));
  }

  const ModelText& text_;
  std::vector<ErrorDetail> problems_;
  std::vector<Variable> variables_;
  Scope scope_;
  std::set<std::string> used_;
};

}  // namespace

Model::Model(const ModelText& text) {
  auto data = std::make_shared<Data>();
  data->text = text;
  Reader(data->text)
      .read(data->variables, data->events, data->on_pre, data->on_post, data->refractory_time,
            data->refractory_condition);
  for (const auto& [own, others] : text.parameter_aliases)
    for (const std::string& other : others)
      if (data->find(other) == nullptr) data->aliases[other] = own;
  data_ = std::move(data);
}

ModelKind Model::kind() const { return data_->text.kind; }
const std::string& Model::name() const { return data_->text.name; }
const ModelText& Model::text() const { return data_->text; }
const std::vector<Variable>& Model::variables() const { return data_->variables; }
const std::vector<Event>& Model::events() const { return data_->events; }
const std::vector<Statement>& Model::on_pre() const { return data_->on_pre; }
const std::vector<Statement>& Model::on_post() const { return data_->on_post; }
ExpressionPtr Model::refractory_time() const { return data_->refractory_time; }
ExpressionPtr Model::refractory_condition() const { return data_->refractory_condition; }
const std::string& Model::method() const { return data_->text.method; }
const Variable* Model::find(std::string_view name) const { return data_->find(name); }

const Variable& Model::at(std::string_view name) const {
  if (const Variable* v = find(name)) return *v;
  std::vector<std::string> names = data_->names();
  for (const auto& [other, own] : data_->aliases) names.push_back(other);
  throw NameError({.where = "model '" + data_->text.name + "'",
                   .what = "no variable of this name",
                   .got = std::string(name),
                   .expected = {},
                   .nearest = nearest_name(name, names),
                   .location = std::nullopt});
}

double Model::checked(std::string_view name, Quantity value) const {
  const Variable& v = at(name);
  if (v.kind == VariableKind::subexpression)
    throw ValueError({.where = "'" + v.name + "' of '" + data_->text.name + "'",
                      .what = "a subexpression cannot be set",
                      .got = callosum::to_string(value),
                      .expected = "a parameter or a state",
                      .nearest = {},
                      .location = std::nullopt});
  const double x =
      internal_value(value, v.dimension, "'" + v.name + "' of '" + data_->text.name + "'");
  check_range(v, x, callosum::to_string(value));
  return x;
}

Model Model::with(const std::map<std::string, Quantity>& values) const {
  auto copy = std::make_shared<Data>(*data_);
  for (const auto& [name, value] : values) {
    const double x = checked(name, value);
    for (Variable& v : copy->variables)
      if (v.name == at(name).name) {
        v.value = x;
        v.initial = nullptr;
      }
  }
  Model result = *this;
  result.data_ = std::move(copy);
  return result;
}

std::string Model::to_string() const {
  std::string text = "model " + data_->text.name + "\n";
  const auto flag = [&](bool is, const char* name) {
    if (is) text += std::string(" ") + name;
  };
  for (const Variable& v : data_->variables) {
    const char* kinds[] = {"state", "subexpression", "parameter"};
    text += std::string("  ") + kinds[static_cast<int>(v.kind)] + " " + v.name + " : " +
            v.dimension.internal_name();
    if (v.rhs) text += " <- " + model::to_string(*v.rhs);
    if (v.value) text += " = " + decimal::text(decimal::digits(*v.value), 0);
    if (v.initial) text += " = " + model::to_string(*v.initial);
    flag(v.unless_refractory, "unless_refractory");
    flag(v.constant, "constant");
    flag(v.constant_over_dt, "constant_over_dt");
    flag(v.shared, "shared");
    flag(v.summed, "summed");
    flag(v.event_driven, "event_driven");
    flag(v.clock_driven, "clock_driven");
    flag(v.linked, "linked");
    text += "\n";
  }
  const auto statements = [&](const char* what, const std::vector<Statement>& list) {
    for (const Statement& s : list)
      text += std::string("  ") + what + " " + s.target + " " + s.op + " " +
              model::to_string(*s.value) + "\n";
  };
  for (const Event& e : data_->events) {
    text += "  event " + e.name + " when " + model::to_string(*e.condition) + "\n";
    statements(("  " + e.name + ":").c_str(), e.actions);
  }
  if (data_->refractory_time)
    text += "  refractory for " + model::to_string(*data_->refractory_time) + "\n";
  if (data_->refractory_condition)
    text += "  refractory while " + model::to_string(*data_->refractory_condition) + "\n";
  statements("on_pre", data_->on_pre);
  statements("on_post", data_->on_post);
  if (!data_->text.method.empty()) text += "  method " + data_->text.method + "\n";
  return text;
}

}  // namespace callosum::model
