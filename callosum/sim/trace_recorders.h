#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/observer.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/recording.h"
#include "callosum/sim/stream.h"

namespace callosum::sim {

/// The recorders of variables. States are copied by the thread that owns the neuron; subexpressions
/// are computed by one thread while the others wait. With a folder to stream to, recorder k appends
/// its samples (doubles) to trace-k.rec there. Each of several ranks samples its own neurons; the
/// first one keeps what all have sampled.
template <class T>
class TraceRecorders {
 public:
  TraceRecorders(const Network& network,
                 const std::vector<std::unique_ptr<PopulationState<T>>>& populations,
                 const std::vector<std::vector<Segment>>& owners, const jit::KernelOptions& kernel,
                 const std::string& folder, Ranks* ranks = nullptr);
  bool any_computed() const { return computed_; }
  /// Whether a subexpression of this population has a sample at time k dt.
  bool computes(std::uint32_t population, std::int64_t k) const;
  /// Makes room for the samples up to and including time `until`.
  void reserve(std::int64_t until);
  /// Time k dt: what owner `owner` has of the states that have a sample there.
  void sample_states(std::size_t owner, std::int64_t k);
  /// Subexpressions, on one thread.
  void sample_computed(std::int64_t k, double t_ms);
  void refresh();  ///< after a `set`
  /// Gathers the samples up to and including time `now` from all ranks (collective) and writes them
  /// out where a folder was given.
  void flush(std::int64_t now);
  void restart();  ///< forgets all samples; time starts at 0
  std::vector<TraceRecord> records(std::int64_t now) const;
  static TraceRecord read(const std::string& path);
  void begin(std::int64_t now);  ///< opens the files: after construction or load()

  /// Samples up to time `now`; those of an earlier run were streamed to `folder`.
  void save(ArchiveWriter& out, std::int64_t now);
  void load(const ArchiveReader& in, const std::string& folder, std::int64_t now);

 private:
  struct Trace {
    TraceRecord record;
    std::uint32_t population = 0;
    const T* column = nullptr;                                 // of a state
    std::unique_ptr<Observer<T>> observer;                     // of a subexpression
    std::vector<std::pair<std::int64_t, std::int64_t>> lanes;  // that the observer computes
    std::vector<std::vector<std::uint32_t>> owned;  // by owner: positions within the record
    std::unique_ptr<StreamFile> file;
    std::int64_t flushed = 0;  // samples in the file, or with the first rank
    std::size_t merged = 0;    // samples since that all ranks have added to

    bool due(std::int64_t k) const { return k % record.interval == 0; }
    std::size_t samples(std::int64_t now) const {
      return static_cast<std::size_t>(now / record.interval + 1 - flushed);
    }
    double* row(std::int64_t k) {
      return record.values.data() +
             static_cast<std::size_t>(k / record.interval - flushed) * record.indices.size();
    }
  };
  std::vector<Trace> traces_;
  Ranks* ranks_ = nullptr;
  bool computed_ = false;
};

}  // namespace callosum::sim
