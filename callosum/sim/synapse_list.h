#pragma once

#include <cstdint>
#include <vector>

namespace callosum {

/// Synapses of one projection, told one by one.
struct SynapseList {
  std::vector<std::uint32_t> sources, targets;  ///< indices within the projection's views
  std::vector<std::uint32_t> delays;            ///< steps
};

}  // namespace callosum
