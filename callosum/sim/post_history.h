#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace callosum::sim {

/// The spikes of each target of a segment, oldest first, with the values of some of its variables
/// at each: what plastic synapses have yet to hear of.
template <class T>
class PostHistory {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min() / 2;

  PostHistory(std::uint32_t targets, std::size_t values)
      : values_(values), latest_(targets, never), spikes_(targets) {}

  /// Target's spike at time `stamp` dt; `values` as many as the history keeps.
  void add(std::uint32_t target, std::int64_t stamp, const T* values) {
    latest_[target] = stamp;
    spikes_[target].stamps.push_back(stamp);
    spikes_[target].values.insert(spikes_[target].values.end(), values, values + values_);
  }
  /// The stamp of the target's last spike.
  std::int64_t latest(std::uint32_t target) const { return latest_[target]; }
  /// The place of the target's first spike at or after `stamp`; size(target) when there is none.
  std::uint32_t find(std::uint32_t target, std::int64_t stamp) const {
    const auto& stamps = spikes_[target].stamps;
    std::size_t at = stamps.size();
    while (at > 0 && stamps[at - 1] >= stamp) --at;
    return static_cast<std::uint32_t>(at);
  }
  std::uint32_t size(std::uint32_t target) const {
    return static_cast<std::uint32_t>(spikes_[target].stamps.size());
  }
  std::int64_t stamp(std::uint32_t target, std::uint32_t at) const {
    return spikes_[target].stamps[at];
  }
  const T* values(std::uint32_t target, std::uint32_t at) const {
    return spikes_[target].values.data() + at * values_;
  }

  /// Drops spikes before `stamp`.
  void forget_before(std::int64_t stamp) {
    for (Spikes& s : spikes_) {
      const auto keep = std::lower_bound(s.stamps.begin(), s.stamps.end(), stamp);
      const auto dropped = keep - s.stamps.begin();
      s.values.erase(s.values.begin(),
                     s.values.begin() + dropped * static_cast<std::ptrdiff_t>(values_));
      s.stamps.erase(s.stamps.begin(), keep);
    }
  }
  void clear() {
    for (Spikes& s : spikes_) s = {};
    std::fill(latest_.begin(), latest_.end(), never);
  }
  /// What time `now` was is time 0.
  void restart_at(std::int64_t now) {
    for (std::int64_t& l : latest_)
      if (l != never) l -= now;
    for (Spikes& s : spikes_)
      for (std::int64_t& stamp : s.stamps) stamp -= now;
  }
  std::size_t bytes() const {
    std::size_t sum = latest_.size() * (8 + sizeof(Spikes));
    for (const Spikes& s : spikes_)
      sum += s.stamps.capacity() * 8 + s.values.capacity() * sizeof(T);
    return sum;
  }

 private:
  struct Spikes {
    std::vector<std::int64_t> stamps;
    std::vector<T> values;
  };
  std::size_t values_;
  std::vector<std::int64_t> latest_;
  std::vector<Spikes> spikes_;
};

}  // namespace callosum::sim
