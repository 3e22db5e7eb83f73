#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sonata/circuit.h"
#include "callosum/sonata/templates.h"

namespace callosum::sonata {

/// Parameters and initial values of the nodes at these positions, which share a model: their
/// dynamics_params, the model's defaults where a node has none. Throws NameError, ValueError.
PopulationOptions node_parameters(const Nodes& nodes, const std::vector<std::uint32_t>& positions,
                                  const Template& kind, std::optional<double> v_init_mV);

/// One value where all are equal, else an array; internal units.
Values values_of(const std::vector<double>& all, Dimension dimension);

}  // namespace callosum::sonata
