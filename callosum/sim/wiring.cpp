#include "callosum/sim/wiring.h"

#include <algorithm>
#include <set>
#include <utility>

#include "callosum/sim/synaptic_states.h"

namespace callosum::sim {

std::vector<OnPre> compile_all_on_pre(const Network& network) {
  std::vector<OnPre> all(network.projections().size());
  for (std::uint32_t p = 0; p < all.size(); ++p)
    if (network.projections()[p].synapse.source_variable.empty() &&
        !has_synaptic_states(network.projections()[p]))
      all[p] = compile_on_pre(network, p);
  return all;
}

std::vector<bool> find_waiting(const Network& network, const std::vector<OnPre>& on_pre) {
  std::set<std::pair<std::uint32_t, std::string>> general;
  for (std::size_t p = 0; p < on_pre.size(); ++p)
    if (!on_pre[p].plain)
      for (const std::string& target : on_pre[p].targets)
        general.emplace(network.projections()[p].to.population, target);
  std::vector<bool> waiting(on_pre.size());
  for (std::size_t p = 0; p < on_pre.size(); ++p) {
    waiting[p] = !on_pre[p].plain;
    for (const std::string& target : on_pre[p].targets)
      if (general.contains({network.projections()[p].to.population, target})) waiting[p] = true;
  }
  return waiting;
}

std::vector<PopulationNeeds> find_needs(const Network& network, const std::vector<OnPre>& on_pre) {
  std::vector<PopulationNeeds> needs(network.populations().size());
  for (std::size_t id = 0; id < network.projections().size(); ++id) {
    const Projection& p = network.projections()[id];
    auto& of = needs[p.to.population];
    if (p.synapse.source_variable.empty()) {
      of.inputs.insert(on_pre[id].targets.begin(), on_pre[id].targets.end());
      if (const auto& plastic = on_pre[id].plastic)
        of.driven.insert(plastic->sums.begin(), plastic->sums.end());
      continue;
    }
    const model::Model& post = network.populations()[p.to.population].model;
    if (post.at(p.synapse.target).kind != model::VariableKind::parameter)
      throw UnsupportedError({.where = "projection '" + p.name + "'",
                              .what = "a continuous projection drives a parameter",
                              .got = p.synapse.target,
                              .expected = "a parameter that the equations read"});
    of.driven.insert(p.synapse.target);
  }
  for (const Stimulus& s : network.stimuli()) {
    auto& of = needs[s.to.population];
    (s.kind == Stimulus::Kind::poisson ? of.inputs : of.driven).insert(s.target);
  }
  return needs;
}

std::vector<std::vector<std::uint32_t>> update_levels(
    const Network& network, const std::vector<std::uint32_t>& minimum_delays) {
  const auto count = static_cast<std::uint32_t>(network.populations().size());
  std::vector<std::set<std::uint32_t>> sources(count);  // zero-delay sources not yet placed
  for (std::size_t p = 0; p < network.projections().size(); ++p)
    if (minimum_delays[p] == 0)
      sources[network.projections()[p].to.population].insert(
          network.projections()[p].from.population);
  std::vector<std::vector<std::uint32_t>> levels;
  std::vector<bool> placed(count);
  for (std::uint32_t left = count; left > 0;) {
    std::vector<std::uint32_t> level;
    for (std::uint32_t p = 0; p < count; ++p)
      if (!placed[p] && sources[p].empty()) level.push_back(p);
    if (level.empty()) break;
    for (std::uint32_t p : level) {
      placed[p] = true;
      --left;
      for (auto& s : sources) s.erase(p);
    }
    levels.push_back(std::move(level));
  }
  const auto stuck = std::find(placed.begin(), placed.end(), false);
  if (stuck == placed.end()) return levels;
  // Walk back along zero delays until a population repeats: the cycle.
  std::vector<std::uint32_t> path{static_cast<std::uint32_t>(stuck - placed.begin())};
  for (;;) {
    const std::uint32_t before = *sources[path.back()].begin();
    const bool repeats = std::find(path.begin(), path.end(), before) != path.end();
    path.push_back(before);
    if (!repeats) continue;
    std::string cycle;
    for (auto at = path.rbegin(); at != path.rend(); ++at) {
      cycle += (cycle.empty() ? "" : " -> ") + network.populations()[*at].name;
      if (at != path.rbegin() && *at == before) break;
    }
    throw UnsupportedError({.where = "network '" + network.name() + "'",
                            .what = "projections without delay form a cycle",
                            .got = cycle,
                            .expected = "a delay of at least one step (" +
                                        to_string(network.grid().dt()) + ") on one of them"});
  }
}

std::vector<std::int32_t> positions_in(const View& view, std::uint32_t population_size) {
  if (view.size() == population_size) return {};
  std::vector<std::int32_t> positions(population_size, -1);
  for (std::uint32_t i = 0; i < view.size(); ++i)
    positions[view.index(i)] = static_cast<std::int32_t>(i);
  return positions;
}

}  // namespace callosum::sim
