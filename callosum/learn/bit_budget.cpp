#include "callosum/learn/bit_budget.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/network/connectivity.h"

namespace callosum::learn {
namespace {

void check(bool holds, const std::string& where, const char* what, double got,
           const char* expected) {
  if (!holds)
    throw ValueError(
        {.where = where, .what = what, .got = std::to_string(got), .expected = expected});
}

void check_neuron(double threshold, std::int64_t steps) {
  constexpr const char* where = "integrate-and-fire count";
  check(threshold > 0 && std::isfinite(threshold), where, "threshold", threshold, "more than 0");
  check(steps >= 1, where, "steps", static_cast<double>(steps), "at least 1");
}

}  // namespace

double LayerCost::bits() const { return static_cast<double>(steps) * spike_bits * weight_bits; }
double LayerCost::effort() const { return operations * bits(); }
double LayerCost::sparse_effort() const { return active * effort(); }
double LayerCost::synaptic_operations() const {
  return operations * active * static_cast<double>(steps);
}
double LayerCost::memory_bits() const { return weights * weight_bits; }

void BitBudget::add(LayerCost layer) {
  const std::string where = "layer '" + layer.name + "'";
  const auto count = [&](double x, const char* what) {
    check(x >= 0 && std::isfinite(x), where, what, x, "0 or more, finite");
  };
  count(layer.operations, "operations");
  count(layer.weights, "weights");
  check(layer.steps >= 1, where, "steps", static_cast<double>(layer.steps), "at least 1");
  for (const auto& [bits, what] :
       {std::pair{layer.spike_bits, "bits of a spike"}, {layer.weight_bits, "bits of a weight"}})
    check(bits >= 1 && bits <= 32, where, what, bits, "1 to 32");
  check(layer.active >= 0 && layer.active <= 1, where, "share of active inputs", layer.active,
        "0 to 1");
  layers_.push_back(std::move(layer));
}

BitBudget BitBudget::of(const Network& network, std::int64_t steps,
                        const std::map<std::string, double>& rates, int weight_bits) {
  for (const auto& [name, rate] : rates) network.population(name);
  BitBudget budget;
  for (std::uint32_t p = 0; p < network.projections().size(); ++p) {
    const Projection& projection = network.projections()[p];
    const auto rate = rates.find(network.populations()[projection.from.population].name);
    const double synapses = Connectivity(network, p, 1).expected();
    budget.add({.name = projection.name,
                .operations = synapses,
                .steps = steps,
                .weight_bits = weight_bits,
                .active = rate == rates.end() ? 1 : rate->second,
                .weights = synapses});
  }
  return budget;
}

namespace {
double sum(const std::vector<LayerCost>& layers, double (LayerCost::*measure)() const) {
  double total = 0;
  for (const LayerCost& layer : layers) total += (layer.*measure)();
  return total;
}
}  // namespace

double BitBudget::effort() const { return sum(layers_, &LayerCost::effort); }
double BitBudget::sparse_effort() const { return sum(layers_, &LayerCost::sparse_effort); }
double BitBudget::synaptic_operations() const {
  return sum(layers_, &LayerCost::synaptic_operations);
}
double BitBudget::memory_bits() const { return sum(layers_, &LayerCost::memory_bits); }

std::int64_t integrate_and_fire_count(double start, double input, double threshold,
                                      std::int64_t steps) {
  check_neuron(threshold, steps);
  std::int64_t count = 0;
  double u = start;
  for (std::int64_t t = 0; t < steps; ++t) {
    u += input;
    if (!(u >= threshold)) continue;
    u -= threshold;
    ++count;
  }
  return count;
}

std::int64_t quantised_count(double start, double input, double threshold, std::int64_t steps) {
  check_neuron(threshold, steps);
  const double level = std::floor((start + static_cast<double>(steps) * input) / threshold);
  return static_cast<std::int64_t>(std::clamp(level, 0.0, static_cast<double>(steps)));
}

}  // namespace callosum::learn
