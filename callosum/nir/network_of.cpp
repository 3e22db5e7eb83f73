#include "callosum/nir/network_of.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "callosum/core/error.h"
#include "callosum/library/library.h"

namespace callosum::nir {
namespace {

using Edges = std::vector<std::pair<std::string, std::string>>;

/// Graphs in graphs written out: their nodes are "graph.node", their Inputs and Outputs pass on.
void flatten(const NirGraph& graph, const std::string& prefix,
             std::map<std::string, NirNode>& nodes, Edges& edges) {
  std::map<std::string, std::pair<std::string, std::string>> ports;  // of graphs: input, output
  const auto only = [&](const NirGraph& inner, const std::string& type, const std::string& name) {
    std::vector<std::string> found;
    for (const auto& [key, node] : inner.nodes)
      if (node.type == type) found.push_back(name + "." + key);
    if (found.size() != 1)
      throw UnsupportedError({.where = "NIR graph '" + name + "'",
                              .what = "a graph within a graph has one " + type,
                              .got = std::to_string(found.size())});
    return found.front();
  };
  for (const auto& [key, node] : graph.nodes) {
    const std::string name = prefix + key;
    if (node.type != "NIRGraph") {
      nodes[name] = node;
      continue;
    }
    const NirGraph& inner = node.graph.front();
    flatten(inner, name + ".", nodes, edges);
    ports[name] = {only(inner, "Input", name), only(inner, "Output", name)};
  }
  for (const auto& [from, to] : graph.edges) {
    const auto source = ports.find(prefix + from), target = ports.find(prefix + to);
    edges.emplace_back(source == ports.end() ? prefix + from : source->second.second,
                       target == ports.end() ? prefix + to : target->second.first);
  }
}

/// What arrives at a node: maps from nodes with a state and from inputs, and a constant.
struct Arriving {
  std::map<std::string, LinearMap> from = {};
  std::vector<double> bias = {};
};

class Importer {
 public:
  Importer(const NirGraph& graph, const NirOptions& options)
      : options_(options), result_{.network = Network(options.dt, "nir")} {
    flatten(graph, "", nodes_, edges_);
    for (const auto& [from, to] : edges_) into_[to].push_back(from);
    step_ = options.milliseconds ? options.dt.si * 1e3 : options.dt.si;
    if (!(step_ > 0)) throw ValueError({.where = "NIR, dt", .what = "the step must be positive"});
    assume("times are in " + std::string(options.milliseconds ? "milliseconds" : "seconds") +
           "; a step is " + to_string(options.dt) + ", " +
           (options.steps == NirSteps::exact      ? "integrated exactly for an input held during it"
            : options.steps == NirSteps::euler    ? "explicit Euler, v sees the old current"
            : options.steps == NirSteps::snntorch ? "Euler, v sees the new current"
                                                  : "Euler, v sees the new current, to which "
                                                    "a spike adds w_in"));
  }

  NirNetwork run() {
    for (const auto& [name, node] : nodes_)
      if (is_input(name)) result_.inputs.push_back(name);
    order();
    for (const std::string& input : result_.inputs) add_input(input);
    for (const std::string& name : order_)
      if (has_state(name)) add_neurons(name);
    for (const std::string& name : order_)
      if (nodes_.at(name).type == "Output" && !continues(name)) add_output(name);
    for (const Pending& p : pending_) connect(p);
    return std::move(result_);
  }

 private:
  struct Pending {
    std::string from, to;
    LinearMap map;
    std::vector<double> gain;  // of each target
  };

  void assume(std::string sentence) {
    auto& all = result_.assumptions;
    if (std::find(all.begin(), all.end(), sentence) == all.end())
      all.push_back(std::move(sentence));
  }
  const std::vector<std::string>& before(const std::string& name) const {
    static const std::vector<std::string> none;
    const auto at = into_.find(name);
    return at == into_.end() ? none : at->second;
  }
  static std::string where(const std::string& name) { return "NIR node '" + name + "'"; }
  bool has_state(const std::string& name) const { return !is_linear(nodes_.at(name).type); }
  /// An input of the whole graph, not of one within it.
  bool is_input(const std::string& name) const {
    return nodes_.at(name).type == "Input" && !into_.contains(name);
  }
  bool is_source(const std::string& name) const { return has_state(name) || is_input(name); }
  bool continues(const std::string& name) const {
    return std::any_of(edges_.begin(), edges_.end(),
                       [&](const auto& e) { return e.first == name; });
  }
  bool fires(const std::string& name) const {
    const std::string& type = nodes_.at(name).type;
    return type == "Input" || type == "IF" || type == "LIF" || type == "CubaLIF" ||
           type == "Threshold";
  }

