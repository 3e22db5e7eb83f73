#include "callosum/sonata/node_parameters.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum::sonata {
namespace {

using Given = std::map<std::string, std::vector<double>>;

/// What neurons have that are not named while others of the population are.
double default_of(const model::Model& m, const std::string& name, const std::string& where) {
  if (const auto value = m.at(name).value) return *value;
  throw ValueError({.where = where + ", dynamics_params",
                    .what = "a value is needed for every node of the population",
                    .got = name});
}

/// PyNN's cells with conductances have tau_m where the library's have g_L.
void leak_from_time_constant(const Nodes& nodes, const std::vector<std::uint32_t>& positions,
                             const model::Model& m, Given& given) {
  const auto tau = nodes.parameters.find("tau_m");
  if (tau == nodes.parameters.end() || m.find("tau_m") != nullptr || m.find("g_L") == nullptr)
    return;
  const auto capacity = given.find("C_m");
  std::vector<double> leak(positions.size(), m.at("g_L").value.value_or(0));
  for (std::size_t k = 0; k < positions.size(); ++k) {
    const double t = tau->second[positions[k]];
    if (std::isnan(t)) continue;
    leak[k] = (capacity == given.end() ? m.at("C_m").value.value_or(0) : capacity->second[k]) / t;
  }
  given["g_L"] = leak;
}

Given given_values(const Nodes& nodes, const std::vector<std::uint32_t>& positions,
                   const Template& kind) {
  const std::string where = "SONATA nodes '" + nodes.name + "'";
  const model::Model& m = kind.model;
  Given given;
  for (const auto& [name, all] : nodes.parameters) {
    if (name == "tau_m" && m.find("tau_m") == nullptr && m.find("g_L") != nullptr) continue;
    for (std::size_t k = 0; k < positions.size(); ++k) {
      const double value = all[positions[k]];
      if (std::isnan(value)) continue;
      const auto [own, converted] = kind.parameter(name, value, where);
      std::vector<double>& values = given[own];
      if (values.empty()) values.assign(positions.size(), std::nan(""));
      values[k] = converted;
    }
  }
  for (auto& [name, values] : given)
    for (double& x : values)
      if (std::isnan(x)) x = default_of(m, name, where);
  leak_from_time_constant(nodes, positions, m, given);
  return given;
}

}  // namespace

Values values_of(const std::vector<double>& all, Dimension d) {
  const bool one = std::all_of(all.begin(), all.end(), [&](double x) { return x == all.front(); });
  return one ? Values(Quantity::from_internal(all.front(), d)) : Values::array(all, d);
}

PopulationOptions node_parameters(const Nodes& nodes, const std::vector<std::uint32_t>& positions,
                                  const Template& kind, std::optional<double> v_init_mV) {
  PopulationOptions out;
  for (const auto& [name, all] : given_values(nodes, positions, kind)) {
    const model::Variable& v = kind.model.at(name);
    (v.kind == model::VariableKind::state ? out.initial : out.parameters)
        .insert({name, values_of(all, v.dimension)});
  }
  const model::Variable* v = kind.model.find("V_m");
  if (v_init_mV && v != nullptr && v->dimension == dimension::voltage &&
      !out.initial.contains("V_m"))
    out.initial.insert({"V_m", Quantity::from_internal(*v_init_mV, v->dimension)});
  return out;
}

}  // namespace callosum::sonata
