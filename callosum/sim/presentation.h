#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "callosum/sim/simulation.h"

namespace callosum {

/// How samples are shown to a network one after another: before each, what `reset` names is
/// restored and time starts anew; then `steps` with the sample, and `gap` without.
struct Presentation {
  std::int64_t steps = 0;
  std::int64_t gap = 0;
  Reset reset = Reset::state | Reset::weights;
};

/// What is done with each sample. `show` sets its input and `read` takes what came of it, after
/// `steps`; `hide` ends the input before the gap, if there is one.
struct Samples {
  std::function<void(Simulation&, std::size_t sample)> show, read;
  std::function<void(Simulation&)> hide = {};
};

/// Shows samples [first, last) to one simulation. Its random numbers go on from sample to sample.
/// ValueError unless steps > 0 and gap >= 0, or for a gap that nothing ends.
void present(Simulation& simulation, const Presentation& presentation, std::size_t first,
             std::size_t last, const Samples& samples);

/// Shows samples [0, count) to `replicas` copies of the network at once, each a run of samples in
/// order. A sample's result depends on the network, the seed and its number alone: its random
/// numbers are those of its place, and `reset` must leave nothing of other samples (state and,
/// where something learns, weights). `show` and `read` are called for different samples at the same
/// time.
void present(const Network& network, const SimulationOptions& options,
             const Presentation& presentation, std::size_t count, int replicas,
             const Samples& samples);

}  // namespace callosum
