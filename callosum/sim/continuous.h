#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/observer.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/ring.h"

namespace callosum::sim {

/// Every step each target receives the sum over its synapses of weight times the source's value at
/// `delay` steps before the step's end, at least one; the sum runs in order of sources and draw
/// order. Kept by target.
template <class T>
class ContinuousProjection {
 public:
  ContinuousProjection(const Connectivity& connectivity, const View& from, std::uint32_t targets);
  /// No synapses: remembers the sources' values for as many steps, for others to read.
  explicit ContinuousProjection(std::uint32_t longest) : rows_(1, 0), longest_(longest) {}
  /// Reads a state or subexpression of the sources from here on; its present values count for all
  /// times before. Throws UnsupportedError when it depends on what is driven in the same step.
  void watch(PopulationState<T>& source, std::uint32_t population, const std::string& variable,
             const jit::KernelOptions& kernel);
  /// The present values are those of time k dt and all times before.
  void restart(std::int64_t k, double t_ms);
  void restart_at(std::int64_t now) { past_.restart_at(now); }
  /// The observer takes over what `set` changed.
  void refresh();
  /// After a `set`: the present values are those of time k dt.
  void refresh(std::int64_t k, double t_ms);
  /// Remembers the owned sources' values as those of time k dt.
  void keep(const std::vector<Segment>& owned, std::int64_t k, double t_ms);
  /// Adds to column[target] of targets [begin, end) in step n.
  void add(T* column, std::uint32_t begin, std::uint32_t end, std::int64_t n);
  /// What sources [begin, end) were at time k dt and before, as far back as is read.
  void save(ArchiveWriter& out, const std::string& name, std::uint32_t begin, std::uint32_t end,
            std::int64_t k);
  void load(const ArchiveReader& in, const std::string& name, std::uint32_t begin,
            std::uint32_t end, std::int64_t k);
  /// The sources' values at time k dt, no longer ago than is remembered.
  const T* at(std::int64_t k) { return past_.slot(k); }
  std::uint32_t source_population() const { return population_; }
  std::uint64_t synapses() const { return entries_.size(); }
  std::size_t bytes() const {
    return rows_.size() * 8 + entries_.size() * sizeof(Entry) + past_.bytes();
  }

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
  std::unique_ptr<Observer<T>> observer_;  ///< null where the variable is a state
  Ring<T> past_;                           ///< slot k: values at time k dt
};

}  // namespace callosum::sim
