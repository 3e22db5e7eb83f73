#include <algorithm>
#include <string>

#include "callosum/sim/plastic_synapses.h"
#include "callosum/sim/synapse_checkpoint.h"

// What a checkpoint keeps of plastic synapses: their variables, when each was visited, and what
// their targets have done since. All of it stands by projection and block of targets.
namespace callosum::sim {

template <class T>
void PlasticSynapses<T>::save(ArchiveWriter& out, const std::string& projection,
                              const Connectivity& connectivity) const {
  const auto of_block = [&](const std::string& what) {
    return [&projection, what](std::uint32_t block) {
      return projection + " block " + std::to_string(block) + " " + what;
    };
  };
  for (std::size_t v = 0; v < columns_.size(); ++v)
    save_column(out, connectivity, segment_, of_block(code_->variables[v]), columns_[v]);
  std::vector<std::int64_t> visited(store_.synapses());
  for_each_bucket(
      [&](std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t) {
        std::fill(visited.begin() + static_cast<std::ptrdiff_t>(first),
                  visited.begin() + static_cast<std::ptrdiff_t>(last), visited_[bucket]);
      });
  save_column(out, connectivity, segment_, of_block("visited"), visited);
  save_shared(out, projection, connectivity);
  for (std::uint32_t begin = segment_.begin; begin < segment_.end; begin += block_size) {
    std::vector<std::uint32_t> counts;
    std::vector<std::int64_t> stamps;
    std::vector<T> values;
    const std::uint32_t end = std::min(segment_.end, begin + block_size);
    for (std::uint32_t target = begin - segment_.begin; target < end - segment_.begin; ++target) {
      counts.push_back(history_.size(target));
      for (std::uint32_t k = 0; k < counts.back(); ++k) {
        stamps.push_back(history_.stamp(target, k));
        values.insert(values.end(), history_.values(target, k),
                      history_.values(target, k) + read_values_.size());
      }
    }
    const std::uint32_t block = begin / block_size;
    out.put(of_block("heard counts")(block), counts);
    out.put(of_block("heard stamps")(block), stamps);
    out.put(of_block("heard values")(block), values);
  }
}

template <class T>
void PlasticSynapses<T>::load(const ArchiveReader& in, const std::string& projection,
                              const Connectivity& connectivity, std::int64_t now) {
  const auto of_block = [&](const std::string& what) {
    return [&projection, what](std::uint32_t block) {
      return projection + " block " + std::to_string(block) + " " + what;
    };
  };
  for (std::size_t v = 0; v < columns_.size(); ++v)
    load_column(in, connectivity, segment_, of_block(code_->variables[v]), columns_[v]);
  std::vector<std::int64_t> visited(store_.synapses());
  load_column(in, connectivity, segment_, of_block("visited"), visited);
  for (const std::int64_t v : visited)
    if (!(v <= now + 1 && v > now - 3 * patience))
      in.refuse(of_block("visited")(segment_.begin / block_size), "a synapse was visited never",
                std::to_string(v));
  for_each_bucket([&](std::uint64_t first, std::uint64_t, std::uint32_t bucket, std::uint32_t) {
    visited_[bucket] = visited[first];
  });
  history_.clear();
  history_.forget_before(now - 4 * (patience + std::int64_t{longest_dendritic_}));
  load_shared(in, projection, connectivity, now);
  for (std::uint32_t begin = segment_.begin; begin < segment_.end; begin += block_size) {
    const std::uint32_t end = std::min(segment_.end, begin + block_size);
    const std::uint32_t block = begin / block_size;
    const auto counts =
        in.get<std::uint32_t>(of_block("heard counts")(block), std::size_t{end - begin});
    std::size_t total = 0;
    for (const std::uint32_t c : counts) total += c;
    const std::string name = of_block("heard stamps")(block);
    const auto stamps = in.get<std::int64_t>(name, total);
    const auto values = in.get<T>(of_block("heard values")(block), total * read_values_.size());
    std::size_t at = 0;
    for (std::uint32_t k = 0; k < counts.size(); ++k)
      for (std::uint32_t s = 0; s < counts[k]; ++s, ++at) {
        if (stamps[at] > now || (s > 0 && stamps[at] <= stamps[at - 1]))
          in.refuse(name, "spikes are out of order", std::to_string(stamps[at]));
        history_.add(begin - segment_.begin + k, stamps[at],
                     values.data() + at * read_values_.size());
      }
  }
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
