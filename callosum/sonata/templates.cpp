#include "callosum/sonata/templates.h"

#include <cmath>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/library/library.h"

namespace callosum::sonata {
namespace {

using model::Model;
using model::Variable;
using model::VariableKind;

struct Split {
  std::string schema, resource;
};
Split split(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

/// The shipped models of a kind that a simulator has, by its names.
std::map<std::string, std::string> known(model::ModelKind kind, const std::string& simulator) {
  std::map<std::string, std::string> all;
  for (const std::string& name : library::names(kind)) {
    const auto aliases = library::find(name).text().aliases;
    if (const auto alias = aliases.find(simulator); alias != aliases.end())
      all[alias->second] = name;
  }
  return all;
}

Model of_simulator(model::ModelKind kind, const Split& wanted, const std::string& where) {
  const auto all = known(kind, wanted.schema);
  const auto found = all.find(wanted.resource);
  if (found != all.end()) return library::find(found->second);
  std::vector<std::string> names;
  std::string list;
  for (const auto& [alias, name] : all) {
    names.push_back(alias);
    list += (list.empty() ? "" : ", ") + alias;
  }
  throw NameError({.where = where + ", model_template",
                   .what = "there is no counterpart of this " +
                           (wanted.schema == "nest" ? std::string("NEST") : "PyNN") + " model",
                   .got = wanted.resource,
                   .expected = "one of " + list,
                   .nearest = nearest_name(wanted.resource, names)});
}

Model own(model::ModelKind kind, const std::string& resource, const std::filesystem::path& models) {
  if (resource.ends_with(".toml"))
    return Model(model::read_model_file((models / resource).string()));
  return kind == model::ModelKind::synapse ? library::synapse(resource) : library::find(resource);
}

double pynn_factor(const Model& m, const Variable& v) {
  // nF, nA and uS; but a, the coupling of adaptation, is in nS, and frequencies in Hz.
  if (v.dimension == dimension::capacitance || v.dimension == dimension::current) return 1e3;
  if (v.dimension == dimension::conductance)
    return m.name().starts_with("adex") && v.name == "a" ? 1 : 1e3;
  return v.dimension == dimension::frequency ? 1e-3 : 1;
}

}  // namespace

std::pair<std::string, double> Template::parameter(const std::string& name, double value,
                                                   const std::string& where) const {
  const Variable* found = model.find(name);
  if (found == nullptr || found->kind == VariableKind::subexpression) {
    std::vector<std::string> names;
    for (const Variable& v : model.variables())
      if (v.kind != VariableKind::subexpression) names.push_back(v.name);
    throw NameError({.where = where + ", dynamics_params",
                     .what = "'" + model.name() + "' has no such parameter",
                     .got = name,
                     .nearest = nearest_name(name, names)});
  }
  const double own = simulator == Simulator::pynn ? value * pynn_factor(model, *found) : value;
  model.checked(found->name, Quantity::from_internal(own, found->dimension));
  return {found->name, own};
}

std::string Template::target(bool excites, const std::string& where) const {
  const std::string port = excites ? "_ex" : "_in";
  for (const char* start : {"K", "h", "g", "I"})
    if (const Variable* v = model.find(start + port); v && v->kind == VariableKind::state)
      return v->name;
  if (const Variable* v = model.find("V_m"); v && v->kind == VariableKind::state) return v->name;
  throw UnsupportedError({.where = where,
                          .what = "'" + model.name() + "' has no state that takes spikes",
                          .expected = "the edges' attribute target_variable"});
}

double Template::weight(const std::string& target, double given) const {
  const Variable& v = model.at(target);
  const double own = simulator == Simulator::pynn ? given * pynn_factor(model, v) : given;
  return v.dimension == dimension::conductance && simulator != Simulator::callosum ? std::abs(own)
                                                                                   : own;
}

Template point_neuron(const std::string& text, const std::filesystem::path& models,
                      const std::string& where) {
  const Split wanted = split(text);
  if (wanted.schema == "nest")
    return {Template::Simulator::nest, of_simulator(model::ModelKind::neuron, wanted, where)};
  if (wanted.schema == "pynn")
    return {Template::Simulator::pynn, of_simulator(model::ModelKind::neuron, wanted, where)};
  if (wanted.schema == "callosum")
    return {Template::Simulator::callosum, own(model::ModelKind::neuron, wanted.resource, models)};
  throw UnsupportedError({.where = where + ", model_template",
                          .what = "this kind of template is not for point neurons of callosum",
                          .got = text,
                          .expected = "nest:MODEL, pynn:MODEL or callosum:MODEL",
                          .nearest = nearest_name(wanted.schema, std::vector<std::string>{
                                                                     "nest", "pynn", "callosum"})});
}

Model synapse_model(const std::string& text, const std::filesystem::path& models,
                    const std::string& where) {
  const Split wanted = split(text);
  if (text.empty()) return library::synapse("static");
  if (wanted.schema == "nest" || wanted.schema == "pynn")
    return of_simulator(model::ModelKind::synapse, wanted, where);
  if (wanted.schema.empty() || wanted.schema == "callosum")
    return own(model::ModelKind::synapse, wanted.resource, models);
  throw UnsupportedError({.where = where + ", model_template",
                          .what = "this kind of template is no synapse of callosum",
                          .got = text,
                          .expected = "nest:MODEL, pynn:MODEL or callosum:MODEL"});
}

}  // namespace callosum::sonata
