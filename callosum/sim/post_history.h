#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace callosum::sim {

/// The spikes of each target of a segment, oldest first, with the values of some of its variables
/// at each: what plastic synapses have yet to hear of. The newest few stamps of a target stand in
/// half a cache line, for most visits find all they need there. The last `states` of the values are
/// states of the target's that its spike left: they are known for the latest spike at any time,
/// and are 0 before the first.
template <class T>
class PostHistory {
 public:
  PostHistory(std::uint32_t targets, std::size_t values, std::size_t states = 0)
      : values_(values),
        states_(states),
        recent_(targets, Recent(never_)),
        spikes_(targets),
        latest_(states, std::vector<T>(targets)),
        latest_at_(states > 0 ? targets : 0),
        forgotten_(states * targets),
        forgotten_at_(latest_at_) {}

  /// Target's spike at time `stamp` dt; `values` as many as the history keeps.
  void add(std::uint32_t target, std::int64_t stamp, const T* values) {
    recent_[target].push(stamp);
    spikes_[target].stamps.push_back(stamp);
    spikes_[target].values.insert(spikes_[target].values.end(), values, values + values_);
    if (states_ > 0) become(target, stamp, values + (values_ - states_));
  }

  /// State k that the target's latest spike left, forgotten or not, and when that was; 0 where none
  /// was.
  const std::vector<T>& latest(std::size_t k) const { return latest_[k]; }
  std::int64_t latest_at(std::uint32_t target) const { return latest_at_[target]; }
  /// What a target's spike left.
  struct Left {
    std::int64_t at;
    const T* states;
  };
  /// By the spike before the newest `newer` ones.
  Left left_before(std::uint32_t target, std::uint32_t newer) const {
    if (newer >= size(target)) return forgotten(target);
    const std::uint32_t at = size(target) - 1 - newer;
    return {stamp(target, at), values(target, at) + (values_ - states_)};
  }
  /// By the last spike that the history has forgotten.
  Left forgotten(std::uint32_t target) const {
    return {forgotten_at_[target], forgotten_.data() + target * states_};
  }
  /// As if the target's only spike had left these states and been forgotten.
  void begin_from(std::uint32_t target, std::int64_t stamp, const T* states) {
    forgotten_at_[target] = stamp;
    std::copy_n(states, states_, forgotten_.data() + target * states_);
    become(target, stamp, states);
  }

