#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/population_state.h"

namespace callosum::sim {

/// The first state of a thread's neurons that was found not to be finite.
struct NotFinite {
  std::int64_t step = -1;  ///< at which it was found; -1: none
  std::uint32_t population = 0, neuron = 0;
  std::string variable;
  double value = 0;
};

/// Looks through the states of the segments after `step` steps, unless something was found before.
template <class T>
void look_for_not_finite(const std::vector<std::unique_ptr<PopulationState<T>>>& populations,
                         const std::vector<Segment>& segments, std::int64_t step, NotFinite& found);

/// Throws NumericalError for the first of what all threads found, if any did.
void refuse_not_finite(const std::vector<NotFinite>& found, const Network& network);

}  // namespace callosum::sim
