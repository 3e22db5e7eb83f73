#include "callosum/sonata/circuit_of.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"
#include "callosum/data/hdf5_writer.h"
#include "callosum/format/write_values.h"
#include "callosum/library/library.h"
#include "callosum/sim/drawn_synapses.h"
#include "callosum/sim/simulation.h"
#include "callosum/sonata/json_file.h"
#include "callosum/sonata/layout.h"
#include "callosum/sonata/output.h"
#include "callosum/sonata/stimuli.h"

namespace callosum::sonata {
namespace {

using data::Hdf5Number;
using model::VariableKind;

constexpr int type_id = 100;

/// A name as part of a file's name.
std::string file_stem(std::size_t number, const std::string& name) {
  std::string stem = std::to_string(number) + "_" + name;
  for (char& c : stem)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  return stem;
}

bool all_equal(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); });
}

std::vector<double> as_numbers(const std::vector<std::uint32_t>& values) {
  return {values.begin(), values.end()};
}

std::vector<double> counted(std::size_t n) {
  std::vector<double> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<double>(i);
  return all;
}

/// A model of the library that differs from `m` in defaults alone; nothing when there is none.
std::optional<model::Model> shipped(const model::Model& m) {
  const auto names = library::names();
  if (std::find(names.begin(), names.end(), m.name()) == names.end()) return {};
  std::map<std::string, Quantity> defaults;
  for (const model::Variable& v : m.variables())
    if (v.kind == VariableKind::parameter && v.value && !v.declared)
      defaults[v.name] = Quantity::from_internal(*v.value, v.dimension);
  const model::Model known = library::find(m.name());
  for (const auto& [name, value] : defaults)
    if (known.find(name) == nullptr) return {};
  if (known.with(defaults).to_string() != m.to_string()) return {};
  return known;
}

class Exporter {
 public:
  Exporter(const std::filesystem::path& folder, const Network& network,
           const CircuitOptions& options)
      : folder_(folder),
        network_(network),
        options_(options),
        start_(network, {.seed = options.seed, .precision = Precision::twofold}) {}

  std::filesystem::path run() {
    for (const char* part : {"network", "inputs", "components/neurons", "components/synapses"}) {
      std::error_code problem;
      std::filesystem::create_directories(folder_ / part, problem);
      if (problem)
        throw FileError({.where = "SONATA circuit",
                         .what = "cannot make the folder: " + problem.message(),
                         .got = (folder_ / part).string()});
    }
    for (std::size_t p = 0; p < network_.populations().size(); ++p) nodes(p);
    for (std::size_t p = 0; p < network_.projections().size(); ++p) edges(p);
    for (const Stimulus& stimulus : network_.stimuli()) {
      inputs_[stimulus.name] = stimulus_input(network_, stimulus);
      inputs_[stimulus.name]["node_set"] = node_set(stimulus.to, "input " + stimulus.name);
    }
    for (const Recorder& recorder : network_.recorders()) report(recorder);
    return write_configurations();
  }

 private:
  void write(const std::filesystem::path& name, const std::string& text) const {
    write_whole_file((folder_ / name).string(), text, "SONATA circuit");
  }
  void write(const std::filesystem::path& name, const Json& json) const {
    write(name, json.dump(2) + "\n");
  }

  /// "nest:...", "callosum:..."; a model that is not of the library becomes a file of its own.
  std::string model_template(const model::Model& m, const std::string& folder,
                             const std::string& stem) const {
    if (const auto known = shipped(m)) {
      const auto& aliases = known->text().aliases;
      const auto nest = aliases.find("nest");
      // "a+b" are two models of NEST.
      if (nest != aliases.end() && nest->second.find('+') == std::string::npos &&
          m.kind() != model::ModelKind::source)
        return "nest:" + nest->second;
      return "callosum:" + m.name();
    }
    write(std::filesystem::path("components") / folder / (stem + ".toml"),
          format::toml_model_file(m));
    return "callosum:" + stem + ".toml";
  }

  void nodes(std::size_t id) {
    const Population& p = network_.populations()[id];
    const std::string stem = file_stem(id, p.name);
    const std::string file = "network/" + stem + "_nodes.h5",
                      types = "network/" + stem + "_types.csv";
    const std::string at = "/nodes/" + group_name(p.name);
    const std::size_t n = p.size;
    data::Hdf5Writer out(folder_ / file);
    mark(out);
    out.numbers(at + "/node_type_id", {n}, std::vector<double>(n, type_id), Hdf5Number::int64,
                true);
    out.numbers(at + "/node_id", {n}, counted(n), Hdf5Number::uint64, true);
    out.numbers(at + "/node_group_id", {n}, std::vector<double>(n, 0), Hdf5Number::int64, true);
    out.numbers(at + "/node_group_index", {n}, counted(n), Hdf5Number::int64, true);
    out.group(at + "/0");
    node_sets_[group_name(p.name)] = {{"population", group_name(p.name)}};
    if (p.space) positions(out, at + "/0", *p.space);
    if (p.model.name() == "spike_list") {
      write(types, "node_type_id model_type model_template\n" + std::to_string(type_id) +
                       " virtual NULL\n");
      if (!p.spike_steps.empty()) spikes(p, stem);
    } else {
      point_neurons(out, p, at + "/0/dynamics_params/", stem, types);
    }
    out.commit();
    nodes_.push_back({{"nodes_file", "$NETWORK_DIR/" + file.substr(8)},
                      {"node_types_file", "$NETWORK_DIR/" + types.substr(8)}});
  }

