#include <algorithm>

#include "callosum/sim/plastic_synapses.h"

// Plastic synapses in the place of others of which some were removed or grown.
namespace callosum::sim {

template <class T>
void PlasticSynapses<T>::collect_sources(StatesOfSources& states) const {
  if (source_at_.empty()) return;
  for (std::uint32_t source = 0; source < store_.sources(); ++source) {
    std::uint32_t next = store_.first_bucket(source);
    store_.for_each_bucket(source, [&](std::uint64_t, std::uint64_t, std::uint32_t delay) {
      const std::uint32_t bucket = next++;
      SourceStates known{source_at_[bucket], {}};
      for (const auto& column : source_states_) known.values.push_back(column[bucket]);
      states.try_emplace({source, delay}, std::move(known));
    });
  }
}

template <class T>
void PlasticSynapses<T>::go_on_from(PlasticSynapses& before, const std::vector<std::int64_t>& from,
                                    const StatesOfSources& sources, std::int64_t now) {
  before.visit(now, 0);
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    // What restore() takes them back to: weights stand in the network, others are drawn by place.
    if (code_->variables[v] != "weight") {
      before.keep_drawn(v);
      keep_drawn(v);
    }
    for (std::size_t k = 0; k < from.size(); ++k) {
      if (from[k] < 0) continue;
      const auto old = static_cast<std::size_t>(from[k]);
      columns_[v][k] = before.columns_[v][old];
      if (code_->variables[v] != "weight") drawn_[v][k] = before.drawn_[v][old];
    }
  }
  begin_shared(now);
  for (std::uint32_t source = 0; source < store_.sources(); ++source) {
    std::uint32_t next = store_.first_bucket(source);
    store_.for_each_bucket(source, [&](std::uint64_t, std::uint64_t, std::uint32_t delay) {
      const std::uint32_t bucket = next++;
      visited_[bucket] = now + 1 - static_cast<std::int64_t>(dendritic_of(delay));
      const auto known = sources.find({source, delay});
      if (source_at_.empty() || known == sources.end()) return;
      source_at_[bucket] = known->second.at;
      for (std::size_t k = 0; k < source_states_.size(); ++k)
        source_states_[k][bucket] = known->second.values[k];
    });
  }
  history_ = std::move(before.history_);
  updates_ = before.updates_;
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
