#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "callosum/jit/kernel.h"
#include "callosum/model/step.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/synapse_store.h"

namespace callosum::sim {

/// Synapses whose `on_pre` is more than `target += weight`: their program runs over the synapses of
/// a row, at the step in which the spike arrives, so that what it reads of the target has the value
/// of that step's start.
template <class T>
class GeneralSynapses {
 public:
  GeneralSynapses(const Network& network, std::uint32_t projection, const SynapseStore<T>& store,
                  const Segment& segment, PopulationState<T>& post, std::vector<Ring<T>>& rings,
                  std::uint64_t seed, std::uint32_t longest, const jit::KernelOptions& kernel);

  /// Notes the row of `source`, whose spike was found in step n. Returns its length.
  std::uint32_t deliver(std::uint32_t source, std::int64_t n);
  /// Runs what arrives in step n.
  void arrive(std::int64_t n);
  void clear();    ///< forgets spikes on their way
  void restore();  ///< synapse variables as they were drawn
  std::size_t bytes() const;

 private:
  struct Range {
    std::uint64_t first, last;
  };
  void run(Range range, std::int64_t n);

  const SynapseStore<T>& store_;
  Segment segment_;
  PopulationState<T>& post_;
  std::shared_ptr<const jit::Kernel> kernel_;
  model::Program program_;
  std::vector<std::vector<T>> variables_,
      drawn_;                            ///< by slot; empty where the slot is no synapse variable
  std::vector<std::string> post_names_;  ///< by slot; "" elsewhere
  std::vector<Ring<T>*> targets_;        ///< by slot; null elsewhere
  std::vector<Aligned<T>> lanes_;
  std::vector<void*> slots_;
  std::vector<T> uniforms_;
  std::vector<std::vector<Range>> pending_;
};

}  // namespace callosum::sim
