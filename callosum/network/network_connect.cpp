#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/model/plastic_program.h"
#include "callosum/network/checks.h"
#include "callosum/network/delays.h"
#include "callosum/network/network.h"
#include "callosum/network/positions.h"

namespace callosum {

namespace {

std::vector<std::string> names(const std::vector<Projection>& projections) {
  std::vector<std::string> result;
  for (const Projection& p : projections) result.push_back(p.name);
  return result;
}

/// The target variable under the model's own name; its dimension, or none without one.
const model::Variable* target(const Population& to, const SynapseOptions& synapse,
                              const std::string& where) {
  // A synapse model may name the variables it adds to by itself.
  if (synapse.target.empty() && synapse.model) return nullptr;
  checks::Kinds kinds = checks::states;
  if (!synapse.source_variable.empty())
    kinds = {.state = true, .parameter = true, .plural = "states and parameters"};
  return &checks::variable(to.model, synapse.target, kinds, where + ", target");
}

bool names_weight(const model::Expression& e) {
  if (e.kind == model::ExprKind::name) return e.text == "weight";
  return std::any_of(e.children.begin(), e.children.end(),
                     [](const model::ExpressionPtr& child) { return names_weight(*child); });
}

/// What a weight is measured in.
Dimension weight_dimension(const Population& from, const model::Variable* target,
                           SynapseOptions& synapse, const std::string& where) {
  if (!synapse.source_variable.empty()) {
    if (synapse.model)
      throw UnsupportedError({.where = where,
                              .what = "a continuous projection has no synapse model",
                              .got = "'" + synapse.model->name() + "'",
                              .expected = "weight * source_variable alone"});
    const model::Variable& source = checks::variable(
        from.model, synapse.source_variable,
        {.state = true, .parameter = true, .subexpression = true, .plural = "variables"},
        where + ", source_variable");
    synapse.source_variable = source.name;
    return target->dimension / source.dimension;
  }
  if (!synapse.model) return target->dimension;
  if (const model::Variable* weight = synapse.model->find("weight")) return weight->dimension;
  // Models that say `target += weight` need not declare what a weight is.
  const auto uses = [](const std::vector<model::Statement>& statements) {
    return std::any_of(statements.begin(), statements.end(), [](const model::Statement& s) {
      return s.target == "weight" || names_weight(*s.value);
    });
  };
  if (uses(synapse.model->on_pre()) || uses(synapse.model->on_post()))
    return target ? target->dimension : synapse.weight.dimension();
  if (!(synapse.weight == Values(1.0)))
    throw NameError({.where = where,
                     .what = "synapse model '" + synapse.model->name() + "' uses no weight",
                     .got = "a weight",
                     .expected = "no weight, or a model with one"});
  return {};
}

void synapse_model(SynapseOptions& synapse, std::size_t elements, const std::string& where) {
  if (!synapse.model) {
    if (!synapse.parameters.empty())
      throw NameError({.where = where,
                       .what = "a static synapse has no parameters",
                       .got = "'" + synapse.parameters.begin()->first + "'",
                       .expected = "weight and delay, or a synapse model"});
    return;
  }
  const model::Model& model = *synapse.model;
  for (const auto& [name, values] : synapse.parameters) {
    const model::Variable* v = model.find(name);
    if (v && v->name == "weight")
      throw NameError({.where = where,
                       .what = "the weight is given among the parameters",
                       .got = "'" + name + "'",
                       .expected = "the option weight"});
    if (v) checks::synapse_values(values, v->dimension, elements, where + ", '" + name + "'");
  }
  synapse.parameters = checks::assignments(
      synapse.parameters, model,
      {.state = true, .parameter = true, .plural = "parameters and states"}, elements, where);
  checks::open_parameters(model, synapse.parameters, where);
}

/// Distances are defined between the two populations.
void common_space(const Population& from, const Population& to, const std::string& why,
                  const std::string& where) {
  for (const Population* p : {&from, &to})
    if (!p->space)
      throw ValueError(
          {.where = where,
           .what = why + " needs positions, and population '" + p->name + "' has no space",
           .expected = "a space for both populations"});
  const Space &a = *from.space, &b = *to.space;
  if (a.dimensions != b.dimensions || a.wrap != b.wrap || (a.wrap && a.extent_um != b.extent_um))
    throw ShapeError({.where = where,
                      .what = why + " needs one space, and those of '" + from.name + "' and '" +
                              to.name + "' differ",
                      .expected = "equal dimensions and wrap, and equal extents when wrapped"});
}

void dendritic_delay(const SynapseOptions& synapse, const TimeGrid& grid,
                     const std::string& where) {
  const Quantity d = *synapse.dendritic_delay;
  if (!synapse.model || !model::is_plastic(*synapse.model))
    throw UnsupportedError({.where = where + ", dendritic_delay",
                            .what = "only plastic synapses tell where on the way they are",
                            .got = to_string(d),
                            .expected = "the delay alone"});
  if (d.dimension != dimension::time)
    throw UnitError({.where = where + ", dendritic_delay",
                     .what = "the unit does not fit",
                     .got = to_string(d),
                     .expected = "a time such as 0.5 ms"});
  if (grid.steps(d, where + ", dendritic_delay") < 0)
    throw ValueError({.where = where + ", dendritic_delay",
                      .what = "a delay is not negative",
                      .got = to_string(d),
                      .expected = "0 ms or more"});
}

void velocity(Quantity v, const std::string& where) {
  if (v.dimension != dimension::length / dimension::time)
    throw UnitError({.where = where + ", velocity",
                     .what = "the unit does not fit",
                     .got = to_string(v),
                     .expected = "length / time, such as 0.3 m/s"});
  if (!(v.si > 0 && std::isfinite(v.si)))
    throw ValueError({.where = where + ", velocity",
                      .what = "not positive and finite",
                      .got = to_string(v),
                      .expected = "a positive speed"});
}

void weight_precision(const SynapseOptions& synapse, const std::string& where) {
  if (synapse.weight_precision == WeightPrecision::full) return;
  const bool drawn = !synapse.weight.is_constant() && synapse.weight.kind() != Values::Kind::array;
  if (drawn && !synapse.model && synapse.source_variable.empty()) return;
  throw UnsupportedError({.where = where + ", weight_precision",
                          .what = "half precision is for drawn weights of static synapses",
                          .got = !drawn          ? "a weight that is not drawn"
                                 : synapse.model ? "synapse model '" + synapse.model->name() + "'"
                                                 : "a continuous projection",
                          .expected = "full"});
}

void rows(const SynapseOptions& synapse, const Rule& rule, const std::string& where) {
  if (synapse.rows == Rows::stored) return;
  const bool by_row =
      rule.kind == Rule::Kind::fixed_probability || rule.kind == Rule::Kind::fixed_outdegree ||
      rule.kind == Rule::Kind::fixed_total_number || rule.kind == Rule::Kind::all_to_all;
  if (by_row && !synapse.model && synapse.source_variable.empty() &&
      synapse.weight.kind() != Values::Kind::array &&
      !(synapse.delay && synapse.delay->kind() == Values::Kind::array) && !synapse.velocity)
    return;
  throw UnsupportedError(
      {.where = where + ", rows",
       .what = "rows can be drawn again only for static synapses of rules that draw by source",
       .got = !by_row         ? "another rule"
              : synapse.model ? "synapse model '" + synapse.model->name() + "'"
                              : "explicit values, a velocity or a continuous projection",
       .expected = "fixed_probability, fixed_outdegree, fixed_total_number or all_to_all with "
                   "constant or drawn weights and delays; or rows = \"stored\""});
}

}  // namespace

Projection Network::checked(View from, View to, Rule rule, SynapseOptions synapse,
                            const std::vector<std::string>& taken) const {
  std::string where = synapse.name.empty() ? "projection" : "projection '" + synapse.name + "'";
  checks::view(from, populations_, where + ", from");
  checks::view(to, populations_, where + ", to");
  const Population &source = populations_[from.population], &sink = populations_[to.population];
  const auto described = [&](const std::string& variable) {
    return source.name + " -> " + sink.name + (variable.empty() ? "" : " : " + variable);
  };
  if (synapse.name.empty()) where = "projection '" + described(synapse.target) + "'";
  const model::Variable* variable = target(sink, synapse, where);
  const std::string name =
      checks::unique_name(synapse.name, described(variable ? variable->name : ""), taken, where);
  where = "projection '" + name + "'";

  const bool by_spikes =
      synapse.source_variable.empty() && !(synapse.model && synapse.model->on_pre().empty());
  if (by_spikes && source.model.kind() == model::ModelKind::neuron && source.model.events().empty())
    throw ValueError({.where = where,
                      .what = "population '" + source.name + "' never spikes: '" +
                              source.model.name() + "' has no threshold",
                      .expected = "a source that spikes, or a source_variable"});
  checks::rule(rule, from, to, where);
  const std::size_t elements = checks::elements(rule, from, to);
  if (synapse.model && synapse.model->kind() != model::ModelKind::synapse)
    throw ValueError({.where = where,
                      .what = "'" + synapse.model->name() + "' is not a synapse model",
                      .expected = "a model of kind synapse"});
  if (synapse.model) synapse.model = synapse.model->between(source.model, sink.model);
  const Dimension of_weight = weight_dimension(source, variable, synapse, where);
  checks::synapse_values(synapse.weight, of_weight, elements, where + ", weight");
  if (synapse.model) synapse.model = synapse.model->weighing(of_weight);
  synapse_model(synapse, elements, where);
  checks::links(synapse, to, populations_, grid_, where);
  if (rule.kind == Rule::Kind::distance_probability)
    common_space(source, sink, "distance_probability", where);
  if (synapse.velocity) {
    velocity(*synapse.velocity, where);
    common_space(source, sink, "a velocity", where);
  }
  weight_precision(synapse, where);
  rows(synapse, rule, where);
  if (synapse.dendritic_delay) dendritic_delay(synapse, grid_, where);
  if (synapse.delay)
    checks::synapse_values(*synapse.delay, dimension::time, elements, where + ", delay");
  Delays(grid_, synapse, synapse.velocity ? largest_distance(*source.space, *sink.space) : 0,
         where);

  if (variable) synapse.target = variable->name;
  synapse.name = name;
  return {name, std::move(from), std::move(to), std::move(rule), std::move(synapse)};
}

std::uint32_t Network::connect(View from, View to, Rule rule, SynapseOptions synapse) {
  projections_.push_back(checked(std::move(from), std::move(to), std::move(rule),
                                 std::move(synapse), names(projections_)));
  return static_cast<std::uint32_t>(projections_.size() - 1);
}

void Network::replace(std::uint32_t projection, View from, View to, Rule rule,
                      SynapseOptions synapse) {
  std::vector<std::string> others = names(projections_);
  others.erase(others.begin() + projection);
  if (synapse.name.empty()) synapse.name = projections_[projection].name;
  projections_[projection] =
      checked(std::move(from), std::move(to), std::move(rule), std::move(synapse), others);
}

}  // namespace callosum
