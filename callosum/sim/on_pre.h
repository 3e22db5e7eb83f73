#pragma once

#include <memory>
#include <string>
#include <vector>

#include "callosum/model/plastic_program.h"
#include "callosum/model/step.h"
#include "callosum/network/network.h"

namespace callosum::sim {

/// What a spike of one projection does to its target.
struct OnPre {
  bool plain = true;                 ///< `target += weight` and nothing else
  std::vector<std::string> targets;  ///< states of the target population that it adds to
  model::Program program;            ///< where it is neither plain nor plastic: a lane a synapse
  std::shared_ptr<const model::PlasticProgram> plastic = {};  ///< null where nothing learns
};

/// The variable that the projection's target stands for, or the one that its synapse model names.
std::string target_of(const Projection& p, const model::Model& synapse, const model::Model& post);

/// Compiles the `on_pre` of a projection that carries spikes. Throws UnsupportedError for what the
/// engine cannot do: subexpressions, on_post, a place for states where there are none.
OnPre compile_on_pre(const Network& network, std::uint32_t projection);

}  // namespace callosum::sim
