#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/team.h"
#include "callosum/sim/continuous.h"
#include "callosum/sim/engine.h"
#include "callosum/sim/exchange.h"
#include "callosum/sim/general_synapses.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/recorders.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/spike_statistics.h"
#include "callosum/sim/stimulus.h"
#include "callosum/sim/synapse_store.h"
#include "callosum/sim/trace_recorders.h"

namespace callosum::sim {

/// The engine at precision T. Threads own whole blocks of neurons: they update them and deliver to
/// them, so no two threads write one number. Step n of a thread (DESIGN section 4):
///
///   at the start of an exchange interval: barrier; deliver the spikes of the last interval, step
///   by step,
///     projection by projection, in order of sources: every accumulator sees its terms in one order
///     for any number of threads;
///   driven parameters: own value, stimuli, continuous projections; Poisson arrivals, last into
///   their slot; the kernel of every own segment, level by level where zero delays order
///   populations; spikes are read off the masks, stamped n+1, counted, and left for the next
///   exchange.
///
/// The exchange interval is the smallest positive delay: a spike found in step n arrives in slot
/// n+delay, which lies beyond the interval.
template <class T>
class ClockedEngine : public Engine {
 public:
  ClockedEngine(const Network& network, const SimulationOptions& options);

  bool run(std::int64_t steps) override;
  std::int64_t step() const override { return now_; }
  void set(const View& neurons, const std::string& name,
           const std::vector<double>& values) override;
  std::vector<double> get(const View& neurons, const std::string& name) override;
  void reset(Reset what) override;
  Recording recording() const override;
  RunStatistics statistics() const override;

 private:
  // One projection onto one segment.
  struct Path {
    std::uint32_t source_population, target_population;
    bool immediate;                              // delay 0
    const std::vector<std::int32_t>* positions;  // of source neurons in the view; empty: all
    Ring<T>* ring;                               // plain synapses
    std::unique_ptr<SynapseStore<T>> store;
    std::unique_ptr<GeneralSynapses<T>> general;  // null for plain ones
  };
  struct Worker {
    std::vector<Segment> segments;
    std::vector<Path> paths;  // projections in order
    std::vector<typename PopulationState<T>::Context> contexts;
    std::uint64_t events = 0, hash = 0;
  };
  struct Drive {  // a driven parameter
    std::string name;
    T* column = nullptr;
    std::vector<ActiveStimulus*> stimuli;
    std::vector<ContinuousProjection<T>*> continuous;
  };
  struct Failure {
    std::uint32_t population = 0, neuron = 0;
    std::string variable;
    double value = 0;
    bool found = false;
  };

  void build(const SimulationOptions& options);
  void refresh_contexts();
  void work(int thread, std::int64_t end);
  // Positive delays, or (level given) the zero delays that leave one level of populations.
  static constexpr std::uint32_t no_level = 0xffffffffu;
  void deliver(Worker& worker, std::int64_t found_in, std::uint32_t level = no_level);
  void update(Worker& worker, int thread, std::int64_t n);
  void drive(const Segment& segment, std::int64_t n);
  void collect(const Worker& worker, FoundSpikes& found, std::uint32_t levels, std::int64_t n);
  void count(Worker& worker, const FoundSpikes& found, std::int64_t n);
  void record_spikes(std::int64_t until);
  void watch(int thread, const Worker& worker);
  [[noreturn]] void report_failure() const;

  const Network& network_;
  SimulationOptions options_;
  Team team_;
  std::vector<std::unique_ptr<PopulationState<T>>> populations_;
  std::vector<std::vector<Ring<T>>> rings_;  // by population and its inputs
  std::vector<std::vector<std::int32_t>> positions_;
  std::vector<std::vector<std::uint32_t>> levels_;
  std::vector<std::uint32_t> level_of_;
  std::vector<ActiveStimulus> stimuli_;
  std::vector<std::vector<std::pair<std::size_t, ActiveStimulus*>>>
      poisson_;  // by population: input, stimulus
  std::vector<std::vector<Drive>> drives_;
  std::vector<std::unique_ptr<ContinuousProjection<T>>> continuous_;
  std::vector<Worker> workers_;
  Exchange exchange_;
  std::vector<SpikeStatistics> statistics_;
  SpikeRecorders spike_recorders_;
  std::unique_ptr<TraceRecorders<T>> traces_;
  std::vector<Recording::Change> changes_;
  std::vector<Failure> failures_;
  std::int64_t now_ = 0, recorded_ = 0;
  std::uint64_t draw_shift_ = 0;
  RunStatistics totals_;
  std::uint64_t synapses_ = 0;
};

}  // namespace callosum::sim
