#include "callosum/sonata/network_of.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <unordered_map>

#include "callosum/core/error.h"
#include "callosum/sonata/node_sets.h"
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

Values values_of(const std::vector<double>& all, Dimension d) {
  const bool one = std::all_of(all.begin(), all.end(), [&](double x) { return x == all.front(); });
  return one ? Values(Quantity::from_internal(all.front(), d)) : Values::array(all, d);
}

/// NEURON's name of the potential is not ours.
std::string own_name(const std::string& variable) { return variable == "v" ? "V_m" : variable; }

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
          result_.network.add(part.name, size, part.kind->model, options(nodes, part)));
    else
      result_.network.add_spike_list(part.name, size, {}, {});
    result_.origins[part.name] = std::move(origin);
    parts_.push_back(part);
  }

  PopulationOptions options(const Nodes& nodes, const Part& part) {
    const std::string where = "SONATA nodes '" + nodes.name + "'";
    const model::Model& m = part.kind->model;
    PopulationOptions out;
    std::map<std::string, std::vector<double>> given;
    for (const auto& [name, all] : nodes.parameters) {
      if (std::all_of(part.nodes.begin(), part.nodes.end(),
                      [&](std::uint32_t i) { return std::isnan(all[i]); }))
        continue;
      if (name == "tau_m" && m.find("tau_m") == nullptr && m.find("g_L") != nullptr) continue;
      for (std::uint32_t k = 0; k < part.nodes.size(); ++k) {
        const double value = all[part.nodes[k]];
        if (std::isnan(value)) continue;
        const auto [own, converted] = part.kind->parameter(name, value, where);
        if (!given.contains(own)) given[own].assign(part.nodes.size(), default_of(m, own, where));
        given[own][k] = converted;
      }
    }
    leak_from_time_constant(nodes, part, given);
    for (const auto& [name, all] : given) {
      const model::Variable& v = m.at(name);
      (v.kind == model::VariableKind::state ? out.initial : out.parameters)
          .insert({name, values_of(all, v.dimension)});
    }
    if (const model::Variable* v = m.find("V_m"); v && v->dimension == dimension::voltage) {
      if (config_.v_init_mV && !out.initial.contains("V_m"))
        out.initial.insert({"V_m", Quantity::from_internal(*config_.v_init_mV, v->dimension)});
      else if (!config_.v_init_mV)
        assume("without v_init, V_m starts at the model's own value");
    }
    return out;
  }

  /// What neurons have that are not named while others of the population are.
  static double default_of(const model::Model& m, const std::string& name,
                           const std::string& where) {
    const model::Variable& v = m.at(name);
    if (v.value) return *v.value;
    throw ValueError({.where = where + ", dynamics_params",
                      .what = "a value is needed for every node of the population",
                      .got = name});
  }

  /// PyNN's cells with conductances have tau_m where the library's have g_L.
  static void leak_from_time_constant(const Nodes& nodes, const Part& part,
                                      std::map<std::string, std::vector<double>>& given) {
    const model::Model& m = part.kind->model;
    const auto tau = nodes.parameters.find("tau_m");
    if (tau == nodes.parameters.end() || m.find("tau_m") != nullptr || m.find("g_L") == nullptr)
      return;
    std::vector<double> leak(part.nodes.size(), m.at("g_L").value.value_or(0));
    for (std::uint32_t k = 0; k < part.nodes.size(); ++k) {
      const double t = tau->second[part.nodes[k]];
      const auto c = given.find("C_m");
      if (!std::isnan(t))
        leak[k] = (c == given.end() ? m.at("C_m").value.value_or(0) : c->second[k]) / t;
    }
    given["g_L"] = leak;
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
      for (const auto& [key, all] : edges.parameters)
        options.parameters.insert(parameter_of(synapse, key, all, s, where));
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
    else if (input.type == "current_clamp")
      add_current(input, where);
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
    for (auto& [part, train] : trains) set_spikes(parts_[part].name, train, input.name);
  }

  /// To the nearest step; of two in one step the later goes to the next.
  void set_spikes(const std::string& population,
                  std::vector<std::pair<std::uint32_t, double>>& train, const std::string& input) {
    std::sort(train.begin(), train.end());
    std::vector<std::uint32_t> neurons;
    std::vector<std::int64_t> steps;
    std::size_t off_grid = 0, moved = 0;
    for (const auto& [neuron, ms] : train) {
      const double step = std::nearbyint(ms / config_.dt_ms);
      if (!(step < 9e15))
        throw ValueError({.where = "SONATA input '" + input + "'",
                          .what = "a spike comes too late to be counted in steps",
                          .got = std::to_string(ms) + " ms"});
      off_grid += !(std::abs(step * config_.dt_ms - ms) <= 1e-6 * config_.dt_ms);
      auto at = std::max<std::int64_t>(1, static_cast<std::int64_t>(step));
      if (!neurons.empty() && neurons.back() == neuron && at <= steps.back()) {
        at = steps.back() + 1;
        ++moved;
      }
      neurons.push_back(neuron);
      steps.push_back(at);
    }
    if (off_grid > 0)
      assume(std::to_string(off_grid) + " spikes of input '" + input +
             "' go to the nearest step, at least the first");
    if (moved > 0)
      assume(std::to_string(moved) + " spikes of input '" + input +
             "' that fell into one step with another of their node go to the next");
    result_.network.set_spikes(result_.network.population(population), std::move(neurons),
                               std::move(steps));
  }

  void add_current(const Input& input, const std::string& where) {
    if (!input.file.empty())
      throw UnsupportedError({.where = where + ", input_file",
                              .what = "the current is given in place",
                              .got = input.file.string(),
                              .expected = "amp, delay and duration"});
    const std::string simulator = config_.simulator.empty() ? files_.simulator : config_.simulator;
    const bool picoampere = simulator == "NEST" || simulator == "callosum";
    assume("the current of input '" + input.name + "' is in " + (picoampere ? "pA" : "nA"));
    for (const auto& [nodes, positions] :
         chosen_nodes(circuit_, config_.node_sets, input.node_set, where)) {
      std::map<std::uint32_t, std::vector<std::uint32_t>> by_part;
      for (std::uint32_t i : positions)
        by_part[places_.at(nodes).at[i].part].push_back(places_.at(nodes).at[i].index);
      for (auto& [part, indices] : by_part) {
        const std::string& name = parts_[part].name;
        Stimulus s{.kind = Stimulus::Kind::constant, .name = input.name + " -> " + name};
        s.to = result_.network.population(name);
        if (indices.size() < s.to.size()) s.to.list = indices;
        s.target = "I_e";
        s.value =
            Quantity::from_internal(input.amplitude * (picoampere ? 1 : 1e3), dimension::current);
        s.start = grid_.nearest_steps(input.delay_ms);
        if (input.duration_ms) s.stop = grid_.nearest_steps(input.delay_ms + *input.duration_ms);
        result_.network.stimulate(std::move(s));
      }
    }
  }

  void add_report(const Report& report) {
    const std::string where = "SONATA report '" + report.name + "'";
    const std::string variable = own_name(report.variable);
    std::vector<std::size_t>& own = result_.traces.emplace_back();
    for (const auto& [nodes, positions] :
         chosen_nodes(circuit_, config_.node_sets, report.cells, where)) {
      std::map<std::uint32_t, std::vector<std::uint32_t>> by_part;
      for (std::uint32_t i : positions)
        by_part[places_.at(nodes).at[i].part].push_back(places_.at(nodes).at[i].index);
      for (auto& [part, indices] : by_part) {
        View view = result_.network.population(parts_[part].name);
        if (indices.size() < view.size()) view.list = indices;
        const double every = report.dt_ms.value_or(config_.dt_ms);
        own.push_back(recorded_traces_++);
        result_.network.record(view, variable, Quantity::from_internal(every, dimension::time));
      }
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

std::vector<std::filesystem::path> write_output(const SonataNetwork& sonata,
                                                const Recording& recording) {
  const SimulationConfig& config = sonata.config;
  std::error_code problem;
  std::filesystem::create_directories(config.output_dir, problem);
  if (problem)
    throw FileError({.where = "SONATA output",
                     .what = "cannot make the folder: " + problem.message(),
                     .got = config.output_dir.string()});
  std::vector<std::filesystem::path> files = {config.output_dir / config.spikes_file};
  write_spikes(files.back(), recording, sonata.origins);
  for (std::size_t k = 0; k < config.reports.size(); ++k) {
    const Report& report = config.reports[k];
    Recording own;
    own.dt_ms = recording.dt_ms;
    for (std::size_t trace : sonata.traces.at(k)) own.traces.push_back(recording.traces.at(trace));
    files.push_back(config.output_dir /
                    (report.file_name.empty() ? report.name + ".h5" : report.file_name));
    write_report(files.back(), own, own_name(report.variable), sonata.origins);
  }
  return files;
}

}  // namespace callosum::sonata
