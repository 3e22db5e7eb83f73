#include "callosum/model/model.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "callosum/core/decimal.h"
#include "callosum/model/model_reader.h"
#include "callosum/model/range.h"

namespace callosum::model {

struct Model::Data : ModelParts {
  ModelText text;
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

Model::Model(const ModelText& text) {
  auto data = std::make_shared<Data>();
  data->text = text;
  static_cast<ModelParts&>(*data) = read_parts(data->text);
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

bool Model::post_first() const { return data_->text.coincidence == "post_first"; }
bool Model::deferred() const { return data_->text.updates == "deferred"; }

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

Model Model::weighing(Dimension weight) const {
  const auto& all = data_->variables;
  if (std::none_of(all.begin(), all.end(), [](const Variable& v) { return v.of_weight; }))
    return *this;
  auto copy = std::make_shared<Data>(*data_);
  for (Variable& v : copy->variables)
    if (v.of_weight) v.dimension = weight;
  Model result = *this;
  result.data_ = std::move(copy);
  return result;
}

Model Model::declaring(const std::string& name, Dimension dimension) const {
  auto copy = std::make_shared<Data>(*data_);
  Variable v;
  v.name = name;
  v.dimension = dimension;
  v.declared = true;
  v.value = 0;
  copy->variables.push_back(std::move(v));
  Model result = *this;
  result.data_ = std::move(copy);
  return result;
}

Model Model::between(const Model& pre, const Model& post) const {
  const auto& all = data_->variables;
  if (std::none_of(all.begin(), all.end(), [](const Variable& v) { return v.of_ends; }))
    return *this;
  auto copy = std::make_shared<Data>(*data_);
  const Ends ends{&pre, &post};
  static_cast<ModelParts&>(*copy) = read_parts(copy->text, &ends);
  for (Variable& v : copy->variables) {  // what with() and weighing() have changed
    const Variable& before = *data_->find(v.name);
    v.value = before.value;
    v.initial = before.initial;
    v.dimension = before.dimension;
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
    flag(v.of_weight, "of_weight");
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
  if (!data_->text.coincidence.empty()) text += "  coincidence " + data_->text.coincidence + "\n";
  if (!data_->text.updates.empty()) text += "  updates " + data_->text.updates + "\n";
  if (!data_->text.method.empty()) text += "  method " + data_->text.method + "\n";
  return text;
}

}  // namespace callosum::model
