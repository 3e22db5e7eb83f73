#pragma once

#include <vector>

#include "callosum/model/program.h"

namespace callosum::jit {

/// An order of the instructions marked in `varies` that keeps the processor busy: independent
/// chains interleave, so that the latency of one hides behind the others, while not too many values
/// wait for their uses. (A program stands function after function, each one chain of dependent
/// steps; no processor looks far enough ahead to find the next chain by itself. Worth a quarter of
/// the time of a Hodgkin-Huxley neuron.)
std::vector<model::Value> interleave(const model::Program& program,
                                     const std::vector<bool>& varies);

}  // namespace callosum::jit
