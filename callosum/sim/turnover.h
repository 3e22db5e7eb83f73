#pragma once

#include <cstdint>

#include "callosum/sim/simulation.h"

namespace callosum {

/// What becomes of the synapses of a plastic projection from time to time: the weak ones go, and as
/// many come, between neurons that are not connected yet. Rewiring of constant connectivity, as in
/// Deger et al. 2012 and Kappel et al. 2015 where weights that reach their lower bound are removed.
struct Turnover {
  Quantity below;                                 ///< synapses with a weight under it are removed
  Values weight = 1.0;                            ///< of new ones
  Quantity delay = Quantity(0, dimension::time);  ///< of new ones; 0: the projection's shortest
  bool self = false;                              ///< whether a neuron may connect to itself
};

/// How many went, and how many came: fewer when hardly any pair is free.
struct TurnedOver {
  std::uint64_t removed = 0, grown = 0;
};

/// Does so now. New pairs are drawn from a stream of seed, projection and step: the same for any
/// number of threads and across a restart. Throws UnitError and what `rewire_synapses` throws.
TurnedOver turn_over(Simulation& simulation, std::uint32_t projection, const Turnover& turnover);

}  // namespace callosum
