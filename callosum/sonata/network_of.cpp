#include "callosum/sonata/network_of.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <unordered_map>

#include "callosum/core/error.h"
#include "callosum/sonata/node_parameters.h"
#include "callosum/sonata/node_sets.h"
#include "callosum/sonata/step_train.h"
#include "callosum/sonata/stimuli.h"
#include "callosum/sonata/templates.h"

namespace callosum::sonata {
namespace {

/// Attributes that decide what is simulated, and those that say where things are or how the tables
/// were made, which a point neuron has no use for.
const std::set<std::string> used_of_nodes = {"model_type", "model_template"};
const std::set<std::string> used_of_edges = {"syn_weight", "delay", "model_template",
                                             "target_variable"};
const std::set<std::string> without_meaning = {"x",
                                               "y",
                                               "z",
                                               "ei",
                                               "model_name",
                                               "location",
                                               "pop_name",
                                               "target_query",
                                               "source_query",
                                               "layer",
                                               "rotation_angle_xaxis",
                                               "rotation_angle_yaxis",
                                               "rotation_angle_zaxis",
                                               "@library"};

std::string text_at(const std::map<std::string, Column>& columns, const std::string& key,
                    std::size_t i) {
  const auto found = columns.find(key);
  return found != columns.end() && found->second.is_text() ? found->second.text(i) : "";
}

double number_at(const std::map<std::string, Column>& columns, const std::string& key,
                 std::size_t i) {
  const auto found = columns.find(key);
  return found != columns.end() && !found->second.is_text() ? found->second.numbers[i]
                                                            : std::nan("");
}

/// A population of the network, made of nodes that share a model.
struct Part {
  std::vector<std::uint32_t> nodes = {};  ///< positions within their population of nodes
  std::optional<Template> kind = {};      ///< none: virtual
  std::string name = {};
};

class Importer {
 public:
  Importer(const Circuit& circuit, const CircuitConfig& files, const SimulationConfig& config)
      : circuit_(circuit),
        files_(files),
        config_(config),
        grid_(Quantity::from_internal(config.dt_ms, dimension::time)),
        result_{.network = Network(grid_.dt(), name_of(config)), .config = config} {}

  SonataNetwork run() {
    for (const Nodes& nodes : circuit_.nodes) add_nodes(nodes);
    for (const Edges& edges : circuit_.edges) add_edges(edges);
    if (!config_.v_init_mV) assume("without v_init, potentials start at the models' own values");
    for (const Input& input : config_.inputs) add_input(input);
    for (const Report& report : config_.reports) add_report(report);
    return std::move(result_);
  }

 private:
  struct Place {
    std::uint32_t part, index;
  };
  /// Where the nodes of one population are.
  struct Places {
    std::vector<Place> at;                                      // by position
    std::unordered_map<std::uint64_t, std::uint32_t> position;  // of an id
  };

  static std::string name_of(const SimulationConfig& config) {
    const std::string name = config.circuit.parent_path().filename().string();
    return name.empty() || name == "." ? "circuit" : name;
  }
  void assume(std::string sentence) {
    auto& all = result_.assumptions;
    if (std::find(all.begin(), all.end(), sentence) == all.end())
      all.push_back(std::move(sentence));
  }
  void tell_unused(const std::map<std::string, Column>& columns, const std::set<std::string>& used,
                   const std::string& where) {
    std::string list;
    for (const auto& [name, column] : columns)
      if (!used.contains(name) && !without_meaning.contains(name))
        list += (list.empty() ? "" : ", ") + name;
    if (!list.empty()) assume("of " + where + " these attributes are not used: " + list);
  }

  // --- nodes

