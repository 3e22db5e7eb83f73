#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/jit/kernel.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/synapse_store.h"

namespace callosum::sim {

/// The code of an `on_pre` that is more than `target += weight`, shared by all who run it.
struct SynapseKernel {
  model::Program program;  ///< lowered
  std::shared_ptr<const jit::Kernel> kernel;
};

/// Synapses of one projection onto one segment whose `on_pre` runs as a program over the synapses
/// of a row, at the step in which the spike arrives, so that what it reads of the target has the
/// value of that step's start.
template <class T>
class GeneralSynapses {
 public:
  GeneralSynapses(const Network& network, std::uint32_t projection,
                  std::shared_ptr<const SynapseKernel> code, const Connectivity& connectivity,
                  const SynapseStore<T>& store, const Segment& segment, PopulationState<T>& post,
                  std::vector<Ring<T>>& rings, std::uint64_t seed);

  /// What synapses [first, last) of the store do in step n.
  void arrive(std::uint64_t first, std::uint64_t last, std::int64_t n);
  void restore();  ///< synapse variables as they were drawn
  /// The present weight of synapse k of the store.
  T weight(std::uint64_t k) const;
  std::size_t bytes() const;

  /// Variables that have changed since they were drawn, a record for each block of targets of the
  /// segment, in order of sources and draws.
  void save(ArchiveWriter& out, const std::string& projection,
            const Connectivity& connectivity) const;
  void load(const ArchiveReader& in, const std::string& projection,
            const Connectivity& connectivity);

 private:
  struct Post {  ///< a variable of the target that the program reads
    std::size_t slot;
    std::string name;
  };
  void run(std::uint64_t first, std::uint64_t last, std::int64_t n);

  const SynapseStore<T>& store_;
  Segment segment_;
  PopulationState<T>& post_;
  std::shared_ptr<const SynapseKernel> code_;
  std::vector<std::vector<T>> variables_,
      drawn_;  ///< by slot; empty where the slot is no synapse variable
  std::vector<Post> reads_;
  std::vector<Ring<T>*> targets_;  ///< by slot; null elsewhere
  std::vector<Aligned<T>> lanes_;
  std::vector<void*> slots_;
  std::vector<T> uniforms_;
  int weight_slot_ = -1;
};

}  // namespace callosum::sim