  /// How many of the target's newest spikes, up to `room` of them, are stamped `from` or later;
  /// `from` is no earlier than what was forgotten, and less than 2^24 steps before time 0. Without
  /// branches: it is asked for every synapse.
  static constexpr int room = 8;
  int since(std::uint32_t target, std::int64_t from) const {
    const Recent& recent = recent_[target];
#if defined(__AVX2__)
    const __m256i ages = _mm256_sub_epi32(
        _mm256_load_si256(reinterpret_cast<const __m256i*>(recent.low)),
        _mm256_set1_epi32(static_cast<std::int32_t>(static_cast<std::uint32_t>(from))));
    const int earlier = _mm256_movemask_ps(_mm256_castsi256_ps(ages));
    return room - __builtin_popcount(static_cast<unsigned>(earlier));
#else
    int count = 0;
    for (int k = 0; k < room; ++k) count += static_cast<int>(recent.age(k, from) >= 0);
    return count;
#endif
  }
  /// The stamp of the k-th newest spike, k < room, as steps after `from`.
  std::int32_t age(std::uint32_t target, int k, std::int64_t from) const {
    return recent_[target].age(k, from);
  }
  /// Asks for what `since` will read.
  void prefetch(std::uint32_t target) const { __builtin_prefetch(recent_.data() + target); }
  /// The place of the target's first spike at or after `stamp`; size(target) when there is none.
  std::uint32_t find(std::uint32_t target, std::int64_t stamp) const {
    const auto& stamps = spikes_[target].stamps;
    return static_cast<std::uint32_t>(std::lower_bound(stamps.begin(), stamps.end(), stamp) -
                                      stamps.begin());
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

  /// Of the spike before the newest `newer` ones.
  std::int64_t newest(std::uint32_t target, std::uint32_t newer) const {
    return stamp(target, size(target) - 1 - newer);
  }
  const T* newest_values(std::uint32_t target, std::uint32_t newer) const {
    return values(target, size(target) - 1 - newer);
  }

  /// Drops spikes before `stamp`; nobody asks for such times again.
  void forget_before(std::int64_t stamp) {
    never_ = stamp - 1;
    for (std::size_t target = 0; target < spikes_.size(); ++target) {
      Spikes& s = spikes_[target];
      const auto keep = std::lower_bound(s.stamps.begin(), s.stamps.end(), stamp);
      const auto dropped = keep - s.stamps.begin();
      if (dropped == 0) {
        recall(target);
        continue;
      }
      if (states_ > 0) {
        const auto last = static_cast<std::uint32_t>(dropped) - 1;
        const T* left = values(static_cast<std::uint32_t>(target), last) + (values_ - states_);
        std::copy_n(left, states_, forgotten_.data() + target * states_);
        forgotten_at_[target] = s.stamps[last];
      }
      s.values.erase(s.values.begin(),
                     s.values.begin() + dropped * static_cast<std::ptrdiff_t>(values_));
      s.stamps.erase(s.stamps.begin(), keep);
      recall(target);
    }
  }
  void clear() {
    for (Spikes& s : spikes_) s = {};
    std::fill(recent_.begin(), recent_.end(), Recent(never_));
    for (auto& column : latest_) std::fill(column.begin(), column.end(), T(0));
    std::fill(forgotten_.begin(), forgotten_.end(), T(0));
  }
  /// What time `now` was is time 0.
  void restart_at(std::int64_t now) {
    never_ -= now;
    for (std::size_t target = 0; target < spikes_.size(); ++target) {
      for (std::int64_t& stamp : spikes_[target].stamps) stamp -= now;
      recall(target);
    }
    for (auto* times : {&latest_at_, &forgotten_at_})
      for (std::int64_t& stamp : *times) stamp -= now;
  }
  std::size_t bytes() const {
    std::size_t sum = spikes_.size() * (sizeof(Recent) + sizeof(Spikes)) +
                      2 * (latest_at_.size() * 8 + forgotten_.size() * sizeof(T));
    for (const Spikes& s : spikes_)
      sum += s.stamps.capacity() * 8 + s.values.capacity() * sizeof(T);
    return sum;
  }

 private:
  // The lower halves of the newest stamps, newest first; a time that is earlier than all that is
  // asked for stands for a spike that was not.
  struct alignas(32) Recent {
    std::int32_t low[room];
    explicit Recent(std::int64_t never) { std::fill(low, low + room, lower_half(never)); }
    void push(std::int64_t stamp) {
      for (int k = room - 1; k > 0; --k) low[k] = low[k - 1];
      low[0] = lower_half(stamp);
    }
    // How much later than `from`; right for any two stamps less than 2^31 apart.
    std::int32_t age(int k, std::int64_t from) const {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(low[k]) -
                                       static_cast<std::uint32_t>(from));
    }
    static std::int32_t lower_half(std::int64_t stamp) {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(stamp));
    }
  };
  struct Spikes {
    std::vector<std::int64_t> stamps;
    std::vector<T> values;
  };
  void recall(std::size_t target) {
    recent_[target] = Recent(never_);
    for (const std::int64_t stamp : spikes_[target].stamps) recent_[target].push(stamp);
  }

  void become(std::uint32_t target, std::int64_t stamp, const T* states) {
    latest_at_[target] = stamp;
    for (std::size_t k = 0; k < states_; ++k) latest_[k][target] = states[k];
  }

  std::size_t values_, states_;
  std::int64_t never_ = -(std::int64_t{1} << 24);  // before all stamps that are kept or asked for
  std::vector<Recent> recent_;
  std::vector<Spikes> spikes_;
  std::vector<std::vector<T>> latest_;   // by state
  std::vector<std::int64_t> latest_at_;  // nothing of these four where there are no states
  std::vector<T> forgotten_;             // by target and state
  std::vector<std::int64_t> forgotten_at_;
};

}  // namespace callosum::sim
