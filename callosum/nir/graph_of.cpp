#include "callosum/nir/graph_of.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/nir/neuron_nodes.h"
#include "callosum/sim/drawn_synapses.h"

namespace callosum::nir {
namespace {

constexpr std::size_t most_weights = std::size_t{1} << 27;  // 1 GiB of a dense matrix
constexpr std::size_t most_delays = 64;

NirArray list(std::vector<double> values) {
  const std::size_t n = values.size();
  return {{n}, std::move(values)};
}

class Exporter {
 public:
  Exporter(const Network& network, const ExportOptions& options)
      : network_(network), options_(options), dt_s_(network.grid().dt().si) {}

  NirExport run() {
    for (const Stimulus& s : network_.stimuli()) add_stimulus(s);
    for (const Population& p : network_.populations()) add_population(p);
    for (std::uint32_t k = 0; k < network_.projections().size(); ++k) add_projection(k);
    for (std::size_t p = 0; p < names_.size(); ++p)
      if (has_bias(neurons_[p])) add_bias(names_[p], neurons_[p].bias);
    add_outputs();
    check_nir(result_.graph, "");
    return std::move(result_);
  }

 private:
  void lose(std::string sentence) { result_.losses.push_back(std::move(sentence)); }
  void edge(const std::string& from, const std::string& to) {
    result_.graph.edges.emplace_back(from, to);
  }
  std::string free_name(const std::string& wanted) const {
    std::string name = wanted;
    for (char& c : name)
      if (c == '/' || c == '.') c = '_';  // '/' opens a group of the file
    const std::string first = name;
    for (int k = 2; result_.graph.nodes.contains(name); ++k) name = first + "_" + std::to_string(k);
    return name;
  }

  void add_stimulus(const Stimulus& s) {
    const std::string& population = network_.populations()[s.to.population].name;
    const bool whole = s.to.size() == network_.populations()[s.to.population].size;
    if (s.kind != Stimulus::Kind::constant || s.start != 0 || s.stop != -1 || !whole ||
        !s.value.is_constant())
      throw UnsupportedError({.where = "NIR export, stimulus '" + s.name + "'",
                              .what = "a graph holds constant input of whole populations only",
                              .expected = "a population of sources in its place"});
    constants_[population][s.target] += s.value.first();
  }

  void add_population(const Population& p) {
    const std::string name = free_name(p.name);
    names_.push_back(name);
    if (is_source(p)) {
      result_.graph.nodes[name] = {"Input",
                                   {{"shape", {{1}, {static_cast<double>(p.size)}, true}}}};
      lose("the spikes of '" + p.name + "', an Input, are not part of the graph");
      neurons_.emplace_back();
      return;
    }
    NeuronNode neuron = neuron_node(p, constants_[p.name], dt_s_, options_.steps);
    result_.graph.nodes[name] = neuron.node;
    if (!p.initial.empty()) lose("initial values of '" + p.name + "': it starts at its leak");
    neurons_.push_back(std::move(neuron));
  }

  static bool has_bias(const NeuronNode& neuron) {
    return std::any_of(neuron.bias.begin(), neuron.bias.end(), [](double b) { return b != 0; });
  }
  /// Constant input of neurons to which nothing else leads: an Affine of an Input that is silent.
  void add_bias(const std::string& name, const std::vector<double>& bias) {
    const std::string silent = free_name(name + "_silent"), constant = free_name(name + "_bias");
    result_.graph.nodes[silent] = {"Input", {{"shape", {{1}, {1}, true}}}};
    result_.graph.nodes[constant] = {
        "Affine",
        {{"weight", {{bias.size(), 1}, std::vector<double>(bias.size(), 0.0)}},
         {"bias", list(bias)}}};
    edge(silent, constant);
    edge(constant, name);
  }

  [[noreturn]] static void unsupported(const Projection& p, const std::string& what,
                                       const std::string& expected = {}) {
    throw UnsupportedError(
        {.where = "NIR export, projection '" + p.name + "'", .what = what, .expected = expected});
  }

