#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "callosum/jit/kernel.h"
#include "callosum/model/plastic_program.h"
#include "callosum/network/network.h"

namespace callosum::sim {

/// The programs of a plastic projection made runnable, shared by all who run them.
struct PlasticCode {
  struct Part {
    model::Program program;  ///< lowered
    std::shared_ptr<const jit::Kernel> kernel;
    std::vector<double> uniforms;  ///< by slot: of parameters and what derives from them
  };
  Part on_pre, on_post, advance;
  Part source, target, show;    ///< of shared states; without a kernel where there are none
  Part sum;                     ///< without a kernel where nothing is summed
  std::string source_variable;  ///< of the sum
  std::vector<std::string> variables, reads, targets;
  model::SharedStates shared;
  std::vector<bool> written, is_state;  ///< by variable: some program stores it; has an equation
  bool has_states = false, post_first = false, deferred = false, frozen = false;
  bool separate = false;  ///< made with KeptStates::by_synapse
};

/// Whether states that are one value a source or a target are kept there, or by each synapse: what
/// a user sets one by one differs among the synapses of a neuron.
enum class KeptStates { shared, by_synapse };

/// Compiles the projection's synapse. Throws what compile_plastic throws, and ValueError where the
/// bounds of a clip() are in the wrong order.
model::PlasticProgram compile_plastic(const Network& network, std::uint32_t projection, bool frozen,
                                      KeptStates states = KeptStates::shared);
PlasticCode make_plastic_code(const Network& network, std::uint32_t projection, Precision precision,
                              const jit::KernelOptions& options, bool frozen,
                              KeptStates states = KeptStates::shared);

}  // namespace callosum::sim
