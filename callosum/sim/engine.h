#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/core/archive.h"
#include "callosum/sim/recording.h"
#include "callosum/sim/simulation.h"

namespace callosum::sim {

/// A simulation at one precision. Simulation is the typed, checked front of it.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Advances by up to `steps`; fewer when the progress callback stops it (then returns false).
  virtual bool run(std::int64_t steps) = 0;
  virtual std::int64_t step() const = 0;
  virtual void set(const View& neurons, const std::string& name,
                   const std::vector<double>& values) = 0;
  virtual std::vector<double> get(const View& neurons, const std::string& name) = 0;
  /// Of plastic projections, in global order.
  virtual std::vector<double> get_synapses(std::uint32_t projection, const std::string& name) = 0;
  virtual void set_synapses(std::uint32_t projection, const std::string& name,
                            const std::vector<double>& values) = 0;
  virtual SynapseList synapses(std::uint32_t projection) const = 0;
  /// Removes and grows at once. Throws UnsupportedError, ValueError for a delay out of range.
  virtual void rewire(std::uint32_t projection, const std::vector<bool>& removed,
                      const SynapseList& grown, const std::vector<double>& weights) = 0;
  virtual void freeze(std::uint32_t projection, bool frozen) = 0;
  virtual std::uint64_t synapses_of(std::uint32_t projection) const = 0;
  virtual void reset(Reset what) = 0;
  virtual Recording recording() const = 0;
  virtual RunStatistics statistics() const = 0;
  /// Adds all that decides how the run goes on to a checkpoint.
  virtual void save(ArchiveWriter& out) = 0;
};

/// Throws ResourceError with the estimate when it exceeds the limit or what the machine has free.
void refuse_what_does_not_fit(const Network& network, const SimulationOptions& options,
                              int replicas = 1);

/// `resume`: a checkpoint of this network, seed and precision to go on from, or null. Throws
/// FileError when it does not fit the network. `like`: another run of this very network, with the
/// same seed, threads and precision, whose rows are shared, or null.
std::unique_ptr<Engine> make_engine(const Network& network, const SimulationOptions& options,
                                    const ArchiveReader* resume = nullptr,
                                    const Engine* like = nullptr);

}  // namespace callosum::sim
