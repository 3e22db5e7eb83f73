#pragma once

#include <cstdint>
#include <vector>

#include "callosum/analysis/branching.h"
#include "callosum/core/random.h"
#include "callosum/network/network.h"
#include "callosum/sim/simulation.h"

namespace callosum::experiment {

/// Synapses of one kind: sources and targets within their populations, and weights.
struct Synapses {
  std::vector<std::uint32_t> sources, targets;
  std::vector<double> weights;
};
enum Kind_of_synapse { excitatory, inhibitory, input, kinds_of_synapse };

/// A random liquid on a grid of side^3 neurons and its input (specification, "Topology").
struct Liquid {
  std::uint32_t neurons = 0, excitatory_neurons = 0, inputs = 0;
  Synapses synapses[kinds_of_synapse];

  /// C exp(-(D/3)^2) with C = 0.2 (E to E), 0.1 (E to I), 0.3 (I to E), 0.05 (I to I); exactly 15 %
  /// of all pairs of input and neuron; all weights +-3.
  Liquid(std::uint64_t seed, std::uint32_t side, std::uint32_t inputs);
  /// The same synapses with other magnitudes: all equal to `w`.
  Liquid with_magnitude(double w) const;
  analysis::Neighbours graph() const;
};

/// What rules the weights.
struct Rates {
  bool plastic = true;    ///< else the weights stay as they are
  double w_a = 0.015;     ///< weight of the astrocyte
  bool astrocyte = true;  ///< else depression is as fast as potentiation (LSM+STDP)
  double keep = 1;        ///< of all rates after a millisecond
};

/// The network: populations "input", "liquid", "astrocyte"; spikes of the liquid and the rate of
/// depression are recorded.
Network network_of(const Liquid& liquid, const Rates& rates);
/// The number of the projection of a kind of synapse.
std::uint32_t projection_of(int kind);
/// Takes over the weights as a simulation of a plastic network has them.
void take_weights(const Simulation& simulation, Liquid& liquid);

}  // namespace callosum::experiment
