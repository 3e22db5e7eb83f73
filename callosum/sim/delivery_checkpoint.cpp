#include <algorithm>
#include <array>
#include <tuple>

#include "callosum/sim/delivery.h"
#include "callosum/sim/synapse_checkpoint.h"

// What a checkpoint keeps of synapses that change and of spikes that wait for their arrival. All of
// it stands by projection and block of targets, and so by no thread.
namespace callosum::sim {
namespace {

std::string block_name(const std::string& projection, std::uint32_t block) {
  return projection + " block " + std::to_string(block);
}
std::string projection_name(std::uint32_t projection) {
  return "projection " + std::to_string(projection);
}

// One spike of one projection on its way to a block.
using Journey = std::array<std::int64_t, 3>;  // step of arrival, step of emission, source

}  // namespace

template <class T>
void GeneralSynapses<T>::save(ArchiveWriter& out, const std::string& projection,
                              const Connectivity& connectivity) const {
  for (std::size_t s = 0; s < variables_.size(); ++s) {
    if (variables_[s] == drawn_[s]) continue;
    save_column(
        out, connectivity, segment_,
        [&](std::uint32_t block) {
          return block_name(projection, block) + " " + code_->program.slots[s].name;
        },
        variables_[s]);
  }
}

template <class T>
void GeneralSynapses<T>::load(const ArchiveReader& in, const std::string& projection,
                              const Connectivity& connectivity) {
  for (std::size_t s = 0; s < variables_.size(); ++s) {
    if (variables_[s].empty()) continue;
    load_column(
        in, connectivity, segment_,
        [&](std::uint32_t block) {
          return block_name(projection, block) + " " + code_->program.slots[s].name;
        },
        variables_[s]);
  }
}

template <class T>
void Delivery<T>::save(ArchiveWriter& out, const Network& network, std::uint64_t seed,
                       std::int64_t now) const {
  for (const Path<T>& path : paths_) {
    const std::string name = projection_name(path.projection);
    if (path.general) path.general->save(out, name, Connectivity(network, path.projection, seed));
    if (path.plastic)
      path.plastic->save(
          out, name, Connectivity(path.rewired ? *path.rewired : network, path.projection, seed));
  }
  save_waiting(out, now);
}

template <class T>
void Delivery<T>::load(const ArchiveReader& in, const Network& network, std::uint64_t seed,
                       std::int64_t now) {
  for (const Path<T>& path : paths_) {
    const std::string name = projection_name(path.projection);
    if (path.general) path.general->load(in, name, Connectivity(network, path.projection, seed));
    if (path.plastic)
      path.plastic->load(
          in, name, Connectivity(path.rewired ? *path.rewired : network, path.projection, seed),
          now);
  }
  load_waiting(in, now);
}

template <class T>
void Delivery<T>::save_waiting(ArchiveWriter& out, std::int64_t now) const {
  std::vector<std::vector<Journey>> journeys(paths_.size());
  for (const auto& slots : waiting_)
    for (std::size_t ahead = 0; ahead < slots.size(); ++ahead) {
      const std::int64_t arrival = now + static_cast<std::int64_t>(ahead);
      for (const Waiting& w : slots[static_cast<std::size_t>(arrival) & (slots.size() - 1)]) {
        const SynapseStore<T>& store = *paths_[w.path].store;
        const std::uint32_t source = store.source_of(w.first);
        store.for_each_bucket(source, [&](std::uint64_t first, std::uint64_t, std::uint32_t delay) {
          if (first == w.first) journeys[w.path].push_back({arrival, arrival - delay, source});
        });
      }
    }
  for (std::size_t p = 0; p < paths_.size(); ++p) {
    auto& here = journeys[p];
    std::sort(here.begin(), here.end());
    here.erase(std::unique(here.begin(), here.end()), here.end());
    std::vector<std::int64_t> numbers;
    for (const Journey& j : here) numbers.insert(numbers.end(), j.begin(), j.end());
    if (numbers.empty()) continue;
    const Segment& segment = paths_[p].segment;
    for (std::uint32_t b = segment.begin / block_size; b * block_size < segment.end; ++b)
      out.put(block_name(projection_name(paths_[p].projection), b) + " arrival, emission, source",
              numbers);
  }
}

template <class T>
void Delivery<T>::load_waiting(const ArchiveReader& in, std::int64_t now) {
  // Within a slot: ascending (emission step, projection, source).
  std::vector<std::tuple<std::int64_t, std::int64_t, std::uint32_t, std::uint32_t>> all;
  for (std::uint32_t p = 0; p < paths_.size(); ++p) {
    const Path<T>& path = paths_[p];
    for (std::uint32_t b = path.segment.begin / block_size; b * block_size < path.segment.end;
         ++b) {
      const std::string name =
          block_name(projection_name(path.projection), b) + " arrival, emission, source";
      if (!in.has(name)) continue;
      const auto numbers = in.get<std::int64_t>(name);
      const auto slots = static_cast<std::int64_t>(waiting_[path.target_population].size());
      for (std::size_t k = 0; k + 2 < numbers.size(); k += 3) {
        const std::int64_t arrival = numbers[k], emission = numbers[k + 1], source = numbers[k + 2];
        if (!(arrival >= now && arrival < now + slots && emission >= now - slots &&
              emission < now && source >= 0 && source < path.store->sources()))
          in.refuse(name, "a spike is on no way that there is");
        all.emplace_back(arrival, emission, p, static_cast<std::uint32_t>(source));
      }
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const auto& [arrival, emission, p, source] : all) {
    auto& slots = waiting_[paths_[p].target_population];
    auto& slot = slots[static_cast<std::size_t>(arrival) & (slots.size() - 1)];
    std::uint32_t next = paths_[p].store->first_bucket(source);
    paths_[p].store->for_each_bucket(
        source, [&, travelled = arrival - emission, p = p](std::uint64_t first, std::uint64_t last,
                                                           std::uint32_t delay) {
          const std::uint32_t bucket = next++;
          if (delay == travelled) slot.push_back({p, first, last, bucket, delay});
        });
  }
}

template class Delivery<float>;
template class Delivery<double>;
template class GeneralSynapses<float>;
template class GeneralSynapses<double>;

}  // namespace callosum::sim
