#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/precision.h"
#include "callosum/core/progress.h"
#include "callosum/core/ranks.h"
#include "callosum/jit/kernel.h"
#include "callosum/network/network.h"
#include "callosum/sim/recording.h"
#include "callosum/sim/synapse_list.h"

namespace callosum {

struct SimulationOptions {
  int threads = 1;
  std::uint64_t seed = 1;
  /// Random numbers of step n are those of step n + first_draw of a run that began at 0, so that
  /// runs of one network may follow one another without repeating a draw.
  std::uint64_t first_draw = 0;
  /// Which of many independent runs of the network this is (Replicas). It keys what a run draws:
  /// initial states, noise, random functions, Poisson input. What the network is (synapses and
  /// their variables, positions, drawn parameters) is that of the seed alone.
  std::uint32_t replica = 0;
  Precision precision = Precision::single;
  jit::KernelOptions kernel = {};
  /// Recordings are appended to files in this folder as the run goes on and recording() reads them
  /// back; "" : kept in memory.
  std::string stream_dir = {};
  ProgressCallback progress = {};
  double memory_limit_bytes = 0;  ///< refuse what needs more; 0: what the machine has free
  /// The processes that share the network; null: this one alone. Then every call of Simulation and
  /// estimate() is collective, with the same arguments but for threads and progress. Rank 0 writes
  /// all files and has the recording.
  std::shared_ptr<Ranks> ranks = {};
};

/// What building would need, from the description alone.
struct Estimate {
  double synapses = 0;
  double bytes = 0;  ///< peak of this process beyond what it uses now
  double bytes_synapses = 0, bytes_neurons = 0, bytes_recording_per_second = 0;
  /// How synapses will be kept, one entry a way that occurs.
  struct Layout {
    std::string name;
    int projections = 0;
    double synapses = 0, bytes = 0;
  };
  std::vector<Layout> layouts = {};
  std::string to_string() const;
};
/// `replicas` runs at once, which share the rows of their synapses.
Estimate estimate(const Network& network, const SimulationOptions& options, int replicas = 1);

/// How long things took and how much was done.
struct RunStatistics {
  double compile_s = 0, build_s = 0, simulate_s = 0;
  std::int64_t steps = 0;
  std::uint64_t neurons = 0, synapses = 0;
  std::uint64_t synaptic_events = 0;  ///< delivered over synapses; Poisson input is not counted
  std::uint64_t plastic_updates = 0;  ///< runs of on_pre and on_post of plastic synapses
  std::uint64_t spikes = 0;
  /// Sum modulo 2^64 over all spikes of mix64(mix64(global id) + step).
  std::uint64_t spike_hash = 0;
  double synapse_bytes = 0;
};

enum class Reset : unsigned { state = 1, weights = 2, time = 4, random = 8, all = 15 };
constexpr Reset operator|(Reset a, Reset b) {
  return static_cast<Reset>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

class ArchiveReader;

/// A network with state: builds on construction, advances on run(). Same seed, same spikes, bit for
/// bit, for any number of threads and ranks and any vector width (DESIGN section 1).
class Simulation {
 public:
  /// Throws ResourceError before building when it cannot fit, UnsupportedError for a zero-delay
  /// cycle (naming it), and what compiling the models throws.
  explicit Simulation(Network network, SimulationOptions options = {});
  /// Goes on from a checkpoint, on any number of threads and ranks. Recordings that were streamed
  /// are cut to what they were then. Throws FileError when the file is missing, torn, damaged or of
  /// another version, and when network, dt, seed or precision are not those it was written with;
  /// nothing is changed then. read_checkpoint() tells what those are.
  static Simulation resume(const std::string& checkpoint, Network network,
                           SimulationOptions options = {});
  ~Simulation();
  Simulation(Simulation&&) noexcept;

  /// Throws NumericalError naming population, neuron, variable and time when a state is no longer
  /// finite, Interrupted when the progress callback returns false (all steps done are kept).
  void run(Quantity duration);
  void run_steps(std::int64_t steps);

  std::int64_t step() const;
  Quantity time() const;

  /// Takes effect at the next step, is logged in the recording. All or nothing. Throws NameError,
  /// UnitError, ShapeError, ValueError. Distributions are drawn from streams of seed, population,
  /// variable, neuron and step.
  void set(View neurons, std::string_view name, Values values);
  /// Current values of a state, parameter or subexpression, internal units.
  std::vector<double> get(View neurons, std::string_view name) const;
  /// Present values of a variable ("weight", a trace) of a plastic projection's synapses, internal
  /// units, in global order: by source, block of targets, draw order; as each synapse stands for a
  /// presynaptic spike that acts in the next step. Changes nothing. Throws UnsupportedError where
  /// nothing learns, NameError.
  std::vector<double> get_synapses(std::uint32_t projection, std::string_view name) const;
  /// Sets it: one value, an array in global order, or a distribution drawn from a stream of seed,
  /// projection, variable and step. Takes effect at the next step. All or nothing.
  void set_synapses(std::uint32_t projection, std::string_view name, const Values& values);
  /// While a plastic projection is frozen its traces run on and its weights do not change.
  void freeze(std::uint32_t projection, bool frozen = true);

  /// The synapses of a plastic projection at present, in the order of get_synapses.
  SynapseList synapses(std::uint32_t projection) const;
  /// Removes and grows synapses of a plastic projection. Removed are those for which `removed`, in
  /// the order of get_synapses, holds (empty: none); others, their traces and what is on its way to
  /// them are as they would be without. A grown one shares the traces that its source or target has
  /// for all its synapses; its own variables begin as in a new network. In the order of
  /// get_synapses it comes after those of its source and block of targets. A spike that is on its
  /// way over a delay reaches all synapses of its source with that delay. Delays lie within those
  /// that the projection was built with; `weight` is one value, an array in the order of `grown`,
  /// or drawn from a stream of seed, projection and step. All or nothing. Throws ShapeError,
  /// ValueError, UnitError; UnsupportedError where nothing learns, while the projection's weights
  /// are recorded and over several ranks.
  void rewire_synapses(std::uint32_t projection, const std::vector<bool>& removed,
                       const SynapseList& grown = {}, const Values& weight = 1.0);
  /// Restores what is named to what it was after construction. state: states, and nothing is on its
  /// way; parameters keep what `set` gave them. weights: variables of synapses. time: step 0, and
  /// recordings start anew; what is on its way still arrives. random: draws start anew; without
  /// it they go on.
  void reset(Reset what);

  /// What was recorded, by value: `const Recording r = sim.recording();`. Throws FileError when
  /// streamed files have been lost.
  RecordingToKeep recording() const;
  /// Writes a checkpoint: all that decides how the run goes on, and what was recorded or, where
  /// recordings are streamed, how much of it. The file appears whole, in the place of an older one,
  /// or not at all. The run itself goes on as if nothing had been written. Throws FileError.
  void save(const std::string& path) const;
  RunStatistics statistics() const;
  const Network& network() const;
  const SimulationOptions& options() const;

 private:
  struct Impl;
  /// `like`: another replica, whose rows this one shares; or null.
  Simulation(std::shared_ptr<const Network> network, SimulationOptions options,
             const ArchiveReader* resume, const Simulation* like);
  friend class Replicas;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callosum