  void add_nodes(const Nodes& nodes) {
    const std::string where = "SONATA nodes '" + nodes.name + "'";
    if (nodes.size() == 0) return;
    std::map<std::string, Part> parts;  // by template; "" : virtual
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      const std::string type = text_at(nodes.attributes, "model_type", i);
      if (type != "virtual" && type != "point_neuron" && type != "point_process")
        throw UnsupportedError({.where = where + ", model_type",
                                .what = "only point neurons and virtual nodes can be simulated",
                                .got = type.empty() ? "none" : type,
                                .expected = "point_neuron (point_process) or virtual"});
      parts[type == "virtual" ? "" : text_at(nodes.attributes, "model_template", i)]
          .nodes.push_back(i);
      if (type != "virtual" && text_at(nodes.attributes, "model_template", i).empty())
        throw NameError({.where = where,
                         .what = "a point neuron lacks its model",
                         .expected = "the attribute model_template"});
    }
    tell_unused(nodes.attributes, used_of_nodes, "nodes '" + nodes.name + "'");
    Places& places = places_[nodes.name];
    places.at.resize(nodes.size());
    for (std::uint32_t i = 0; i < nodes.size(); ++i) places.position[nodes.ids[i]] = i;
    for (auto& [text, part] : parts) {
      if (!text.empty()) part.kind = point_neuron(text, files_.neuron_models, where);
      part.name = parts.size() == 1
                      ? nodes.name
                      : nodes.name + "." + (part.kind ? part.kind->model.name() : "virtual");
      add_part(nodes, part, places);
    }
  }

  void add_part(const Nodes& nodes, Part& part, Places& places) {
    Origin origin{nodes.name};
    for (std::uint32_t k = 0; k < part.nodes.size(); ++k) {
      places.at[part.nodes[k]] = {static_cast<std::uint32_t>(parts_.size()), k};
      origin.ids.push_back(nodes.ids[part.nodes[k]]);
    }
    const auto size = static_cast<std::uint32_t>(part.nodes.size());
    if (part.kind)
      result_.network.record_spikes(
          result_.network.add(part.name, size, part.kind->model,
                              node_parameters(nodes, part.nodes, *part.kind, config_.v_init_mV)));
    else
      result_.network.add_spike_list(part.name, size, {}, {});
    result_.origins[part.name] = std::move(origin);
    parts_.push_back(part);
  }

  // --- edges

  struct Synapses {
    std::vector<std::uint32_t> sources, targets;
    std::vector<double> weights, delays;
    std::vector<std::size_t> edges;
  };

  const Places& places_of(const std::string& nodes, const std::string& where) const {
    const auto found = places_.find(nodes);
    if (found != places_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, places] : places_) names.push_back(name);
    throw NameError({.where = where,
                     .what = "the circuit has no such population of nodes",
                     .got = nodes,
                     .nearest = nearest_name(nodes, names)});
  }
  static Place place(const Places& places, std::uint64_t id, const std::string& where) {
    const auto found = places.position.find(id);
    if (found == places.position.end())
      throw ValueError(
          {.where = where, .what = "there is no node of this id", .got = std::to_string(id)});
    return places.at[found->second];
  }

