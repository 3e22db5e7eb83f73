#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace callosum::sim {

/// The spikes of each target of a segment, oldest first, with the values of some of its variables
/// at each: what plastic synapses have yet to hear of. The newest few stamps of a target stand in
/// half a cache line, for most visits find all they need there.
template <class T>
class PostHistory {
 public:
  PostHistory(std::uint32_t targets, std::size_t values)
      : values_(values), recent_(targets), spikes_(targets) {}

  /// Target's spike at time `stamp` dt; `values` as many as the history keeps.
  void add(std::uint32_t target, std::int64_t stamp, const T* values) {
    recent_[target].push(stamp);
    spikes_[target].stamps.push_back(stamp);
    spikes_[target].values.insert(spikes_[target].values.end(), values, values + values_);
  }

  /// How many of the target's newest spikes, up to `room` of them, are stamped `from` or later;
  /// `from` lies less than 2^30 steps back. Without branches: it is asked for every synapse.
  static constexpr int room = 6;
  int since(std::uint32_t target, std::int64_t from) const {
    const Recent& recent = recent_[target];
    int count = 0;
    for (int k = 0; k < room; ++k)
      count += static_cast<int>(k < recent.kept) & static_cast<int>(recent.age(k, from) >= 0);
    return count;
  }
  /// The stamp of the k-th newest spike, k < room, as steps after `from`.
  std::int32_t age(std::uint32_t target, int k, std::int64_t from) const {
    return recent_[target].age(k, from);
  }
  /// The place of the target's first spike at or after `stamp`; size(target) when there is none.
  std::uint32_t find(std::uint32_t target, std::int64_t stamp) const {
    const auto& stamps = spikes_[target].stamps;
    return static_cast<std::uint32_t>(std::lower_bound(stamps.begin(), stamps.end(), stamp) -
                                      stamps.begin());
  }

  std::uint32_t size(std::uint32_t target) const { return recent_[target].all; }
  std::int64_t stamp(std::uint32_t target, std::uint32_t at) const {
    return spikes_[target].stamps[at];
  }
  const T* values(std::uint32_t target, std::uint32_t at) const {
    return spikes_[target].values.data() + at * values_;
  }

  /// Drops spikes before `stamp`.
  void forget_before(std::int64_t stamp) {
    for (std::size_t target = 0; target < spikes_.size(); ++target) {
      Spikes& s = spikes_[target];
      const auto keep = std::lower_bound(s.stamps.begin(), s.stamps.end(), stamp);
      const auto dropped = keep - s.stamps.begin();
      if (dropped == 0) continue;
      s.values.erase(s.values.begin(),
                     s.values.begin() + dropped * static_cast<std::ptrdiff_t>(values_));
      s.stamps.erase(s.stamps.begin(), keep);
      recall(target);
    }
  }
  void clear() {
    for (Spikes& s : spikes_) s = {};
    std::fill(recent_.begin(), recent_.end(), Recent{});
  }
  /// What time `now` was is time 0.
  void restart_at(std::int64_t now) {
    for (std::size_t target = 0; target < spikes_.size(); ++target) {
      for (std::int64_t& stamp : spikes_[target].stamps) stamp -= now;
      recall(target);
    }
  }
  std::size_t bytes() const {
    std::size_t sum = spikes_.size() * (sizeof(Recent) + sizeof(Spikes));
    for (const Spikes& s : spikes_)
      sum += s.stamps.capacity() * 8 + s.values.capacity() * sizeof(T);
    return sum;
  }

 private:
  struct alignas(32) Recent {
    std::uint32_t all = 0;     // spikes in the history
    std::int32_t kept = 0;     // how many of them stand here
    std::int32_t low[room]{};  // the lower halves of their stamps, newest first
    void push(std::int64_t stamp) {
      for (int k = room - 1; k > 0; --k) low[k] = low[k - 1];
      low[0] = static_cast<std::int32_t>(static_cast<std::uint32_t>(stamp));
      kept = std::min(kept + 1, room);
      ++all;
    }
    // How much later than `from`; right for any two stamps less than 2^31 apart.
    std::int32_t age(int k, std::int64_t from) const {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(low[k]) -
                                       static_cast<std::uint32_t>(from));
    }
  };
  struct Spikes {
    std::vector<std::int64_t> stamps;
    std::vector<T> values;
  };
  void recall(std::size_t target) {
    recent_[target] = {};
    for (const std::int64_t stamp : spikes_[target].stamps) recent_[target].push(stamp);
  }

  std::size_t values_;
  std::vector<Recent> recent_;
  std::vector<Spikes> spikes_;
};

}  // namespace callosum::sim
