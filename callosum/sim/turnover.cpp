#include "callosum/sim/turnover.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum {
namespace {

using Pair = std::pair<std::uint32_t, std::uint32_t>;

// `number` pairs that are not in `taken`, in the order of their draw.
std::vector<Pair> free_pairs(std::size_t number, const Projection& p, bool self,
                             std::set<Pair>& taken, Stream& stream) {
  std::vector<Pair> found;
  const std::uint64_t tries = 64 * static_cast<std::uint64_t>(number);
  for (std::uint64_t k = 0; k < tries && found.size() < number; ++k) {
    const auto source = static_cast<std::uint32_t>(stream.below(p.from.size()));
    const auto target = static_cast<std::uint32_t>(stream.below(p.to.size()));
    if (!self && p.from.population == p.to.population && p.from.index(source) == p.to.index(target))
      continue;
    if (taken.insert({source, target}).second) found.emplace_back(source, target);
  }
  return found;
}

}  // namespace

TurnedOver turn_over(Simulation& simulation, std::uint32_t projection, const Turnover& turnover) {
  const SynapseList present = simulation.synapses(projection);
  const Projection& p = simulation.network().projections()[projection];
  const std::vector<double> weights = simulation.get_synapses(projection, "weight");
  const Dimension dimension = p.synapse.weight.dimension();
  if (turnover.below.dimension != dimension)
    throw UnitError({.where = "turn_over, projection '" + p.name + "', below",
                     .what = "the unit is not that of the weight",
                     .got = to_string(turnover.below),
                     .expected = to_string(Quantity::from_internal(1, dimension))});
  const double below = turnover.below.internal();
  std::vector<bool> weak(weights.size());
  std::set<Pair> taken;
  std::uint32_t shortest = ~0u;
  TurnedOver result;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    weak[k] = weights[k] < below;
    result.removed += weak[k] ? 1 : 0;
    taken.insert({present.sources[k], present.targets[k]});
    shortest = std::min(shortest, present.delays[k]);
  }
  if (result.removed == 0) return result;
  if (turnover.delay.si > 0)
    shortest = static_cast<std::uint32_t>(
        simulation.network().grid().steps(turnover.delay, "turn_over, delay"));
  Stream stream(
      StreamKey(simulation.options().seed, name_hash(p.name + ".turnover"), Purpose::user), 0,
      static_cast<std::uint64_t>(simulation.step()));
  SynapseList grown;
  for (const auto& [source, target] : free_pairs(result.removed, p, turnover.self, taken, stream)) {
    grown.sources.push_back(source);
    grown.targets.push_back(target);
    grown.delays.push_back(shortest);
  }
  result.grown = grown.sources.size();
  simulation.rewire_synapses(projection, weak, grown, turnover.weight);
  return result;
}

}  // namespace callosum