  static void positions(data::Hdf5Writer& out, const std::string& at, const Space& space) {
    const auto dimensions = static_cast<std::size_t>(space.dimensions);
    const std::size_t n = space.positions_um.size() / dimensions;
    for (std::size_t k = 0; k < dimensions && n > 0; ++k) {
      std::vector<double> along(n);
      for (std::size_t i = 0; i < n; ++i) along[i] = space.positions_um[i * dimensions + k];
      out.numbers(at + "/" + std::string(1, "xyz"[k]), {n}, along, Hdf5Number::real, true);
    }
  }

  void point_neurons(data::Hdf5Writer& out, const Population& p, const std::string& at,
                     const std::string& stem, const std::string& types) {
    if (!p.method.empty() || !p.substeps.empty())
      throw UnsupportedError({.where = "SONATA circuit, population '" + p.name + "'",
                              .what = "a circuit cannot say how its neurons are integrated",
                              .got = p.method.empty() ? "substeps" : "method " + p.method});
    const View view = network_.population(p.name);
    Json common = Json::object();
    for (const model::Variable& v : p.model.variables()) {
      if (v.kind == VariableKind::subexpression) continue;
      const std::vector<double> values = start_.get(view, v.name);
      if (all_equal(values))
        common[v.name] = values.front();
      else
        out.numbers(at + v.name, {values.size()}, values, Hdf5Number::real, true);
    }
    write("components/neurons/" + stem + ".json", common);
    write(types, "node_type_id model_type model_template dynamics_params\n" +
                     std::to_string(type_id) + " point_neuron " +
                     model_template(p.model, "neurons", stem) + " " + stem + ".json\n");
  }

  void spikes(const Population& p, const std::string& stem) {
    Recording recording;
    recording.dt_ms = network_.grid().dt_ms();
    recording.spikes = {{p.name, p.size, p.spike_neurons, p.spike_steps}};
    write_spikes(folder_ / "inputs" / (stem + "_spikes.h5"), recording);
    inputs_["spikes of " + p.name] = {{"input_type", "spikes"},
                                      {"module", "h5"},
                                      {"input_file", "$INPUT_DIR/" + stem + "_spikes.h5"},
                                      {"node_set", group_name(p.name)}};
  }

  [[noreturn]] static void unsupported(const Projection& p, const std::string& what) {
    throw UnsupportedError({.where = "SONATA circuit, projection '" + p.name + "'", .what = what});
  }

  void edges(std::size_t id) {
    const Projection& p = network_.projections()[id];
    if (!p.synapse.source_variable.empty())
      unsupported(p, "edges carry spikes, not values of a variable");
    if (p.synapse.dendritic_delay) unsupported(p, "an edge has one delay, not one a side");
    const std::string stem = file_stem(id, p.name);
    const std::string types = "network/" + stem + "_edge_types.csv";
    const sim::DrawnSynapses drawn =
        sim::draw_synapses(network_, static_cast<std::uint32_t>(id), options_.seed);
    const std::size_t n = drawn.sources.size();
    const auto& populations = network_.populations();
    std::vector<std::uint32_t> sources(n), targets(n);
    for (std::size_t k = 0; k < n; ++k) {
      sources[k] = p.from.index(drawn.sources[k]);
      targets[k] = p.to.index(drawn.targets[k]);
    }
    data::Hdf5Writer out(folder_ / ("network/" + stem + "_edges.h5"));
    mark(out);
    const std::string at = "/edges/" + group_name(p.name);
    out.numbers(at + "/edge_type_id", {n}, std::vector<double>(n, type_id), Hdf5Number::int64,
                true);
    out.numbers(at + "/edge_group_id", {n}, std::vector<double>(n, 0), Hdf5Number::int64, true);
    out.numbers(at + "/edge_group_index", {n}, counted(n), Hdf5Number::int64, true);
    out.numbers(at + "/source_node_id", {n}, as_numbers(sources), Hdf5Number::uint64, true);
    out.numbers(at + "/target_node_id", {n}, as_numbers(targets), Hdf5Number::uint64, true);
    out.attribute(at + "/source_node_id", "node_population",
                  group_name(populations[p.from.population].name));
    out.attribute(at + "/target_node_id", "node_population",
                  group_name(populations[p.to.population].name));
    out.numbers(at + "/0/syn_weight", {n}, nest_weights(p, drawn.weights), Hdf5Number::real, true);
    out.numbers(at + "/0/delay", {n}, drawn.delays, Hdf5Number::real, true);
    out.commit();
    write(types, "edge_type_id model_template target_variable dynamics_params\n" +
                     std::to_string(type_id) + " " + synapse_template(p, stem) + " " +
                     p.synapse.target + " " + synapse_parameters(p, stem) + "\n");
    edges_.push_back({{"edges_file", "$NETWORK_DIR/" + stem + "_edges.h5"},
                      {"edge_types_file", "$NETWORK_DIR/" + types.substr(8)}});
  }

