#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace callosum::sonata {

/// Spikes in steps of the network, by neuron and time.
struct StepTrain {
  std::vector<std::uint32_t> neurons = {};
  std::vector<std::int64_t> steps = {};
  std::size_t off_grid = 0;  ///< how many were moved to the nearest step
  std::size_t moved = 0;     ///< how many went on to the next free step of their neuron
};

/// Neurons and times in ms as steps, at least the first; of two in one step the later goes to the
/// next. Throws ValueError for a time that cannot be counted.
StepTrain on_steps(std::vector<std::pair<std::uint32_t, double>> train, double dt_ms,
                   const std::string& where);

}  // namespace callosum::sonata
