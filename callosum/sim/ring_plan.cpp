#include "callosum/sim/ring_plan.h"

#include <algorithm>

#include "callosum/sim/sliced_delivery.h"
#include "callosum/sim/wiring.h"

namespace callosum::sim {

RingPlanner::RingPlanner(const Network& network, const std::vector<OnPre>& on_pre,
                         const std::vector<Connectivity>& connectivities)
    : network_(network),
      on_pre_(on_pre),
      connectivities_(connectivities),
      waiting_(find_waiting(network, on_pre)) {}

std::uint32_t RingPlanner::longest(std::uint32_t population) const {
  std::uint32_t longest = 1;
  for (std::uint32_t id = 0; id < connectivities_.size(); ++id) {
    const Projection& projection = network_.projections()[id];
    if (projection.to.population == population && projection.synapse.source_variable.empty())
      longest = std::max(longest, connectivities_[id].maximum_delay());
  }
  return longest;
}

// Whether holds(id) for each projection of spikes that reaches an input.
template <class F>
bool RingPlanner::every_projection(std::uint32_t population, const std::string& input,
                                   F holds) const {
  for (std::uint32_t id = 0; id < connectivities_.size(); ++id) {
    const Projection& projection = network_.projections()[id];
    const auto& targets = on_pre_[id].targets;
    if (projection.to.population == population && projection.synapse.source_variable.empty() &&
        std::find(targets.begin(), targets.end(), input) != targets.end() && !holds(id))
      return false;
  }
  return true;
}

bool RingPlanner::sliced(std::uint32_t population, const std::string& input) const {
  constexpr double most_index = 2;  // entries a synapse
  const std::uint32_t size = network_.populations()[population].size;
  const double slices = (size >> SlicedDelivery<float>::slice_bits) + 1;
  bool differ = false;
  double entries = 0, synapses = 0;
  const bool stored = every_projection(population, input, [&](std::uint32_t id) {
    const Connectivity& c = connectivities_[id];
    differ = differ || !c.constant_delay();
    entries += slices * c.sources() * (c.maximum_delay() - c.minimum_delay() + 3.0);
    synapses += c.expected();
    return on_pre_[id].plain && !waiting_[id] && c.minimum_delay() > 0 &&
           network_.projections()[id].synapse.rows != Rows::procedural;
  });
  return stored && differ && entries <= most_index * synapses;
}

bool RingPlanner::punctual(std::uint32_t population, const std::string& input) const {
  return every_projection(population, input, [&](std::uint32_t id) {
    const Connectivity& c = connectivities_[id];
    return on_pre_[id].plain && !waiting_[id] && c.constant_delay() && c.delay() > 0;
  });
}

}  // namespace callosum::sim
