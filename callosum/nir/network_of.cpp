#include "callosum/nir/network_of.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/nir/flat_graph.h"

namespace callosum::nir {
namespace {

class Importer {
 public:
  Importer(const NirGraph& graph, const NirOptions& options)
      : options_(options),
        step_(step(options)),
        graph_(graph, step_),
        result_{.network = Network(options.dt, "nir")} {
    assume("times are in " + std::string(options.milliseconds ? "milliseconds" : "seconds") +
           "; a step is " + to_string(options.dt) + ", " +
           (options.steps == NirSteps::exact      ? "integrated exactly for an input held during it"
            : options.steps == NirSteps::euler    ? "explicit Euler, v sees the old current"
            : options.steps == NirSteps::snntorch ? "Euler, v sees the new current"
                                                  : "Euler, v sees the new current, to which "
                                                    "a spike adds w_in"));
  }

  NirNetwork run() {
    for (const std::string& name : graph_.order())
      if (graph_.is_input(name)) add_input(name);
    for (const std::string& name : graph_.order())
      if (graph_.has_state(name)) add_neurons(name);
    for (const std::string& name : graph_.order())
      if (graph_.node(name).type == "Output" && !graph_.continues(name)) add_output(name);
    for (const std::string& name : graph_.spread())
      assume("node '" + name + "' has one value for all of its neurons");
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
  static double step(const NirOptions& options) {
    const double step = options.milliseconds ? options.dt.si * 1e3 : options.dt.si;
    if (!(step > 0)) throw ValueError({.where = "NIR, dt", .what = "the step must be positive"});
    return step;
  }

  void add_input(const std::string& name) {
    result_.inputs.push_back(name);
    const Shape shape = graph_.shape_of(name);
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
      throw ShapeError({.where = node_name(name) + ", samples",
                        .what = "a row of one value a unit and step is needed",
                        .got = std::to_string(got) + " values",
                        .expected = "a multiple of " + std::to_string(n)});
  }

  /// A parameter of a node, one value a neuron.
  std::vector<double> numbers(const std::string& name, const std::string& key, std::size_t n) {
    const NirArray& array = graph_.node(name).numbers.at(key);
    if (array.values.size() == n) return array.values;
    if (array.values.size() != 1)
      throw ShapeError({.where = node_name(name) + ", " + key,
                        .what = "one value a neuron is needed",
                        .got = std::to_string(array.values.size()),
                        .expected = std::to_string(n)});
    return std::vector<double>(n, array.values.front());
  }
  double kept(double tau, const std::string& name, const std::string& key) {
    if (!(tau > 0) || !std::isfinite(tau))
      throw ValueError({.where = node_name(name) + ", " + key,
                        .what = "a time constant is positive",
                        .got = std::to_string(tau)});
    if (tau > 1 && !options_.milliseconds)
      assume("node '" + name + "' has a " + key + " of more than a second: is the graph in ms?");
    return options_.steps == NirSteps::exact ? std::exp(-step_ / tau) : 1 - step_ / tau;
  }

  void add_neurons(const std::string& name) {
    const NirNode& node = graph_.node(name);
    const std::size_t n = elements(graph_.shape_of(name));
    result_.shapes[name] = graph_.shape_of(name);
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
    } else if (graph_.fires(name)) {
      p["v_threshold"] = numbers(name, "v_threshold", n);
      p["v_reset"] = numbers(name, "v_reset", n);
    }
    p[cuba ? "w" : "g"] = gain;
    place(name,
          (cuba ? "discrete_cuba_li" : "discrete_li") + std::string(graph_.fires(name) ? "f" : ""),
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
    const Arriving& in = graph_.arriving(name);
    if (!in.bias.empty() && in.bias.size() != n)
      throw ShapeError({.where = node_name(name),
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
    const Arriving& in = graph_.arriving(name);
    if (in.from.size() == 1 && in.from.begin()->second.is_identity() &&
        graph_.has_state(in.from.begin()->first)) {
      const std::string& source = in.from.begin()->first;
      result_.populations[name] = source;
      result_.shapes[name] = result_.shapes.at(source);
      if (!graph_.fires(source)) result_.network.record(result_.network.population(source), "v");
      return;
    }
    result_.shapes[name] = graph_.shape_of(name);
    place(name, "discrete_li",
          {{"a", std::vector<double>(in.bias.size(), 0.0)},
           {"g", std::vector<double>(in.bias.size(), 1.0)}},
          std::vector<double>(in.bias.size(), 1.0));
    result_.network.record(result_.network.population(name), "v");
  }

  void connect(const Pending& p) {
    if (!graph_.fires(p.from)) return connect_values(p);
    if (options_.values.contains(p.from)) return drive(p);
    const bool loops = graph_.closes_loop(p.from, p.to);
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
    const std::string state = graph_.node(p.to).type.starts_with("Cuba") ? "s" : "v";
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
  const double step_;  // in the graph's unit of time
  FlatGraph graph_;
  NirNetwork result_;
  std::vector<Pending> pending_;
};

}  // namespace

NirNetwork network_of(const NirGraph& graph, const NirOptions& options) {
  check_nir(graph, "");
  return Importer(graph, options).run();
}

}  // namespace callosum::nir
