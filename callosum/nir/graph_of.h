#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/nir/graph.h"
#include "callosum/nir/network_of.h"

namespace callosum::nir {

struct ExportOptions {
  /// How whoever reads the graph will make steps of dt of it: NIR holds no dt, so the factors that
  /// make a spike's worth of a weight depend on it.
  NirSteps steps = NirSteps::exact;
  std::uint64_t seed = 1;  ///< synapses that a rule draws are drawn with it
};

/// A network as a graph.
struct NirExport {
  NirGraph graph;
  /// What the graph does not hold, one sentence each.
  std::vector<std::string> losses = {};
};

/// Lists of spikes and other sources become Inputs; lif_psc_delta (without a refractory time) and
/// discrete_lif LIF, IF or Threshold; lif_psc_exp and discrete_cuba_lif CubaLIF; those that do not
/// fire LI, I and CubaLI; each projection a Linear, with a Delay where it is later than the spike;
/// constant input the bias of an Affine. What is recorded, or else leads nowhere, has an Output.
/// Potentials are in mV and currents in pA where the network has units, times in seconds.
/// Read again with the same dt and steps, discrete models fire as before and so does lif_psc_delta
/// with exact steps; the current of lif_psc_exp, an impulse here, is held for a step there.
/// Throws UnsupportedError naming population, projection or stimulus and what NIR cannot hold.
NirExport graph_of(const Network& network, const ExportOptions& options = {});

}  // namespace callosum::nir
