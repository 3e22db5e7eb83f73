#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "callosum/core/units.h"
#include "callosum/network/network.h"

namespace callosum::sonata {

struct CircuitOptions {
  std::uint64_t seed = 1;  ///< synapses, parameters and initial values are drawn with it
  Quantity duration = Quantity(1, dimension::time);
};

/// Writes a network as a SONATA circuit into a folder: circuit_config.json, simulation_config.json,
/// node_sets.json, tables in network/, parameters in components/, spikes in inputs/. Whatever a
/// rule would draw is written out. Models that NEST has are named "nest:...", others
/// "callosum:..."; units are NEST's. read_sonata() of it gives a network that fires as this one
/// does, to the bit in double precision. Returns the configuration's path. Throws FileError, and
/// UnsupportedError naming what SONATA cannot hold: continuous projections, parameters of synapses
/// that differ, stimuli that are lists of values.
std::filesystem::path write_circuit(const std::filesystem::path& folder, const Network& network,
                                    const CircuitOptions& options = {});

}  // namespace callosum::sonata
