#include <algorithm>
#include <utility>

#include "callosum/sim/delivery.h"

namespace callosum::sim {

template <class T>
std::vector<SpikeOnItsWay> Delivery<T>::on_its_way(std::uint32_t path) const {
  std::vector<SpikeOnItsWay> spikes;
  const auto& slots = waiting_[paths_[path].target_population];
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    for (const Waiting& w : slots[slot])
      if (w.path == path) spikes.push_back({slot, paths_[path].store->source_of(w.first), w.delay});
  return spikes;
}

// Within a slot spikes wait in the order of their emission, then of paths, then of sources.
template <class T>
void Delivery<T>::rewire(std::uint32_t path, std::shared_ptr<const SynapseStore<T>> store,
                         std::unique_ptr<PlasticSynapses<T>> plastic,
                         std::shared_ptr<const Network> network,
                         const std::vector<SpikeOnItsWay>& spikes) {
  Path<T>& p = paths_[path];
  p.plastic = std::move(plastic);
  p.store = std::move(store);
  p.rewired = std::move(network);
  auto& slots = waiting_[p.target_population];
  for (auto& slot : slots) std::erase_if(slot, [&](const Waiting& w) { return w.path == path; });
  for (const SpikeOnItsWay& s : spikes) {
    std::uint32_t next = p.store->first_bucket(s.source);
    p.store->for_each_bucket(s.source,
                             [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
                               const std::uint32_t bucket = next++;
                               if (delay == s.delay)
                                 slots[s.slot].push_back({path, first, last, bucket, delay});
                             });
  }
  for (auto& slot : slots)
    std::stable_sort(slot.begin(), slot.end(), [](const Waiting& a, const Waiting& b) {
      return a.delay != b.delay ? a.delay > b.delay : a.path < b.path;
    });
}

template class Delivery<float>;
template class Delivery<double>;

}  // namespace callosum::sim
