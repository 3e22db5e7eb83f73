#pragma once

#include <cstdint>
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
  }
  const std::uint32_t* first(std::uint32_t population) const {
    return neurons.data() + begin[population];
  }
  const std::uint32_t* last(std::uint32_t population) const {
    return neurons.data() + begin[population + 1];
  }
};

/// The spikes of an exchange interval and of the one before it, by step and thread. Threads write
/// the current interval while all read the one before: one barrier an interval keeps them apart.
class Exchange {
 public:
  Exchange() = default;
  Exchange(std::int64_t interval, int threads)
      : interval_(interval),
        threads_(static_cast<std::size_t>(threads)),
        found_(2 * static_cast<std::size_t>(interval) * threads_) {}
  std::int64_t interval() const { return interval_; }
  std::size_t threads() const { return threads_; }
  FoundSpikes& at(std::int64_t step, std::size_t thread) {
    return found_[static_cast<std::size_t>(step % (2 * interval_)) * threads_ + thread];
  }
  void clear(std::size_t populations) {
    for (FoundSpikes& f : found_) f.clear(populations);
  }

 private:
  std::int64_t interval_ = 1;
  std::size_t threads_ = 1;
  std::vector<FoundSpikes> found_;
};

}  // namespace callosum::sim