  /// An inhibiting conductance has a negative weight in NEST.
  std::vector<double> nest_weights(const Projection& p, std::vector<double> weights) const {
    const model::Model& m = network_.populations()[p.to.population].model;
    const model::Variable& target = m.at(p.synapse.target);
    if (target.dimension != dimension::conductance) return weights;
    if (std::any_of(weights.begin(), weights.end(), [](double w) { return w < 0; }))
      unsupported(p, "conductances have positive weights");
    if (target.name.ends_with("_in"))
      for (double& w : weights) w = -w;
    return weights;
  }

  std::string synapse_template(const Projection& p, const std::string& stem) const {
    if (!p.synapse.model) return "nest:static_synapse";
    return model_template(*p.synapse.model, "synapses", stem);
  }

  std::string synapse_parameters(const Projection& p, const std::string& stem) const {
    if (!p.synapse.model) return "NULL";
    Json all = Json::object();
    for (const model::Variable& v : p.synapse.model->variables())
      if (v.kind == VariableKind::parameter && v.value) all[v.name] = *v.value;
    for (const auto& [name, values] : p.synapse.parameters) {
      if (!values.is_constant())
        unsupported(p, "its parameter '" + name + "' differs from synapse to synapse");
      all[name] = values.first();
    }
    if (all.empty()) return "NULL";
    write("components/synapses/" + stem + ".json", all);
    return stem + ".json";
  }

  /// The name of a set of these neurons; a whole population is one already.
  std::string node_set(const View& view, const std::string& name) {
    const Population& p = network_.populations()[view.population];
    if (view.size() == p.size) return group_name(p.name);
    Json ids = Json::array();
    for (std::uint32_t i = 0; i < view.size(); ++i) ids.push_back(view.index(i));
    node_sets_[name] = {{"population", group_name(p.name)}, {"node_id", ids}};
    return name;
  }

  void report(const Recorder& recorder) {
    if (recorder.kind != Recorder::Kind::variable) return;  // all spikes are written
    const std::string name = "report_" + std::to_string(reports_.size());
    reports_[name] = {{"cells", node_set(recorder.view, name)},
                      {"variable_name", recorder.variable},
                      {"module", "membrane_report"},
                      {"sections", "soma"},
                      {"type", "compartment"},
                      {"start_time", 0.0},
                      {"end_time", options_.duration.internal()},
                      {"dt", network_.grid().time(recorder.interval).internal()}};
  }

  std::filesystem::path write_configurations() const {
    const Json circuit = {{"manifest",
                           {{"$BASE_DIR", "."},
                            {"$NETWORK_DIR", "$BASE_DIR/network"},
                            {"$COMPONENT_DIR", "$BASE_DIR/components"}}},
                          {"target_simulator", "NEST"},
                          {"components",
                           {{"point_neuron_models_dir", "$COMPONENT_DIR/neurons"},
                            {"synaptic_models_dir", "$COMPONENT_DIR/synapses"}}},
                          {"networks", {{"nodes", nodes_}, {"edges", edges_}}}};
    const Json simulation = {
        {"manifest", {{"$BASE_DIR", "."}, {"$INPUT_DIR", "$BASE_DIR/inputs"}}},
        {"target_simulator", "NEST"},
        {"network", "$BASE_DIR/circuit_config.json"},
        {"run",
         {{"tstop", options_.duration.internal()},
          {"dt", network_.grid().dt_ms()},
          {"random_seed", options_.seed}}},
        {"node_sets_file", "$BASE_DIR/node_sets.json"},
        {"inputs", inputs_},
        {"output", {{"output_dir", "$BASE_DIR/output"}, {"spikes_file", "spikes.h5"}}},
        {"reports", reports_}};
    write("circuit_config.json", circuit);
    write("node_sets.json", node_sets_);
    write("simulation_config.json", simulation);
    return folder_ / "simulation_config.json";
  }

  std::filesystem::path folder_;
  const Network& network_;
  const CircuitOptions& options_;
  const Simulation start_;
  Json nodes_ = Json::array(), edges_ = Json::array();
  Json node_sets_ = Json::object(), inputs_ = Json::object(), reports_ = Json::object();
};

}  // namespace

std::filesystem::path write_circuit(const std::filesystem::path& folder, const Network& network,
                                    const CircuitOptions& options) {
  return Exporter(folder, network, options).run();
}

}  // namespace callosum::sonata
