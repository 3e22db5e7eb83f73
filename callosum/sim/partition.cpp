#include "callosum/sim/partition.h"

#include <algorithm>
#include <numeric>

namespace callosum::sim {

std::vector<std::vector<Segment>> partition(const Network& network, int threads) {
  constexpr std::uint32_t largest = 64 * block_size;
  // How many synapses end on a neuron hardly differs within a population: cost is counted in
  // neurons.
  double total = 0;
  for (const Population& p : network.populations()) total += p.size;
  std::vector<std::vector<Segment>> owners(static_cast<std::size_t>(threads));
  double passed = 0;
  for (std::uint32_t id = 0; id < network.populations().size(); ++id) {
    const std::uint32_t size = network.populations()[id].size;
    for (std::uint32_t begin = 0; begin < size; begin += block_size) {
      const std::uint32_t end = std::min(size, begin + block_size);
      const double middle = passed + 0.5 * (end - begin);
      const auto owner = std::min<std::size_t>(owners.size() - 1,
                                               static_cast<std::size_t>(middle / total * threads));
      passed += end - begin;
      auto& own = owners[owner];
      if (!own.empty() && own.back().population == id && own.back().end == begin &&
          end - own.back().begin <= largest)
        own.back().end = end;
      else
        own.push_back({id, begin, end});
    }
  }
  return owners;
}

std::vector<std::vector<Segment>> partition(const Network& network, int threads, Ranks* ranks) {
  if (ranks == nullptr) return partition(network, threads);
  std::vector<std::uint64_t> team(static_cast<std::size_t>(ranks->size()), 0);
  const auto own = team.begin() + ranks->rank();
  *own = static_cast<std::uint64_t>(threads);
  ranks->sum(team);
  const auto before = std::accumulate(team.begin(), own, std::ptrdiff_t{0});
  const auto all = std::accumulate(own, team.end(), before);
  const auto owners = partition(network, static_cast<int>(all));
  return {owners.begin() + before, owners.begin() + before + threads};
}

}  // namespace callosum::sim
