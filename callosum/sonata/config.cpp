#include "callosum/sonata/config.h"

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/sonata/json_file.h"

namespace callosum::sonata {
namespace {

std::vector<TableFiles> tables(const JsonFile& file, const std::string& kind) {
  std::vector<TableFiles> all;
  const Json& networks = file.object(file.root(), "networks");
  for (const Json& entry : file.list(networks, kind)) {
    if (!entry.is_object())
      throw ValueError({.where = file.where("networks, " + kind),
                        .what = "an object that names a file is needed"});
    if (const auto enabled = entry.find("enabled"); enabled != entry.end() && *enabled == false)
      continue;
    const std::string table = file.text(entry, kind + "_file", "");
    if (table.empty())
      throw NameError({.where = file.where("networks, " + kind),
                       .what = "the table's file is not named",
                       .expected = "\"" + kind + "_file\""});
    const std::string types =
        file.text(entry, (kind == "nodes" ? "node" : "edge") + std::string("_types_file"), "");
    all.push_back({file.resolved(table), types.empty() ? "" : file.resolved(types)});
  }
  return all;
}

Scalar scalar(const JsonFile& file, const std::string& where, const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  if (value.is_string()) return value.get<std::string>();
  throw ValueError({.where = file.where(where),
                    .what = "a number or a text is needed",
                    .got = value.type_name()});
}

NodeSet node_set(const JsonFile& file, const std::string& name, const Json& given) {
  NodeSet set;
  const std::string where = "node set '" + name + "'";
  if (given.is_array()) {
    for (const Json& part : given) {
      if (!part.is_string())
        throw ValueError({.where = file.where(where), .what = "names of node sets are needed"});
      set.parts.push_back(part.get<std::string>());
    }
    return set;
  }
  if (!given.is_object())
    throw ValueError({.where = file.where(where), .what = "an object or a list is needed"});
  for (const auto& [key, values] : given.items()) {
    std::vector<Scalar>& all = set.rules[key];
    if (values.is_array())
      for (const Json& value : values) all.push_back(scalar(file, where, value));
    else
      all.push_back(scalar(file, where, values));
  }
  return set;
}

Input input(const JsonFile& file, const std::string& name, const Json& given) {
  const std::string where = "input '" + name + "'";
  if (!given.is_object())
    throw ValueError({.where = file.where(where), .what = "an object is needed"});
  Input in;
  in.name = name;
  in.type = file.text(given, "input_type", "");
  in.module = file.text(given, "module", "");
  const auto set = given.find("node_set");
  in.node_set = set != given.end() && set->is_string() ? set->get<std::string>()
                                                       : "input:" + name;  // given in place
  if (const std::string at = file.text(given, "input_file", ""); !at.empty())
    in.file = file.resolved(at);
  for (const auto& [key, value] : given.items()) {
    if (value.is_number()) in.numbers[key] = value.get<double>();
    if (value.is_string()) in.texts[key] = value.get<std::string>();
  }
  return in;
}

double positive(const JsonFile& file, const Json& from, const std::string& key, double fallback) {
  const double value = file.number(from, key).value_or(fallback);
  if (!(value > 0) || !std::isfinite(value))
    throw ValueError({.where = file.where(key),
                      .what = "a positive time is needed",
                      .got = std::to_string(value),
                      .expected = "milliseconds"});
  return value;
}

void read_sets(const JsonFile& file, SimulationConfig& config) {
  if (const std::string at = file.text(file.root(), "node_sets_file", ""); !at.empty()) {
    const JsonFile sets(file.resolved(at));
    for (const auto& [name, given] : sets.root().items())
      config.node_sets[name] = node_set(sets, name, given);
  }
}

void read_inputs_and_reports(const JsonFile& file, SimulationConfig& config) {
  for (const auto& [name, given] : file.object(file.root(), "inputs").items()) {
    config.inputs.push_back(input(file, name, given));
    if (const auto set = given.find("node_set"); set != given.end() && set->is_object())
      config.node_sets["input:" + name] = node_set(file, name, *set);
  }
  for (const auto& [name, given] : file.object(file.root(), "reports").items()) {
    if (!given.is_object())
      throw ValueError(
          {.where = file.where("report '" + name + "'"), .what = "an object is needed"});
    const auto enabled = given.find("enabled");
    if (enabled != given.end() && *enabled == false) continue;
    Report report{.name = name,
                  .cells = "report:" + name,
                  .variable = file.text(given, "variable_name", ""),
                  .file_name = file.text(given, "file_name", ""),
                  .dt_ms = file.number(given, "dt")};
    if (const auto cells = given.find("cells"); cells != given.end() && cells->is_object())
      config.node_sets[report.cells] = node_set(file, name, *cells);
    else
      report.cells = file.text(given, "cells", "");
    config.reports.push_back(report);
  }
}

}  // namespace

CircuitConfig read_circuit_config(const std::filesystem::path& path) {
  const JsonFile file(path);
  CircuitConfig config{.file = path};
  if (!file.root().contains("networks"))
    throw NameError({.where = file.where("circuit"),
                     .what = "the nodes and edges of the circuit are not named",
                     .expected = "\"networks\""});
  config.nodes = tables(file, "nodes");
  config.edges = tables(file, "edges");
  const Json& parts = file.object(file.root(), "components");
  const auto folder = [&](const char* key) -> std::filesystem::path {
    const std::string at = file.text(parts, key, "");
    return at.empty() ? path.parent_path() : file.resolved(at);
  };
  config.neuron_models = folder("point_neuron_models_dir");
  config.synapse_models = folder("synaptic_models_dir");
  config.simulator = file.text(file.root(), "target_simulator", "");
  return config;
}

SimulationConfig read_simulation_config(const std::filesystem::path& path) {
  const JsonFile file(path);
  SimulationConfig config{.file = path};
  if (file.root().contains("networks")) {  // the circuit itself
    config.circuit = path;
    config.output_dir = path.parent_path() / "output";
    return config;
  }
  if (const std::string other = file.text(file.root(), "simulation", ""); !other.empty()) {
    const std::filesystem::path at = file.resolved(other);
    if (JsonFile(at).root().contains("simulation"))
      throw ValueError({.where = file.where("simulation"), .what = "the file names another one"});
    config = read_simulation_config(at);
    if (const std::string circuit = file.text(file.root(), "network", ""); !circuit.empty())
      config.circuit = file.resolved(circuit);
    return config;
  }
  const std::string circuit = file.text(file.root(), "network", "");
  if (circuit.empty())
    throw NameError(
        {.where = file.where("circuit"), .what = "no circuit is named", .expected = "\"network\""});
  config.circuit = file.resolved(circuit);
  const Json& run = file.object(file.root(), "run");
  if (file.number(run, "tstart").value_or(0) != 0)
    throw UnsupportedError({.where = file.where("tstart"), .what = "a run starts at time 0"});
  config.tstop_ms = positive(file, run, "tstop", config.tstop_ms);
  config.dt_ms = positive(file, run, "dt", config.dt_ms);
  if (const auto seed = file.number(run, "random_seed"); seed && *seed >= 0 && *seed < 9e15)
    config.seed = static_cast<std::uint64_t>(*seed);
  config.v_init_mV = file.number(file.object(file.root(), "conditions"), "v_init");
  const Json& output = file.object(file.root(), "output");
  config.output_dir = file.resolved(file.text(output, "output_dir", "output"));
  config.spikes_file = file.text(output, "spikes_file", config.spikes_file);
  config.simulator = file.text(file.root(), "target_simulator", "");
  read_sets(file, config);
  read_inputs_and_reports(file, config);
  return config;
}

std::map<std::string, double> read_parameters(const std::filesystem::path& path) {
  const JsonFile file(path);
  std::map<std::string, double> all;
  for (const auto& [key, value] : file.root().items()) {
    if (!value.is_number() && !value.is_boolean())
      throw UnsupportedError({.where = file.where(key),
                              .what = "only numbers can be parameters",
                              .got = value.type_name()});
    all[key] = value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>();
  }
  return all;
}

}  // namespace callosum::sonata