  /// Depth first from the inputs: an edge back to a node that is still open closes a loop.
  void order() {
    std::set<std::string> open, done;
    const auto visit = [&](auto&& self, const std::string& name) -> void {
      open.insert(name);
      for (const auto& [from, to] : edges_) {
        if (from != name || done.contains(to)) continue;
        if (!open.contains(to)) self(self, to);
      }
      open.erase(name);
      done.insert(name);
      order_.push_back(name);
    };
    for (const std::string& input : result_.inputs) visit(visit, input);
    for (const auto& [name, node] : nodes_)
      if (!done.contains(name)) visit(visit, name);
    std::reverse(order_.begin(), order_.end());
    for (std::size_t i = 0; i < order_.size(); ++i) place_[order_[i]] = i;
  }

  Shape shape_of(const std::string& name) {
    const auto known = shapes_.find(name);
    if (known != shapes_.end()) return known->second;
    if (finding_.contains(name)) return {};
    finding_.insert(name);
    const NirNode& node = nodes_.at(name);
    Shape shape;
    if (is_input(name)) {
      for (double n : node.numbers.at("shape").values) shape.push_back(static_cast<std::size_t>(n));
    } else if (has_state(name)) {
      for (const auto& [key, array] : node.numbers)
        if (array.values.size() > elements(shape) || shape.empty())
          if (array.values.size() > 1) shape = array.shape;
      Shape arriving = input_shape(name);
      if (shape.empty() && !arriving.empty()) {
        shape = arriving;
        if (elements(shape) > 1) assume("node '" + name + "' has one value for all of its neurons");
      }
      if (shape.empty()) shape = {1};
      if (!arriving.empty() && elements(arriving) == elements(shape)) shape = arriving;
    } else {
      shape = input_shape(name);
      if (!shape.empty()) linear_map(node, shape, step_, where(name));
    }
    finding_.erase(name);
    if (!shape.empty()) shapes_[name] = shape;
    return shape;
  }
  Shape input_shape(const std::string& name) {
    for (const std::string& from : before(name)) {
      const Shape shape = shape_of(from);
      if (!shape.empty()) return shape;
    }
    return {};
  }

  /// What arrives at a node, through nodes without a state.
  const Arriving& arriving(const std::string& name) {
    const auto known = arriving_.find(name);
    if (known != arriving_.end()) return known->second;
    if (!gathering_.insert(name).second)
      throw UnsupportedError({.where = where(name),
                              .what = "a loop without a node that has a state",
                              .expected = "a neuron in every loop"});
    Arriving all;
    for (const std::string& from : before(name)) {
      const Shape shape = shape_of(from);
      if (shape.empty())
        throw ShapeError({.where = where(from), .what = "its shape cannot be found"});
      Arriving part;
      if (is_source(from)) {
        part.from[from] = LinearMap::identity(elements(shape));
        part.bias.assign(elements(shape), 0.0);
      } else {
        Shape in = input_shape(from);
        const LinearMap own = linear_map(nodes_.at(from), in, step_, where(from));
        const Arriving& earlier = arriving(from);
        LinearMap constant{.sources = 0, .targets = earlier.bias.size(), .bias = earlier.bias};
        part.bias = compose(own, constant, where(from)).bias;
        for (const auto& [source, map] : earlier.from) {
          LinearMap passed = compose(own, map, where(from));
          passed.bias.assign(passed.targets, 0.0);
          part.from[source] = std::move(passed);
        }
      }
      add(all, std::move(part), name);
    }
    gathering_.erase(name);
    return arriving_[name] = std::move(all);
  }
  void add(Arriving& all, Arriving part, const std::string& name) const {
    if (all.bias.empty()) all.bias.assign(part.bias.size(), 0.0);
    if (all.bias.size() != part.bias.size())
      throw ShapeError({.where = where(name),
                        .what = "what arrives over its edges differs in size",
                        .got = std::to_string(part.bias.size()),
                        .expected = std::to_string(all.bias.size())});
    for (std::size_t i = 0; i < part.bias.size(); ++i) all.bias[i] += part.bias[i];
    for (auto& [source, map] : part.from) {
      auto [at, added] = all.from.try_emplace(source, map);
      if (added) continue;
      at->second.entries.insert(at->second.entries.end(), map.entries.begin(), map.entries.end());
      at->second = compose(LinearMap::identity(at->second.targets), at->second, where(name));
    }
  }

