#include "liquid.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "callosum/library/library.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;

constexpr double largest = 3, length = 3;
constexpr std::uint32_t first_projection = 2;  // after those onto the astrocyte

void shuffle(std::vector<std::uint32_t>& list, Stream& draw) {
  for (std::size_t k = list.size(); k > 1; --k) std::swap(list[k - 1], list[draw.below(k)]);
}

double squared_distance(std::uint32_t a, std::uint32_t b, std::uint32_t side) {
  double sum = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const double d = static_cast<double>(a % side) - static_cast<double>(b % side);
    sum += d * d;
    a /= side;
    b /= side;
  }
  return sum;
}

/// In inhibitory synapses the two rates change places, and weights count the other way.
SynapseOptions plastic_synapses(const Synapses& s, int kind, const Rates& rates,
                                const View& astrocyte) {
  SynapseOptions o{.weight = Values::array(s.weights, {}), .delay = 1_ms};
  o.model = library::synapse("stdp_astrocyte");
  o.parameters = {{"w_min", kind == excitatory ? 0 : -largest},
                  {"w_max", kind == inhibitory ? 0 : largest}};
  const bool swapped = kind == inhibitory;
  const std::string pre = swapped || !rates.astrocyte ? "eta" : "A";
  const std::string post = swapped && rates.astrocyte ? "A_next" : "eta_next";
  const double sign = swapped ? -1 : 1;
  o.links = {{"depression", {astrocyte, pre, {}, sign, {}}},
             {"potentiation", {astrocyte, post, {}, sign, {}}}};
  return o;
}

/// The same sum of weight times the sources' kernel u in every step, and nothing that learns.
SynapseOptions fixed_synapses(const Synapses& s) {
  return {
      .target = "s", .weight = Values::array(s.weights, {}), .delay = 1_ms, .source_variable = "u"};
}

}  // namespace

Liquid::Liquid(std::uint64_t seed, std::uint32_t side, std::uint32_t input_count)
    : neurons(side * side * side),
      excitatory_neurons(static_cast<std::uint32_t>(std::lround(0.8 * neurons))),
      inputs(input_count) {
  Stream draw(StreamKey(seed, name_hash("liquid"), Purpose::user), 0);
  std::vector<std::uint32_t> place(neurons);
  std::iota(place.begin(), place.end(), 0u);
  shuffle(place, draw);
  for (std::uint32_t s = 0; s < neurons; ++s)
    for (std::uint32_t t = 0; t < neurons; ++t) {
      if (s == t) continue;
      const bool from_e = s < excitatory_neurons, to_e = t < excitatory_neurons;
      const double c = from_e ? (to_e ? 0.2 : 0.1) : (to_e ? 0.3 : 0.05);
      const double near = squared_distance(place[s], place[t], side) / (length * length);
      if (draw.uniform() >= c * std::exp(-near)) continue;
      Synapses& kind = synapses[from_e ? excitatory : inhibitory];
      kind.sources.push_back(s);
      kind.targets.push_back(t);
      kind.weights.push_back(from_e ? largest : -largest);
    }
  Stream wires(StreamKey(seed, name_hash("input wires"), Purpose::user), 0);
  std::vector<std::uint32_t> all(static_cast<std::size_t>(neurons) * inputs);
  std::iota(all.begin(), all.end(), 0u);
  shuffle(all, wires);
  all.resize(static_cast<std::size_t>(0.15 * static_cast<double>(all.size())));
  std::sort(all.begin(), all.end());
  for (const std::uint32_t pair : all) {
    synapses[input].sources.push_back(pair / neurons);
    synapses[input].targets.push_back(pair % neurons);
    synapses[input].weights.push_back(wires.bits32() % 2 == 0 ? largest : -largest);
  }
}

Liquid Liquid::with_magnitude(double w) const {
  Liquid other = *this;
  for (Synapses& kind : other.synapses)
    for (double& weight : kind.weights) weight = std::copysign(w, weight);
  return other;
}

analysis::Neighbours Liquid::graph() const {
  std::vector<std::uint32_t> sources, targets;
  for (const int kind : {excitatory, inhibitory}) {
    const Synapses& s = synapses[kind];
    sources.insert(sources.end(), s.sources.begin(), s.sources.end());
    targets.insert(targets.end(), s.targets.begin(), s.targets.end());
  }
  return analysis::neighbours(neurons, sources, targets);
}

std::uint32_t projection_of(int kind) {
  return first_projection + static_cast<std::uint32_t>(kind);
}

Network network_of(const Liquid& liquid, const Rates& rates) {
  Network net(1_ms, "nalsm");
  const model::Model lif = library::neuron("nalsm_lif");
  const View in = net.add(
      "input", liquid.inputs, lif,
      {.parameters = {{"p", Values::array(std::vector<double>(liquid.inputs), Dimension())}}});
  const View out = net.add("liquid", liquid.neurons, lif);
  const View astrocyte = net.add("astrocyte", 1, library::neuron("nalsm_astrocyte"),
                                 {.parameters = {{"w_a", rates.w_a}, {"keep", rates.keep}}});
  for (const auto& [from, weight] : {std::pair{out, 1.0}, {in, -1.0}})
    net.connect(from, astrocyte, all_to_all(),
                {.target = "excess", .weight = weight, .delay = 0_ms});
  const char* const names[] = {"excitatory", "inhibitory", "input"};
  for (int kind = 0; kind < kinds_of_synapse; ++kind) {
    const Synapses& s = liquid.synapses[kind];
    SynapseOptions o =
        rates.plastic ? plastic_synapses(s, kind, rates, astrocyte) : fixed_synapses(s);
    o.name = names[kind];
    net.connect(kind == input ? in : out, out, pairs(s.sources, s.targets), std::move(o));
  }
  net.record_spikes(out);
  net.record(astrocyte, "A", 1_ms);
  return net;
}

void take_weights(const Simulation& simulation, Liquid& liquid) {
  for (int kind = 0; kind < kinds_of_synapse; ++kind)
    liquid.synapses[kind].weights = simulation.get_synapses(projection_of(kind), "weight");
}

}  // namespace callosum::experiment
