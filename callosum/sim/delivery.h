#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/sim/exchange.h"
#include "callosum/sim/general_synapses.h"
#include "callosum/sim/plastic_synapses.h"
#include "callosum/sim/redrawn_rows.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/synapse_store.h"

namespace callosum::sim {

/// One projection onto one segment.
template <class T>
struct Path {
  std::uint32_t projection = 0, source_population = 0, target_population = 0;
  Segment segment = {};
  bool at_once = false;  ///< some delays are zero
  bool later = true;     ///< some are not
  /// Its terms wait until the step in which they arrive: it, or another projection onto the same
  /// accumulator, is not plain, and terms keep the order in which they were emitted.
  bool waits = false;
  /// Delivered in the step in which it arrives, so that its ring holds that step alone: all
  /// projections onto the accumulator are plain and have one delay each (RingPlanner).
  bool punctual = false;
  std::uint32_t delay = 0;                               ///< of a punctual one, steps
  const std::vector<std::int32_t>* positions = nullptr;  ///< of source neurons in the view
  Ring<T>* ring = nullptr;                               ///< plain synapses
  std::shared_ptr<const SynapseStore<T>> store;
  std::unique_ptr<RedrawnRows<T>> redrawn;      ///< in its place where nothing is stored
  std::unique_ptr<GeneralSynapses<T>> general;  ///< null for plain and plastic ones
  std::unique_ptr<PlasticSynapses<T>> plastic;  ///< null for others
  /// The network with these synapses told one by one, since some were removed or grown in the run;
  /// null as long as they are those of the description.
  std::shared_ptr<const Network> rewired;
};

/// A spike that has yet to arrive over a projection.
struct SpikeOnItsWay {
  std::size_t slot;  ///< of the waiting ones
  std::uint32_t source, delay;
  auto operator<=>(const SpikeOnItsWay&) const = default;
};

/// What one thread delivers: all projections onto its neurons. Terms enter an accumulator in
/// ascending (emission step, projection, source, draw order), for any number of threads.
template <class T>
class Delivery {
 public:
  /// Paths in order of projections. `longest` delay of each target population, in steps.
  void add(Path<T> path) { paths_.push_back(std::move(path)); }
  void prepare(const std::vector<std::uint32_t>& longest);

  /// The spikes of step n that travel at least a step, `found` by thread; not on punctual paths.
  void deliver(std::span<const FoundSpikes> found, std::int64_t n);
  /// What arrives in step n at a segment on punctual paths.
  void deliver_punctual(Exchange& exchange, const Segment& segment, std::int64_t n);
  /// The spikes of step n that arrive in step n on the populations of one level.
  void deliver_at_once(Exchange& exchange, const std::vector<std::uint32_t>& level_of,
                       std::uint32_t level, std::int64_t n);
  /// What plastic synapses sum in each step: terms of step n's driven parameters.
  void add_sums(std::uint32_t population, std::int64_t n);
  /// Terms that waited for step n.
  void arrive(std::uint32_t population, std::int64_t n);

  void clear();                       ///< forgets spikes on their way
  void restart_at(std::int64_t now);  ///< what step `now` was is step 0
  /// Plastic synapses hear of what their targets did in step n.
  void hear(const FoundSpikes& found, std::int64_t n);
  /// Synapse variables, or the states of plastic ones only, as they were drawn.
  void restore_synapses(std::int64_t now, bool states_only);
  const std::vector<Path<T>>& paths() const { return paths_; }

  /// Spikes that wait on a path.
  std::vector<SpikeOnItsWay> on_its_way(std::uint32_t path) const;
  /// Gives a path other synapses, and the spikes that wait for them, those of all segments: one
  /// reaches all synapses of its source with its delay.
  void rewire(std::uint32_t path, std::shared_ptr<const SynapseStore<T>> store,
              std::unique_ptr<PlasticSynapses<T>> plastic, std::shared_ptr<const Network> network,
              const std::vector<SpikeOnItsWay>& spikes);
  /// The store of a projection onto a segment; null where there is none.
  std::shared_ptr<const SynapseStore<T>> store(std::uint32_t projection,
                                               const Segment& segment) const;

  /// Synapse variables, and the spikes that wait at the start of step `now`.
  void save(ArchiveWriter& out, const Network& network, std::uint64_t seed, std::int64_t now) const;
  void load(const ArchiveReader& in, const Network& network, std::uint64_t seed, std::int64_t now);
  std::uint64_t events() const { return events_; }
  void forget_events();

 private:
  enum class Delays { all, zero, positive };
  struct Waiting {
    std::uint32_t path;
    std::uint64_t first, last;
    std::uint32_t bucket, delay;
  };
  void deliver(std::uint32_t path, const FoundSpikes& found, std::int64_t n, Delays which);
  void deliver_row(std::uint32_t path, std::uint32_t source, std::int64_t n, Delays which);

  void save_waiting(ArchiveWriter& out, std::int64_t now) const;
  void load_waiting(const ArchiveReader& in, std::int64_t now);

  std::vector<Path<T>> paths_;
  std::vector<std::uint32_t> punctual_;  ///< by segment, longest delay first, by projection
  std::vector<std::vector<std::vector<Waiting>>> waiting_;  ///< by target population and slot
  std::uint64_t events_ = 0;
};

}  // namespace callosum::sim