  void add_input(const std::string& name) {
    const Shape shape = shape_of(name);
    result_.shapes[name] = shape;
    if (options_.values.contains(name)) return;
    std::vector<std::uint32_t> neurons;
    std::vector<Quantity> times;
    const auto given = options_.spikes.find(name);
    const std::size_t n = elements(shape);
    if (given != options_.spikes.end()) {
      check_samples(name, given->second.size(), n);
      for (std::size_t k = 0; k < given->second.size(); ++k)
        if (given->second[k] != 0) {
          neurons.push_back(static_cast<std::uint32_t>(k % n));
          times.push_back(
              Quantity(static_cast<double>(k / n + 1) * options_.dt.si, dimension::time));
        }
    }
    result_.network.add_spike_list(name, static_cast<std::uint32_t>(n), neurons, times);
    result_.populations[name] = name;
  }
  void check_samples(const std::string& name, std::size_t got, std::size_t n) const {
    if (got == 0 || got % n != 0)
      throw ShapeError({.where = where(name) + ", samples",
                        .what = "a row of one value a unit and step is needed",
                        .got = std::to_string(got) + " values",
                        .expected = "a multiple of " + std::to_string(n)});
  }

  /// A parameter of a node, one value a neuron.
  std::vector<double> numbers(const std::string& name, const std::string& key, std::size_t n) {
    const NirArray& array = nodes_.at(name).numbers.at(key);
    if (array.values.size() == n) return array.values;
    if (array.values.size() != 1)
      throw ShapeError({.where = where(name) + ", " + key,
                        .what = "one value a neuron is needed",
                        .got = std::to_string(array.values.size()),
                        .expected = std::to_string(n)});
    return std::vector<double>(n, array.values.front());
  }
  double kept(double tau, const std::string& name, const std::string& key) {
    if (!(tau > 0) || !std::isfinite(tau))
      throw ValueError({.where = where(name) + ", " + key,
                        .what = "a time constant is positive",
                        .got = std::to_string(tau)});
    if (tau > 1 && !options_.milliseconds)
      assume("node '" + name + "' has a " + key + " of more than a second: is the graph in ms?");
    return options_.steps == NirSteps::exact ? std::exp(-step_ / tau) : 1 - step_ / tau;
  }

  void add_neurons(const std::string& name) {
    const NirNode& node = nodes_.at(name);
    const std::size_t n = elements(shape_of(name));
    result_.shapes[name] = shape_of(name);
    std::map<std::string, std::vector<double>> p;
    std::vector<double> gain(n, 1.0);
    const bool cuba = node.type == "CubaLI" || node.type == "CubaLIF";
    if (cuba) {
      gain = current_based(name, n, p);
    } else if (node.type == "I" || node.type == "IF") {
      p["a"].assign(n, 1.0);
      gain = numbers(name, "r", n);
      for (double& g : gain) g *= step_;
    } else if (node.type == "Threshold") {
      p["a"].assign(n, 0.0);
    } else {
      const std::vector<double> tau = numbers(name, "tau", n), r = numbers(name, "r", n);
      for (std::size_t i = 0; i < n; ++i) {
        p["a"].push_back(kept(tau[i], name, "tau"));
        gain[i] = (1 - p["a"][i]) * r[i];
      }
    }
    if (node.numbers.contains("v_leak")) p["v_leak"] = numbers(name, "v_leak", n);
    if (node.type == "Threshold") {
      p["v_threshold"] = numbers(name, "threshold", n);
      p["v_reset"].assign(n, 0.0);
    } else if (fires(name)) {
      p["v_threshold"] = numbers(name, "v_threshold", n);
      p["v_reset"] = numbers(name, "v_reset", n);
    }
    p[cuba ? "w" : "g"] = gain;
    place(name, (cuba ? "discrete_cuba_li" : "discrete_li") + std::string(fires(name) ? "f" : ""),
          p, gain);
  }

