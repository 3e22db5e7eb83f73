#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/recording.h"

namespace callosum::sim {

/// The spike recorders of a network: which neurons of each population are kept, in which record.
class SpikeRecorders {
 public:
  explicit SpikeRecorders(const Network& network);
  bool any(std::uint32_t population) const { return !by_population_[population].empty(); }
  /// Spikes of one population and step, neurons ascending.
  void add(std::uint32_t population, const std::vector<std::uint32_t>& neurons, std::int64_t step);
  const std::vector<SpikeRecord>& records() const { return records_; }
  void clear();

 private:
  struct Kept {
    std::size_t record;
    std::vector<bool> neurons;  ///< empty: all
  };
  std::vector<std::vector<Kept>> by_population_;
  std::vector<SpikeRecord> records_;
};

/// The neurons of a view.
std::vector<std::uint32_t> indices(const View& view);

}  // namespace callosum::sim
