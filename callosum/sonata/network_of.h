#pragma once

#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sonata/circuit.h"
#include "callosum/sonata/config.h"
#include "callosum/sonata/output.h"

namespace callosum::sonata {

/// A circuit and its simulation as a network.
struct SonataNetwork {
  Network network;
  SimulationConfig config;
  Origins origins = {};  ///< which nodes the neurons are
  /// Of each report of `config`: which of the recorded traces are its own.
  std::vector<std::vector<std::size_t>> traces = {};
  /// What was assumed because the files do not say it, and what of them is not used.
  std::vector<std::string> assumptions = {};
};

/// Point neurons whose model_template is "nest:", "pynn:" or "callosum:" become populations, one a
/// population of nodes and model; virtual nodes lists of spikes; edges projections with explicit
/// synapses. Parameters and weights are in the units of that simulator. NEST's ports: a positive
/// weight excites, a negative one inhibits, as a conductance by its amount. Spikes and delays go to
/// the nearest step, at least the first. Spikes of all neurons and the reports are recorded.
/// Throws NameError, ValueError, UnsupportedError naming nodes or edges and the attribute.
SonataNetwork network_of(const Circuit& circuit, const CircuitConfig& files,
                         const SimulationConfig& config);
/// Of a simulation's or a circuit's configuration.
SonataNetwork read_sonata(const std::filesystem::path& path);

/// Writes spikes and reports where the configuration wants them; returns the files.
std::vector<std::filesystem::path> write_output(const SonataNetwork& sonata,
                                                const Recording& recording);

}  // namespace callosum::sonata