  /// Parameters of CubaLI and CubaLIF; the gain of what arrives.
  std::vector<double> current_based(const std::string& name, std::size_t n,
                                    std::map<std::string, std::vector<double>>& p) {
    const auto synaptic = numbers(name, "tau_syn", n), membrane = numbers(name, "tau_mem", n);
    const auto r = numbers(name, "r", n), w_in = numbers(name, "w_in", n);
    std::vector<double> gain(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double alpha = kept(synaptic[i], name, "tau_syn");
      const double beta = kept(membrane[i], name, "tau_mem");
      double c = (1 - beta) * r[i], k = 0;
      if (options_.steps == NirSteps::snntorch || options_.steps == NirSteps::norse) {
        k = c;
        c = k * alpha;
      } else if (options_.steps == NirSteps::exact) {
        // What a current that decays from 1 leaves in v after a step.
        const double left = std::abs(synaptic[i] - membrane[i]) < 1e-9 * membrane[i]
                                ? step_ / membrane[i] * beta
                                : synaptic[i] / (synaptic[i] - membrane[i]) * (alpha - beta);
        c = r[i] * left;
        k = r[i] * (1 - beta - left) / (1 - alpha);
      }
      p["alpha"].push_back(alpha);
      p["beta"].push_back(beta);
      p["c"].push_back(c);
      p["k"].push_back(k);
      gain[i] = (options_.steps == NirSteps::norse ? 1 : 1 - alpha) * w_in[i];
    }
    return gain;
  }

  /// Adds a population and remembers what arrives at it.
  void place(const std::string& name, const std::string& model_name,
             std::map<std::string, std::vector<double>> p, const std::vector<double>& gain) {
    const auto n = static_cast<std::uint32_t>(gain.size());
    const Arriving& in = arriving(name);
    if (!in.bias.empty() && in.bias.size() != n)
      throw ShapeError({.where = where(name),
                        .what = "what arrives does not fit",
                        .got = std::to_string(in.bias.size()) + " values",
                        .expected = std::to_string(n)});
    if (std::any_of(in.bias.begin(), in.bias.end(), [](double b) { return b != 0; }))
      p["bias"] = in.bias;
    PopulationOptions options;
    for (const auto& [key, values] : p) {
      const bool one =
          std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
      options.parameters.insert(
          {key, one ? Values(values.front()) : Values::array(values, dimension::one)});
    }
    const model::Model kind = library::neuron(model_name);
    if (p.contains("v_leak")) {
      const std::string state = model_name.starts_with("discrete_cuba") ? "q" : "v";
      options.initial.insert({state, Values::array(p.at("v_leak"), dimension::one)});
    }
    const View view = result_.network.add(name, n, kind, options);
    result_.populations[name] = name;
    if (model_name.ends_with("f")) result_.network.record_spikes(view);
    for (const auto& [source, map] : in.from) pending_.push_back({source, name, map, gain});
  }

  void add_output(const std::string& name) {
    result_.outputs.push_back(name);
    const Arriving& in = arriving(name);
    if (in.from.size() == 1 && in.from.begin()->second.is_identity() &&
        has_state(in.from.begin()->first)) {
      const std::string& source = in.from.begin()->first;
      result_.populations[name] = source;
      result_.shapes[name] = result_.shapes.at(source);
      if (!fires(source)) result_.network.record(result_.network.population(source), "v");
      return;
    }
    result_.shapes[name] = shape_of(name);
    place(name, "discrete_li",
          {{"a", std::vector<double>(in.bias.size(), 0.0)},
           {"g", std::vector<double>(in.bias.size(), 1.0)}},
          std::vector<double>(in.bias.size(), 1.0));
    result_.network.record(result_.network.population(name), "v");
  }