  void add_projection(std::uint32_t id) {
    const Projection& p = network_.projections()[id];
    const Population& to = network_.populations()[p.to.population];
    const Population& from = network_.populations()[p.from.population];
    if (p.synapse.model) unsupported(p, "NIR has no synapses with a model of their own");
    if (is_source(to)) unsupported(p, "an Input takes no spikes");
    const NeuronNode& neuron = neurons_[p.to.population];
    const bool values = !p.synapse.source_variable.empty();
    if (values ? p.synapse.target != neuron.values_target
               : !neuron.targets.contains(p.synapse.target))
      unsupported(p, "the graph's node does not take what goes to '" + p.synapse.target + "'");
    if (std::size_t{to.size} * from.size > most_weights)
      unsupported(p, "NIR has dense matrices, and this one is too large",
                  "at most " + std::to_string(most_weights) + " weights");
    const sim::DrawnSynapses drawn = sim::draw_synapses(network_, id, options_.seed);
    std::map<std::int64_t, std::vector<double>> by_delay;  // [target, source]
    for (std::size_t k = 0; k < drawn.sources.size(); ++k) {
      const std::uint32_t source = p.from.index(drawn.sources[k]);
      const std::uint32_t target = p.to.index(drawn.targets[k]);
      std::vector<double>& matrix = by_delay[network_.grid().nearest_steps(drawn.delays[k])];
      if (matrix.empty()) matrix.assign(std::size_t{to.size} * from.size, 0.0);
      if (by_delay.size() > most_delays)
        unsupported(p, "each delay is a node of its own, and there are too many",
                    "at most " + std::to_string(most_delays));
      matrix[std::size_t{target} * from.size + source] +=
          values ? drawn.weights[k] : drawn.weights[k] / neuron.spike_gain[target];
    }
    for (auto& [delay, matrix] : by_delay) connect(p, delay, std::move(matrix), values);
  }

  void connect(const Projection& p, std::int64_t delay, std::vector<double> matrix, bool values) {
    const std::string &from = names_[p.from.population], &to = names_[p.to.population];
    const std::string linear = free_name(from + "_to_" + to);
    NirNode node = {"Linear",
                    {{"weight",
                      {{network_.populations()[p.to.population].size,
                        network_.populations()[p.from.population].size},
                       std::move(matrix)}}}};
    if (NeuronNode& target = neurons_[p.to.population]; has_bias(target)) {
      node.type = "Affine";
      node.numbers["bias"] = list(std::exchange(target.bias, {}));
    }
    result_.graph.nodes[linear] = std::move(node);
    // A loop takes a step by itself, and so does reading a value.
    const bool implied = delay == 1 && (values || from == to);
    if (delay == 0 || implied) {
      edge(from, linear);
    } else {
      const std::string late = free_name(linear + "_delay");
      const std::uint32_t n = network_.populations()[p.from.population].size;
      result_.graph.nodes[late] = {
          "Delay", {{"delay", list(std::vector<double>(n, network_.grid().time(delay).si))}}};
      edge(from, late);
      edge(late, linear);
    }
    edge(linear, to);
  }

  void add_outputs() {
    std::set<std::uint32_t> out;
    for (const Recorder& r : network_.recorders())
      if (r.kind != Recorder::Kind::weights) out.insert(r.view.population);
    if (out.empty()) {
      for (std::uint32_t p = 0; p < names_.size(); ++p) out.insert(p);
      for (const Projection& p : network_.projections()) out.erase(p.from.population);
    }
    for (std::uint32_t p : out) {
      if (is_source(network_.populations()[p])) continue;
      const std::string name = free_name(out.size() == 1 ? "output" : names_[p] + "_output");
      result_.graph.nodes[name] = {
          "Output",
          {{"shape", {{1}, {static_cast<double>(network_.populations()[p].size)}, true}}}};
      edge(names_[p], name);
    }
  }

  const Network& network_;
  const ExportOptions& options_;
  const double dt_s_;
  NirExport result_;
  std::vector<std::string> names_;                                  // by population
  std::vector<NeuronNode> neurons_;                                 // by population
  std::map<std::string, std::map<std::string, double>> constants_;  // population -> parameter
};

}  // namespace

NirExport graph_of(const Network& network, const ExportOptions& options) {
  return Exporter(network, options).run();
}

}  // namespace callosum::nir
