#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "callosum/core/team.h"
#include "callosum/core/travelling_lists.h"
#include "callosum/sim/continuous.h"
#include "callosum/sim/delivery.h"
#include "callosum/sim/drives.h"
#include "callosum/sim/engine.h"
#include "callosum/sim/exchange.h"
#include "callosum/sim/on_pre.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/recorders.h"
#include "callosum/sim/rewiring.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/sliced_delivery.h"
#include "callosum/sim/spike_statistics.h"
#include "callosum/sim/stimulus.h"
#include "callosum/sim/trace_recorders.h"
#include "callosum/sim/watch.h"
#include "callosum/sim/weight_recorders.h"

namespace callosum::sim {

/// The engine at precision T. Threads own whole blocks of neurons: they update them and deliver to
/// them, so no two threads write one number. Step n of a thread (DESIGN section 4):
///
///   at the start of an exchange interval: barrier; deliver the spikes of the last interval, step
///   by step, projection by projection, in order of sources: every accumulator sees its terms in
///   one order for any number of threads. Where delays differ within a projection, spikes wait in
///   the exchange for the windows of steps in which they arrive (SlicedDelivery);
///   driven parameters: own value, stimuli, continuous projections; terms that waited for this
///   step (on_pre programs read states as they are at its start); Poisson arrivals, last into their
///   slot; the kernel of every own segment; spikes are read off the masks, stamped n+1, counted,
///   and left for the next exchange. Where zero delays order populations, level by level: what one
///   level fires reaches the next within the step.
///
/// Several ranks share a network as threads do: each owns the segments of its own threads, and at
/// the start of an exchange interval the first thread trades the spikes of its rank for those of
/// all others. The lists are the same as if threads had found them, so is all that follows. Where
/// all delays are two steps or more, intervals are half as long and lists travel during the update:
/// what was found in one interval is sent at its end, and delivered at the end of the next.
///
/// Where nothing but spikes passes between neurons, and their delays are longer than a step, a
/// thread takes one segment through all steps of an exchange interval, then the next, so that its
/// states stay in cache.
///
/// The exchange interval is at most the smallest positive delay: a spike found in step n arrives in
/// slot n+delay, which lies beyond the interval.
template <class T>
class ClockedEngine : public Engine {
 public:
  ClockedEngine(const Network& network, const SimulationOptions& options,
                const ArchiveReader* resume, const ClockedEngine* like);

  bool run(std::int64_t steps) override;
  std::int64_t step() const override { return now_; }
  void set(const View& neurons, const std::string& name,
           const std::vector<double>& values) override;
  std::vector<double> get(const View& neurons, const std::string& name) override;
  std::vector<double> get_synapses(std::uint32_t projection, const std::string& name) override;
  void set_synapses(std::uint32_t projection, const std::string& name,
                    const std::vector<double>& values) override;
  SynapseList synapses(std::uint32_t projection) const override;
  void rewire(std::uint32_t projection, const std::vector<bool>& removed, const SynapseList& grown,
              const std::vector<double>& weights) override;
  void freeze(std::uint32_t projection, bool frozen) override;
  std::uint64_t synapses_of(std::uint32_t projection) const override;
  void reset(Reset what) override;
  Recording recording() const override;
  RunStatistics statistics() const override;
  void save(ArchiveWriter& out) override;

 private:
  struct Worker {
    std::vector<Segment> segments;
    std::size_t first_segment = 0;  ///< of all workers' segments
    Delivery<T> delivery;
    SlicedDelivery<T> sliced;
    std::vector<typename PopulationState<T>::Context> contexts;
    std::uint64_t hash = 0;
    std::int64_t delivered = 0;  ///< spikes of steps before it have gone to the two deliveries
  };

  struct SynapseCode {  // of one projection; null for plain synapses
    std::shared_ptr<SynapseKernel> general;
    std::shared_ptr<const PlasticCode> plastic;
    ContinuousProjection<T>* sources = nullptr;  // what plastic ones sum over
  };

  void compile();
  std::vector<Connectivity> draw_plans();
  void plan_rings(const std::vector<Connectivity>& connectivities);
  void make_drives();
  void connect(const std::vector<Connectivity>& connectivities, const ClockedEngine* like);
  void connect_continuous(std::uint32_t projection, const Connectivity& connectivity);
  ContinuousProjection<T>* watch_sources(std::uint32_t projection,
                                         const Connectivity& connectivity);
  void connect_spikes(Worker& worker, const Segment& segment, std::uint32_t projection,
                      const Connectivity& connectivity, bool waits, const SynapseCode& code,
                      const Worker* like);
  std::shared_ptr<const PlasticCode> plastic_code(std::uint32_t projection, bool frozen,
                                                  KeptStates states) const;
  void change_code(std::uint32_t projection, bool frozen, KeptStates states);
  Connectivity connectivity(std::uint32_t projection) const;
  void wire(std::uint32_t projection, const Wiring& wiring, const std::vector<std::int64_t>* from);
  void save_wirings(ArchiveWriter& out) const;
  void load_wirings(const ArchiveReader& in);
  const PlasticSynapses<T>* some_synapses(std::uint32_t projection) const;
  template <class F>
  void save_projections(ArchiveWriter& out, const std::string& name, F holds);
  template <class F>
  void load_projections(const ArchiveReader& in, const std::string& name, F apply);
  std::shared_ptr<const PlasticCode> plastic_code(std::uint32_t projection,
                                                  const Connectivity& connectivity) const;
  void connect_slices(Worker& worker, const Segment& segment, std::uint32_t projection,
                      const Connectivity& connectivity, const Worker* like);
  std::uint32_t input_of(std::uint32_t projection) const;
  bool in_slices(std::uint32_t projection) const;
  void make_recorders(const std::vector<Connectivity>& connectivities);
  void refresh();
  void sample(std::int64_t k);

