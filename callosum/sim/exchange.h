#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace callosum::sim {

/// Spikes that one thread found in one step: neurons of each population, ascending, populations in
/// order.
struct FoundSpikes {
  std::vector<std::uint32_t> neurons;
  std::vector<std::uint32_t> begin;  ///< per population + 1

  void clear(std::size_t populations) {
    neurons.clear();
    begin.assign(populations + 1, 0);
    open_ = 0;
  }
  /// What is added from here on is of `population`, which is none before the last one; with the
  /// number of populations, nothing more is added.
  void open(std::size_t population) {
    while (open_ < population) begin[++open_] = static_cast<std::uint32_t>(neurons.size());
  }
  const std::uint32_t* first(std::uint32_t population) const {
    return neurons.data() + begin[population];
  }
  const std::uint32_t* last(std::uint32_t population) const {
    return neurons.data() + begin[population + 1];
  }

 private:
  std::size_t open_ = 0;
};

/// The spikes of an exchange interval and of the steps before it, by step and finder (a thread of
/// this process, or another rank; finders in order of their neurons): of one
/// interval at least, of `history` steps where spikes wait here for the step in which they arrive.
/// Threads write the current interval while all read those before: one barrier an interval keeps
/// them apart. Steps before the first are negative; nothing fired in them.
/// Where zero delays order populations in levels, the present step's spikes stand by level as well.
class Exchange {
 public:
  Exchange() = default;
  Exchange(std::int64_t interval, std::int64_t history, std::size_t finders, std::size_t levels,
           std::size_t populations)
      : interval_(interval),
        kept_(interval + std::max(interval, history)),
        finders_(finders),
        populations_(populations),
        found_(static_cast<std::size_t>(kept_) * finders_),
        by_level_(levels * finders_) {
    clear();
  }
  std::int64_t interval() const { return interval_; }
  std::int64_t kept() const { return kept_; }  ///< steps whose spikes are here

  FoundSpikes& at(std::int64_t step, std::size_t finder) {
    const std::int64_t place = step % kept_;
    return found_[static_cast<std::size_t>(place < 0 ? place + kept_ : place) * finders_ + finder];
  }
  std::span<const FoundSpikes> of_step(std::int64_t step) { return {&at(step, 0), finders_}; }
  FoundSpikes& of_level(std::size_t level, std::size_t finder) {
    return by_level_[level * finders_ + finder];
  }
  std::span<const FoundSpikes> of_level(std::size_t level) {
    return {&of_level(level, 0), finders_};
  }
  /// Time starts anew: what step `now` was is step 0.
  void restart_at(std::int64_t now) {
    std::rotate(found_.begin(),
                found_.begin() +
                    static_cast<std::ptrdiff_t>(static_cast<std::size_t>(now % kept_) * finders_),
                found_.end());
  }
  void clear() {
    for (FoundSpikes& f : found_) f.clear(populations_);
    for (FoundSpikes& f : by_level_) f.clear(populations_);
  }

 private:
  std::int64_t interval_ = 1, kept_ = 2;
  std::size_t finders_ = 1, populations_ = 0;
  std::vector<FoundSpikes> found_, by_level_;
};

}  // namespace callosum::sim
