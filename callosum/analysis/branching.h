#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace callosum::analysis {

/// A directed graph of n nodes as the lists of what each reaches, and of what reaches each.
struct Neighbours {
  std::vector<std::vector<std::uint32_t>> targets, sources;
};
/// Of pairs (source, target) with repetitions. ValueError for a node that is not below n.
Neighbours neighbours(std::uint32_t n, std::span<const std::uint32_t> sources,
                      std::span<const std::uint32_t> targets);

struct BranchingWindow {
  std::int64_t begin = 0, end = 0;  ///< spikes at steps in [begin, end) count as centres
  std::int64_t width = 4;           ///< steps before and after
};

/// Branching factor of a spiking network (as NALSM's authors compute it): for a spike of neuron n
/// at step t, the spikes of its targets in t+1 ... t+width over those of its sources in t-width ...
/// t-1, at least 1. The mean over a neuron's spikes, then over the neurons that fire; NaN when none
/// does. Near 1, activity neither grows nor dies. `steps` and `neurons` list spikes by step.
double branching_factor(std::span<const std::int64_t> steps, std::span<const std::uint32_t> neurons,
                        const Neighbours& graph, const BranchingWindow& window);

}  // namespace callosum::analysis
