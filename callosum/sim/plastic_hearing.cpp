#include <algorithm>
#include <array>

#include "callosum/sim/plastic_synapses.h"

// How plastic synapses come to know of their targets' spikes: each target's history remembers them
// when they are found, and a synapse hears of those since its last visit.
namespace callosum::sim {

template <class T>
void PlasticSynapses<T>::hear(const FoundSpikes& found, std::int64_t n) {
  const std::uint32_t* last = found.last(segment_.population);
  if (found.first(segment_.population) == last) return;
  for (std::size_t r = 0; r < read_columns_.size(); ++r)
    read_columns_[r] = post_.present(code_->reads[r]);
  const std::uint32_t* s = std::lower_bound(found.first(segment_.population), last, segment_.begin);
  while (s < last && *s < segment_.end) {
    for (batch_.size = 0; s < last && *s < segment_.end && batch_.size < width; ++s)
      batch_.target[batch_.size++] = static_cast<std::uint16_t>(*s - segment_.begin);
    if (target_.part) targets_fire(n + 1);
    for (std::size_t i = 0; i < batch_.size; ++i) remember(i, n + 1);
  }
  batch_.size = 0;
}

// The spike of the i-th target in the batch, with all that its synapses will want to know of it.
template <class T>
void PlasticSynapses<T>::remember(std::size_t i, std::int64_t stamp) {
  const std::uint32_t neuron = segment_.begin + batch_.target[i];
  for (std::size_t r = 0; r < read_columns_.size(); ++r) {
    if (const T* column = read_columns_[r]) {
      read_values_[r] = column[neuron];
    } else {
      const std::vector<double>& values = post_.parameter(code_->reads[r]);
      read_values_[r] = static_cast<T>(values[values.size() == 1 ? 0 : neuron]);
    }
  }
  for (const Place& p : target_.before)
    read_values_[read_columns_.size() + p.state] = static_cast<const T*>(target_.slots[p.slot])[i];
  for (const Place& p : target_.target_states)
    read_values_[read_columns_.size() + code_->shared.target.size() + p.state] =
        static_cast<const T*>(target_.slots[p.slot])[i];
  history_.add(batch_.target[i], stamp, read_values_.data());
}

// The lanes of the batch hear of the targets' spikes up to step n. Unless `all_heard`, the history
// may hold spikes that come after the visit even without a dendrite. Lanes are sorted by how many
// spikes there are for them, so that each round, one spike a lane, is a list without gaps.
template <class T>
void PlasticSynapses<T>::catch_up(std::int64_t n, bool all_heard) {
  const std::int32_t late = this->late();  // a spike at the visit's own time counts
  const std::int64_t now = n + 1;
  constexpr int room = PostHistory<T>::room;
  std::array<std::uint32_t, room + 1> number{};
  std::array<std::uint32_t*, room + 1> lanes;
  for (std::size_t k = 0; k < lanes.size(); ++k) lanes[k] = by_number_[k].data();
  for (std::uint32_t i = 0; i < batch_.size; ++i) {
    const std::int64_t from = now + (batch_.at[i] - batch_.dendritic[i] + late);
    const auto k = static_cast<std::size_t>(history_.since(batch_.target[i], from));
    lanes[k][number[k]++] = i;
  }
  // Spikes that have not come back to the synapse yet are among the newest.
  const auto on_the_way = [&](std::uint32_t i) {
    if (batch_.dendritic[i] == 0 && all_heard) return 0;
    return history_.since(batch_.target[i], now + (late - 2 * batch_.dendritic[i]));
  };
  for (int round = 0; round < room - 1; ++round) {
    pending_.clear();
    for (int k = round + 1; k < room; ++k)
      for (std::uint32_t j = 0; j < number[static_cast<std::size_t>(k)]; ++j) {
        const std::uint32_t i = lanes[static_cast<std::size_t>(k)][j], target = batch_.target[i];
        const int newer = k - 1 - round;
        if (newer < on_the_way(i)) continue;
        pending_.push_back({i, static_cast<std::uint32_t>(newer),
                            history_.age(target, newer, now) + batch_.dendritic[i]});
      }
    if (!pending_.empty()) hear_one_each();
  }
  // Those with more spikes than stand at hand.
  behind_.clear();
  for (std::uint32_t j = 0; j < number[room]; ++j) {
    const std::uint32_t i = lanes[room][j];
    const std::int64_t from = now + (batch_.at[i] - batch_.dendritic[i] + late);
    const std::uint32_t target = batch_.target[i];
    behind_.push_back({i, history_.size(target) - 1 - history_.find(target, from), 0});
  }
  while (!behind_.empty()) {
    pending_.clear();
    std::size_t kept = 0;
    for (Pending& p : behind_) {
      const std::uint32_t target = batch_.target[p.lane];
      const std::int32_t dendritic = batch_.dendritic[p.lane];
      p.at = static_cast<std::int32_t>(history_.newest(target, p.newer) - now) + dendritic;
      if (p.at >= late - dendritic) continue;
      pending_.push_back(p);
      if (p.newer > 0) behind_[kept++] = {p.lane, p.newer - 1, 0};
    }
    behind_.resize(kept);
    if (!pending_.empty()) hear_one_each();
  }
}

// One spike for every pending lane: lanes are gathered, on_post runs, and they are put back.
template <class T>
void PlasticSynapses<T>::hear_one_each() {
  const std::vector<Pending>& spikes = pending_;
  const std::size_t count = spikes.size();
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    const T* from = batch_.columns[v].data();
    T* to = heard_[v].data();
    for (std::size_t i = 0; i < count; ++i) to[i] = from[spikes[i].lane];
  }
  if (on_post_.elapsed >= 0) {
    T* elapsed = static_cast<T*>(on_post_.slots[static_cast<std::size_t>(on_post_.elapsed)]);
    for (std::size_t i = 0; i < count; ++i) {
      elapsed[i] = static_cast<T>(spikes[i].at - batch_.at[spikes[i].lane]);
      batch_.at[spikes[i].lane] = spikes[i].at;
    }
  }
  if (on_post_.since_source >= 0) {
    T* since = static_cast<T*>(on_post_.slots[static_cast<std::size_t>(on_post_.since_source)]);
    for (std::size_t i = 0; i < count; ++i)
      since[i] = batch_.pieces[batch_.piece[spikes[i].lane]].since_source +
                 static_cast<T>(spikes[i].at + batch_.dendritic[spikes[i].lane]);
  }
  for (const Place& p : on_post_.source_states) {
    T* values = static_cast<T*>(on_post_.slots[p.slot]);
    const T* of_piece = batch_.source[p.state].data();
    for (std::size_t i = 0; i < count; ++i) values[i] = of_piece[batch_.piece[spikes[i].lane]];
  }
  for (const Place& p : on_post_.target_states) {
    T* values = static_cast<T*>(on_post_.slots[p.slot]);
    const std::size_t at = code_->reads.size() + p.state;
    for (std::size_t i = 0; i < count; ++i)
      values[i] = history_.newest_values(batch_.target[spikes[i].lane], spikes[i].newer)[at];
  }
  for (std::size_t r = 0; r < on_post_.reads.size(); ++r) {
    T* values = static_cast<T*>(on_post_.slots[on_post_.reads[r].slot]);
    for (std::size_t i = 0; i < count; ++i)
      values[i] = history_.newest_values(batch_.target[spikes[i].lane], spikes[i].newer)[r];
  }
  run(on_post_, count);
  updates_ += count;
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    if (!code_->written[v]) continue;
    const T* from = heard_[v].data();
    T* to = batch_.columns[v].data();
    for (std::size_t i = 0; i < count; ++i) to[spikes[i].lane] = from[i];
  }
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
