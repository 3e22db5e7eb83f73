#pragma once

#include <cstdint>
#include <vector>

#include "callosum/core/archive.h"
#include "callosum/core/random.h"
#include "callosum/core/ranks.h"
#include "callosum/sim/recording.h"

namespace callosum::sim {

/// 64-bit mark of one spike; the spike hash of a run is the sum of its marks modulo 2^64, so that
/// it does not depend on the order in which spikes are counted.
constexpr std::uint64_t spike_mark(std::uint64_t global_id, std::int64_t step) {
  return mix64(mix64(global_id) + static_cast<std::uint64_t>(step));
}

/// Counts and intervals of one population's spikes, kept per neuron while the network runs. Whole
/// numbers, so the order of counting does not matter. Disjoint neurons may be counted by different
/// threads.
class SpikeStatistics {
 public:
  explicit SpikeStatistics(std::uint32_t size) : trains_(size) {}
  void count(std::uint32_t neuron, std::int64_t step) {
    Train& t = trains_[neuron];
    if (t.spikes > 0) {
      const auto interval = static_cast<std::uint64_t>(step - t.last);
      t.sum += interval;
      t.squares += interval * interval;
    }
    ++t.spikes;
    t.last = step;
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(trains_.size()); }
  std::uint64_t spikes() const;
  /// Mean over neurons with at least 5 spikes of sd / mean of their intervals (sd over n); NaN
  /// without one.
  double cv_isi() const;
  /// Collective: those of all neurons, each of which one rank has counted.
  SpikeStatistics merged(Ranks& ranks) const;
  /// The neurons [begin, end), under the name `block`.
  void save(ArchiveWriter& out, const std::string& block, std::uint32_t begin,
            std::uint32_t end) const;
  void load(const ArchiveReader& in, const std::string& block, std::uint32_t begin,
            std::uint32_t end);
  std::size_t bytes() const { return trains_.size() * sizeof(Train); }

 private:
  struct Train {
    std::uint64_t spikes = 0, sum = 0, squares = 0;
    std::int64_t last = 0;
  };
  std::vector<std::uint64_t> numbers(std::uint32_t begin, std::uint32_t end) const;
  void take(const std::vector<std::uint64_t>& numbers, std::uint32_t begin);
  std::vector<Train> trains_;
};

}  // namespace callosum::sim