  void connect(const Pending& p) {
    if (!fires(p.from)) return connect_values(p);
    if (options_.values.contains(p.from)) return drive(p);
    const bool loops = place_.at(p.to) <= place_.at(p.from);
    std::vector<std::uint32_t> sources, targets;
    std::vector<double> weights, delays;
    std::vector<LinearMap::Entry> entries = p.map.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.source < b.source; });
    bool late = false;
    for (const LinearMap::Entry& e : entries) {
      sources.push_back(e.source);
      targets.push_back(e.target);
      weights.push_back(e.weight * p.gain[e.target]);
      late = late || (loops && e.delay == 0);
      delays.push_back(static_cast<double>(loops ? std::max<std::int64_t>(e.delay, 1) : e.delay));
    }
    if (entries.empty()) return;
    if (late) assume("the loop from '" + p.from + "' to '" + p.to + "' takes one step");
    const std::string state = nodes_.at(p.to).type.starts_with("Cuba") ? "s" : "v";
    result_.network.connect(result_.network.population(p.from), result_.network.population(p.to),
                            pairs(std::move(sources), std::move(targets)),
                            {.target = state,
                             .weight = Values::array(std::move(weights), dimension::one),
                             .delay = delay_values(delays),
                             .name = p.from + " -> " + p.to});
  }
  Values delay_values(const std::vector<double>& steps) const {
    const double ms = options_.dt.internal();
    if (std::all_of(steps.begin(), steps.end(), [&](double d) { return d == steps.front(); }))
      return Quantity::from_internal(steps.front() * ms, dimension::time);
    if (std::any_of(steps.begin(), steps.end(), [](double d) { return d < 1; }))
      throw UnsupportedError(
          {.where = "NIR, Delay", .what = "delays that differ are at least one step each"});
    std::vector<double> all;
    for (double d : steps) all.push_back(d * ms);
    return Values::array(std::move(all), dimension::time);
  }

  /// From a node whose value, not spikes, is read.
  void connect_values(const Pending& p) {
    std::map<std::int64_t, std::vector<const LinearMap::Entry*>> by_delay;
    for (const LinearMap::Entry& e : p.map.entries)
      by_delay[std::max<std::int64_t>(e.delay, 1)].push_back(&e);
    if (p.map.entries.empty()) return;
    assume("values of '" + p.from + "' are read by '" + p.to + "' one step late");
    for (const auto& [delay, entries] : by_delay) {
      std::vector<std::uint32_t> sources, targets;
      std::vector<double> weights;
      for (const LinearMap::Entry* e : entries) {
        sources.push_back(e->source);
        targets.push_back(e->target);
        weights.push_back(e->weight);
      }
      result_.network.connect(result_.network.population(p.from), result_.network.population(p.to),
                              pairs(std::move(sources), std::move(targets)),
                              {.target = "x",
                               .weight = Values::array(std::move(weights), dimension::one),
                               .delay = delay_values({static_cast<double>(delay)}),
                               .source_variable = "v",
                               .name = p.from + " -> " + p.to +
                                       (by_delay.size() > 1 ? " +" + std::to_string(delay) : "")});
    }
  }

  /// A real-valued input: what its values make of the target's input, written out.
  void drive(const Pending& p) {
    const std::vector<double>& values = options_.values.at(p.from);
    const std::size_t n = p.map.sources, m = p.map.targets;
    check_samples(p.from, values.size(), n);
    const std::size_t steps = values.size() / n;
    Stimulus s{.kind = Stimulus::Kind::array, .name = p.from + " -> " + p.to};
    s.to = result_.network.population(p.to);
    s.target = "x";
    s.samples.assign(steps * m, 0.0);
    for (const LinearMap::Entry& e : p.map.entries)
      for (std::size_t t = static_cast<std::size_t>(e.delay); t < steps; ++t)
        s.samples[t * m + e.target] +=
            e.weight * values[(t - static_cast<std::size_t>(e.delay)) * n + e.source];
    s.stop = static_cast<std::int64_t>(steps);
    result_.network.stimulate(std::move(s));
  }

  const NirOptions& options_;
  NirNetwork result_;
  std::map<std::string, NirNode> nodes_;
  Edges edges_;
  std::map<std::string, std::vector<std::string>> into_;
  double step_ = 0;  // in the graph's unit of time
  std::vector<std::string> order_;
  std::map<std::string, std::size_t> place_;
  std::map<std::string, Shape> shapes_;
  std::set<std::string> finding_, gathering_;
  std::map<std::string, Arriving> arriving_;
  std::vector<Pending> pending_;
};

}  // namespace

NirNetwork network_of(const NirGraph& graph, const NirOptions& options) {
  check_nir(graph, "");
  return Importer(graph, options).run();
}

}  // namespace callosum::nir
