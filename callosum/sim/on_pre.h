#pragma once

#include <string>
#include <vector>

#include "callosum/model/step.h"
#include "callosum/network/network.h"

namespace callosum::sim {

/// What a spike of one projection does to its target.
struct OnPre {
  bool plain = true;                 ///< `target += weight` and nothing else
  std::vector<std::string> targets;  ///< states of the target population that it adds to
  model::Program program;            ///< where it is not plain: a lane a synapse
};

/// Compiles the `on_pre` of a projection that carries spikes. Throws UnsupportedError for what the
/// engine cannot do: subexpressions, on_post, a place for states where there are none.
OnPre compile_on_pre(const Network& network, std::uint32_t projection);

}  // namespace callosum::sim
