#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/ring.h"

namespace callosum::sim {

/// Every step each target receives the sum over its synapses of weight times the source's value
/// `delay` steps before the step's end; the sum runs in order of sources and draw order. Kept by
/// target.
template <class T>
class ContinuousProjection {
 public:
  ContinuousProjection(const Connectivity& connectivity, const View& from, std::uint32_t targets);
  /// Reads the state `variable` of the sources from here on; its present values count for all times
  /// before.
  void watch(PopulationState<T>& source, std::uint32_t population, const std::string& variable);
  void restart();
  /// Remembers the owned sources' values as those of time k dt.
  void keep(const std::vector<Segment>& owned, std::int64_t k);
  /// Adds to column[target] of targets [begin, end) in step n.
  void add(T* column, std::uint32_t begin, std::uint32_t end, std::int64_t n);
  std::uint64_t synapses() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint32_t source;
    std::uint32_t delay;
    T weight;
  };
  std::vector<std::uint64_t> rows_;  ///< by target
  std::vector<Entry> entries_;
  std::uint32_t longest_ = 1;
  PopulationState<T>* source_ = nullptr;
  std::uint32_t population_ = 0;
  std::string variable_;
  Ring<T> past_;  ///< slot k: values at time k dt
};

}  // namespace callosum::sim
