#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/units.h"

namespace callosum {

/// Spikes of one recorder, ordered by (step, neuron). A spike stamped n stands at time n dt.
struct SpikeRecord {
  std::string population;
  std::uint32_t size = 0;              ///< neurons recorded
  std::vector<std::uint32_t> neurons;  ///< index within the population
  std::vector<std::int64_t> steps;
};

/// Samples of one variable: values[sample * indices.size() + i], internal units; sample k stands at
/// step first + k * interval. Sample 0 of a new simulation is the initial state.
struct TraceRecord {
  std::string population, variable;
  Dimension dimension;
  std::vector<std::uint32_t> indices;
  std::int64_t first = 0, interval = 1;
  std::vector<double> values;
  std::size_t samples() const { return indices.empty() ? 0 : values.size() / indices.size(); }
};

/// Weights of one projection at step first + k * interval, in global (source, ordinal) order.
struct WeightRecord {
  std::string projection;
  Dimension dimension;
  std::int64_t first = 0, interval = 1;
  std::size_t synapses = 0;
  std::vector<double> values;
};

/// What is known of a population without recording its spikes.
struct PopulationSummary {
  std::string name, model;
  std::uint32_t size = 0;
  std::uint64_t spikes = 0;
  double rate_hz = 0;  ///< over the time simulated
  double cv_isi = 0;   ///< mean over neurons with at least 5 spikes; NaN when there is none
};

/// Everything a run leaves behind in memory.
struct Recording {
  std::string network;
  double dt_ms = 0.1;
  std::int64_t steps = 0;
  std::uint64_t seed = 0;
  std::uint32_t replica = 0;
  std::vector<SpikeRecord> spikes;
  std::vector<TraceRecord> traces;
  std::vector<WeightRecord> weights;
  std::vector<PopulationSummary> populations;
  /// `set` calls made during the run: step, population, parameter, value.
  struct Change {
    std::int64_t step;
    std::string population, parameter, value;
  };
  std::vector<Change> changes;
};

/// What Simulation::recording() hands over. It becomes a Recording where one is kept or asked for
/// (`const Recording r = sim.recording();`, `report::write(path, sim.recording())`) and has no
/// members: a loop over `sim.recording().spikes` would read what is gone, and does not compile.
class RecordingToKeep {
 public:
  explicit RecordingToKeep(Recording recording) : recording_(std::move(recording)) {}
  operator Recording() && { return std::move(recording_); }

 private:
  Recording recording_;
};

}  // namespace callosum