  void add_edges(const Edges& edges) {
    const std::string where = "SONATA edges '" + edges.name + "'";
    const Places &from = places_of(edges.source, where), &to = places_of(edges.target, where);
    tell_unused(edges.attributes, used_of_edges, "edges '" + edges.name + "'");
    // One projection for each two populations, synapse model and target.
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::string, std::string>, Synapses> all;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const Place source = place(from, edges.sources[i], where + ", source_node_id");
      const Place target = place(to, edges.targets[i], where + ", target_node_id");
      const Part& part = parts_[target.part];
      if (!part.kind)
        throw UnsupportedError({.where = where, .what = "a virtual node takes no spikes"});
      double weight = number_at(edges.attributes, "syn_weight", i);
      if (std::isnan(weight)) {
        weight = 1;
        assume("edges '" + edges.name + "' have no syn_weight: it is 1");
      }
      std::string variable = text_at(edges.attributes, "target_variable", i);
      if (variable.empty()) variable = part.kind->target(weight >= 0, where);
      Synapses& s =
          all[{source.part, target.part, text_at(edges.attributes, "model_template", i), variable}];
      s.sources.push_back(source.index);
      s.targets.push_back(target.index);
      s.weights.push_back(part.kind->weight(variable, weight));
      s.delays.push_back(delay(edges, i, *part.kind));
      s.edges.push_back(i);
    }
    for (auto& [key, synapses] : all) {
      const auto& [source, target, text, variable] = key;
      connect(edges, parts_[source], parts_[target], text, variable, synapses,
              all.size() == 1 ? edges.name : "");
    }
  }

  double delay(const Edges& edges, std::size_t i, const Template& kind) {
    double given = number_at(edges.attributes, "delay", i);
    if (std::isnan(given)) {
      const bool one_step = kind.simulator == Template::Simulator::callosum;
      given = one_step ? config_.dt_ms : std::max(1.0, config_.dt_ms);
      assume("edges '" + edges.name + "' have no delay: it is " +
             (one_step ? "one step" : "1 ms, as in NEST"));
    }
    const double steps = std::max(1.0, std::nearbyint(given / config_.dt_ms));
    if (!(std::abs(steps * config_.dt_ms - given) <= 1e-9 * config_.dt_ms * (1 + steps)))
      assume("delays of edges '" + edges.name + "' go to the nearest step, at least one");
    return steps * config_.dt_ms;
  }

  void connect(const Edges& edges, const Part& source, const Part& target, const std::string& text,
               const std::string& variable, Synapses& s, const std::string& name) {
    const std::string where = "SONATA edges '" + edges.name + "'";
    const model::Model synapse = synapse_model(text, files_.synapse_models, where);
    SynapseOptions options{
        .target = variable,
        .weight = values_of(s.weights, target.kind->model.at(variable).dimension),
        .delay = values_of(s.delays, dimension::time)};
    options.name = name.empty() ? edges.name + ", " + source.name + " -> " + target.name + "." +
                                      variable + (text.empty() ? "" : ", " + text)
                                : name;
    if (synapse.name() != "static") {
      options.model = synapse;
      const Dimension weight = options.weight.dimension();
      for (const auto& [key, all] : edges.parameters)
        options.parameters.insert(parameter_of(synapse.weighing(weight), key, all, s, where));
    } else if (!edges.parameters.empty()) {
      assume("static edges of '" + edges.name + "' have no use for their dynamics_params");
    }
    result_.network.connect(result_.network.population(source.name),
                            result_.network.population(target.name),
                            pairs(std::move(s.sources), std::move(s.targets)), std::move(options));
  }

  static std::pair<std::string, Values> parameter_of(const model::Model& synapse,
                                                     const std::string& key,
                                                     const std::vector<double>& all,
                                                     const Synapses& s, const std::string& where) {
    const model::Variable& v = synapse.at(key);
    std::vector<double> own;
    for (std::size_t i : s.edges) {
      if (std::isnan(all[i]) && !v.value)
        throw ValueError({.where = where + ", dynamics_params",
                          .what = "a value is needed for every edge",
                          .got = key});
      own.push_back(std::isnan(all[i]) ? *v.value : all[i]);
    }
    return {v.name, values_of(own, v.dimension)};
  }

  // --- inputs and outputs

  void add_input(const Input& input) {
    const std::string where = "SONATA input '" + input.name + "'";
    if (input.type == "spikes")
      add_spikes(input, where);
    else if (input.type == "current_clamp" || input.type == "callosum")
      add_stimulus(input, where);
    else
      throw UnsupportedError({.where = where + ", input_type",
                              .what = "this kind of input cannot be simulated",
                              .got = input.type,
                              .expected = "spikes or current_clamp"});
  }

  void add_spikes(const Input& input, const std::string& where) {
    if (input.module != "h5" && input.module != "sonata" && !input.module.empty())
      throw UnsupportedError({.where = where + ", module",
                              .what = "spikes are read from SONATA files only",
                              .got = input.module,
                              .expected = "h5 or sonata"});
    const auto chosen = chosen_nodes(circuit_, config_.node_sets, input.node_set, where);
    std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, double>>> trains;  // by part
    for (const NodeSpikes& spikes : read_spikes(input.file)) {
      std::string nodes = spikes.nodes;
      if (nodes.empty() || (spikes.nodes == "default" && !places_.contains(nodes))) {
        if (chosen.size() != 1)
          throw ValueError({.where = where,
                            .what = "the file does not say whose spikes these are",
                            .expected = "a node set within one population"});
        nodes = chosen.begin()->first;
      }
      if (!chosen.contains(nodes)) continue;
      const Places& places = places_of(nodes, where);
      for (std::size_t k = 0; k < spikes.ids.size(); ++k) {
        const Place at = place(places, spikes.ids[k], where);
        if (parts_[at.part].kind)
          throw UnsupportedError({.where = where, .what = "only virtual nodes are told to fire"});
        trains[at.part].emplace_back(at.index, spikes.times_ms[k]);
      }
    }
    for (auto& [part, train] : trains) {
      StepTrain steps =
          on_steps(std::move(train), config_.dt_ms, "SONATA input '" + input.name + "'");
      if (steps.off_grid > 0)
        assume(std::to_string(steps.off_grid) + " spikes of input '" + input.name +
               "' go to the nearest step, at least the first");
      if (steps.moved > 0)
        assume(std::to_string(steps.moved) + " spikes of input '" + input.name +
               "' that fell into one step with another of their node go to the next");
      result_.network.set_spikes(result_.network.population(parts_[part].name),
                                 std::move(steps.neurons), std::move(steps.steps));
    }
  }

  void add_stimulus(const Input& input, const std::string& where) {
    if (!input.file.empty())
      throw UnsupportedError({.where = where + ", input_file",
                              .what = "the current is given in place",
                              .got = input.file.string(),
                              .expected = "amp, delay and duration"});
    const std::string simulator = config_.simulator.empty() ? files_.simulator : config_.simulator;
    const bool picoampere = simulator == "NEST";
    if (input.type == "current_clamp")
      assume("the current of input '" + input.name + "' is in " + (picoampere ? "pA" : "nA"));
    for (const View& to : views(input.node_set, where))
      result_.network.stimulate(stimulus_of(result_.network, input, to, picoampere));
  }

  /// The neurons of a node set, one view a population.
  std::vector<View> views(const std::string& node_set, const std::string& where) const {
    std::vector<View> all;
    for (const auto& [nodes, positions] :
         chosen_nodes(circuit_, config_.node_sets, node_set, where)) {
      std::map<std::uint32_t, std::vector<std::uint32_t>> by_part;
      for (std::uint32_t i : positions)
        by_part[places_.at(nodes).at[i].part].push_back(places_.at(nodes).at[i].index);
      for (auto& [part, indices] : by_part) {
        View& view = all.emplace_back(result_.network.population(parts_[part].name));
        if (indices.size() < view.size()) view.list = std::move(indices);
      }
    }
    return all;
  }

  void add_report(const Report& report) {
    const std::string where = "SONATA report '" + report.name + "'";
    const std::string variable = variable_name(report);
    std::vector<std::size_t>& own = result_.traces.emplace_back();
    const double every = report.dt_ms.value_or(config_.dt_ms);
    for (const View& view : views(report.cells, where)) {
      own.push_back(recorded_traces_++);
      result_.network.record(view, variable, Quantity::from_internal(every, dimension::time));
    }
  }

  const Circuit& circuit_;
  const CircuitConfig& files_;
  const SimulationConfig& config_;
  TimeGrid grid_;
  SonataNetwork result_;
  std::vector<Part> parts_;
  std::map<std::string, Places> places_;
  std::size_t recorded_traces_ = 0;
};

}  // namespace

SonataNetwork network_of(const Circuit& circuit, const CircuitConfig& files,
                         const SimulationConfig& config) {
  return Importer(circuit, files, config).run();
}

SonataNetwork read_sonata(const std::filesystem::path& path) {
  const SimulationConfig config = read_simulation_config(path);
  const CircuitConfig files = read_circuit_config(config.circuit);
  return network_of(read_circuit(files), files, config);
}

}  // namespace callosum::sonata
