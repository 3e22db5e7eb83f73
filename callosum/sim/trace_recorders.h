#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/recording.h"

namespace callosum::sim {

/// The recorders of variables. States are copied by the thread that owns the neuron; subexpressions
/// are computed by one thread while the others wait.
template <class T>
class TraceRecorders {
 public:
  TraceRecorders(const Network& network,
                 const std::vector<std::unique_ptr<PopulationState<T>>>& populations,
                 const std::vector<std::vector<Segment>>& owners);
  bool any_computed() const { return computed_; }
  /// Makes room for the samples up to and including time `until`.
  void reserve(std::int64_t until);
  /// Time k dt: the owned part of the states that have a sample there.
  void sample_states(std::size_t thread, std::int64_t k);
  /// Subexpressions, on one thread.
  void sample_computed(std::int64_t k, double t_ms);
  void restart(std::int64_t now);
  std::vector<TraceRecord> records(std::int64_t now) const;

 private:
  struct Trace {
    TraceRecord record;
    std::uint32_t population;
    bool computed;
    std::vector<std::vector<std::uint32_t>> owned;  // by thread: positions within the record
  };
  std::vector<Trace> traces_;
  const std::vector<std::unique_ptr<PopulationState<T>>>& populations_;
  bool computed_ = false;
};

}  // namespace callosum::sim
