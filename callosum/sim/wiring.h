#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/on_pre.h"
#include "callosum/sim/population_state.h"

namespace callosum::sim {

/// What each population needs of its step: inputs from projections and Poisson stimuli, driven
/// parameters from other stimuli and continuous projections. `on_pre` by projection, unused for
/// continuous ones.
std::vector<PopulationNeeds> find_needs(const Network& network, const std::vector<OnPre>& on_pre);

/// The `on_pre` of every projection that carries spikes; nothing for those whose synapses have
/// states, which expand_synaptic_states() replaces before anything runs.
std::vector<OnPre> compile_all_on_pre(const Network& network);

/// Which projections share an accumulator with one that is not plain, themselves included: their
/// terms wait for the step in which they arrive, to keep the order in which they were emitted.
std::vector<bool> find_waiting(const Network& network, const std::vector<OnPre>& on_pre);

/// Populations in an order in which zero-delay projections point forward, grouped into levels that
/// do not depend on each other. One level when there is no zero delay. Throws UnsupportedError
/// naming a cycle.
std::vector<std::vector<std::uint32_t>> update_levels(
    const Network& network, const std::vector<std::uint32_t>& minimum_delays);

/// Position of each neuron of a population within a view, or -1; empty when the view is the whole
/// population, where neuron and position agree.
std::vector<std::int32_t> positions_in(const View& view, std::uint32_t population_size);

}  // namespace callosum::sim
