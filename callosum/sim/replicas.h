#pragma once

#include <cstdint>
#include <memory>

#include "callosum/sim/simulation.h"

namespace callosum {

/// Independent runs of one network: other initial states, noise and Poisson input over the same
/// synapses, which are kept once. Replica r is, bit for bit, the Simulation of the same options and
/// `replica = options.replica + r`, for any number of replicas and threads.
///
///     Replicas runs(net, 8, {.threads = 2, .seed = 1});
///     runs.run(1_s);
///     for (int r = 0; r < runs.size(); ++r) use(runs[r].recording());
///
/// Threads are spread over replicas; where there are at least twice as many, each replica has
/// several. Streamed recordings stand in the folders replica-R below stream_dir.
class Replicas {
 public:
  /// Throws ValueError for count < 1, UnsupportedError where ranks share the network, and what
  /// Simulation throws; ResourceError for all of them together.
  Replicas(Network network, int count, SimulationOptions options = {});
  ~Replicas();
  Replicas(Replicas&&) noexcept;

  int size() const;
  Simulation& operator[](int replica);
  const Simulation& operator[](int replica) const;

  /// Every replica advances to step() + steps; none goes beyond it that stands beyond it already.
  /// Throws NumericalError that names the replica too, Interrupted when the progress callback
  /// returns false: some replicas have then done all of it, some a part, some nothing.
  void run(Quantity duration);
  void run_steps(std::int64_t steps);
  /// The least of their steps.
  std::int64_t step() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callosum
