#include "callosum/analysis/branching.h"

#include <algorithm>
#include <limits>
#include <string>

#include "callosum/core/error.h"

namespace callosum::analysis {

Neighbours neighbours(std::uint32_t n, std::span<const std::uint32_t> sources,
                      std::span<const std::uint32_t> targets) {
  if (sources.size() != targets.size())
    throw ShapeError(
        {.where = "neighbours",
         .what = "not as many sources as targets",
         .got = std::to_string(sources.size()) + " and " + std::to_string(targets.size()),
         .expected = "equal lengths"});
  Neighbours graph{std::vector<std::vector<std::uint32_t>>(n),
                   std::vector<std::vector<std::uint32_t>>(n)};
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (!(sources[k] < n && targets[k] < n))
      throw ValueError({.where = "neighbours, pair " + std::to_string(k),
                        .what = "no such node",
                        .got = std::to_string(std::max(sources[k], targets[k])),
                        .expected = "below " + std::to_string(n)});
    graph.targets[sources[k]].push_back(targets[k]);
    graph.sources[targets[k]].push_back(sources[k]);
  }
  return graph;
}

double branching_factor(std::span<const std::int64_t> steps, std::span<const std::uint32_t> neurons,
                        const Neighbours& graph, const BranchingWindow& window) {
  std::vector<std::vector<std::int64_t>> trains(graph.targets.size());
  for (std::size_t k = 0; k < steps.size(); ++k) trains.at(neurons[k]).push_back(steps[k]);
  // Spikes of a list of neurons at steps first ... last.
  const auto spikes = [&](const std::vector<std::uint32_t>& of, std::int64_t first,
                          std::int64_t last) {
    std::ptrdiff_t sum = 0;
    for (const std::uint32_t n : of)
      sum += std::upper_bound(trains[n].begin(), trains[n].end(), last) -
             std::lower_bound(trains[n].begin(), trains[n].end(), first);
    return static_cast<double>(sum);
  };
  double sum = 0;
  int firing = 0;
  for (std::size_t n = 0; n < trains.size(); ++n) {
    double ratios = 0;
    int centres = 0;
    for (const std::int64_t t : trains[n]) {
      if (t < window.begin || t >= window.end) continue;
      const double after = spikes(graph.targets[n], t + 1, t + window.width);
      const double before = spikes(graph.sources[n], t - window.width, t - 1);
      ratios += after / std::max(1.0, before);
      ++centres;
    }
    if (centres == 0) continue;
    sum += ratios / centres;
    ++firing;
  }
  return firing > 0 ? sum / firing : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace callosum::analysis