  void work(int thread, std::int64_t until, std::int64_t end);
  void exchange(Worker& worker, int thread, std::int64_t n);
  void deliver(Worker& worker, std::int64_t n, std::int64_t known);
  void settle();
  void update(Worker& worker, int thread, std::int64_t n);
  void update_by_segment(Worker& worker, int thread, std::int64_t first, std::int64_t last);
  void update_level(Worker& worker, std::uint32_t level, std::int64_t n);
  void update_segment(Worker& worker, const Segment& segment, std::int64_t n);
  void sample_states(const Worker& worker, std::int64_t k);
  void collect(const Worker& worker, FoundSpikes& found, std::uint32_t level, std::int64_t n);
  void collect(const Segment& segment, FoundSpikes& found, std::int64_t n) const;
  void listed_spikes(const Segment& segment, std::int64_t stamp,
                     std::vector<std::uint32_t>& neurons) const;
  void count(Worker& worker, const FoundSpikes& found, std::int64_t n);
  void fill_drives(std::uint32_t population, std::int64_t n);
  void sample_computed(std::int64_t k);
  void record_spikes(std::int64_t until);
  bool first_rank() const { return ranks_ == nullptr || ranks_->rank() == 0; }
  void refuse_what_ranks_cannot() const;
  void encode(std::int64_t until);
  void decode();
  void begin_trade(std::int64_t until);
  void finish_trade();
  void trade(std::int64_t until);
  bool agree(std::int64_t& batch, bool keep_on);
  void share_not_finite();
  void sum_over_ranks(std::span<std::uint64_t> numbers) const;
  void merge_neurons(std::uint32_t population, std::vector<double>& values) const;
  void restart_time(bool keep_state);
  template <class F>
  void for_each_block(F f);
  void save_shared(ArchiveWriter& out, const RunStatistics& done);
  void save_changes(ArchiveWriter& out) const;
  void load(const ArchiveReader& in);
  void load_changes(const ArchiveReader& in);
  void save_found(ArchiveWriter& out);
  void load_found(const ArchiveReader& in);
  std::uint64_t draw_of(std::int64_t n) const {
    return static_cast<std::uint64_t>(n) + draw_shift_;
  }

  const Network& network_;
  SimulationOptions options_;
  Ranks* ranks_ = nullptr;  // null: this process alone
  Team team_;
  std::vector<OnPre> on_pre_;
  std::vector<Connectivity> connectivities_;  // kept where rows are drawn again
  std::vector<std::unique_ptr<PopulationState<T>>> populations_;
  std::vector<std::uint32_t> longest_;                // delay onto each population
  std::vector<std::vector<Ring<T>>> rings_;           // by population and its inputs
  std::vector<std::vector<std::int32_t>> positions_;  // by projection: of sources in its view
  std::vector<std::uint32_t> level_of_;
  std::uint32_t levels_ = 1;
  bool by_segment_ = false;  // segments do not hear of each other within an exchange interval
  std::vector<ActiveStimulus> stimuli_;
  std::vector<std::unique_ptr<ContinuousProjection<T>>> continuous_;
  std::vector<Drives<T>> drives_;
  std::vector<Worker> workers_;
  Exchange exchange_;
  std::size_t first_finder_ = 0;           // of this rank's threads in the exchange
  TravellingLists* travelling_ = nullptr;  // where lists travel during the update
  std::int64_t history_ = 0;               // steps whose spikes may still wait in the exchange
  std::int64_t exchanged_ = 0;             // spikes of steps before it are known from all ranks
  std::int64_t sent_until_ = 0;            // and of steps before it on their way
  std::vector<char> sent_, received_;
  std::vector<std::size_t> ends_;
  std::int64_t interval_ = 1;
  std::vector<SpikeStatistics> statistics_;
  std::vector<std::uint64_t> first_ids_;  // of each population's neurons in the network
  std::unique_ptr<SpikeRecorders> spikes_;
  std::unique_ptr<TraceRecorders<T>> traces_;
  std::unique_ptr<WeightRecorders<T>> weights_;
  std::vector<Recording::Change> changes_;
  std::vector<NotFinite> not_finite_;
  std::int64_t now_ = 0, recorded_ = 0;
  std::uint64_t draw_shift_ = 0;  // random numbers are keyed by step + shift
  RunStatistics totals_;
};

}  // namespace callosum::sim
