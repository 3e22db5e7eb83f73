#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "callosum/sim/exchange.h"

namespace callosum::sim {

/// Appends the spikes of one step: for each population how many, then the gap to each from the one
/// before (the first from 0), as numbers of 7 bits a byte, the lowest first. `found` in order, each
/// after the neurons of the one before.
void encode_spikes(std::span<const FoundSpikes> found, std::size_t populations,
                   std::vector<char>& out);
/// Reads one step back, as found by one thread. Returns the first byte behind it.
const char* decode_spikes(const char* in, std::size_t populations, FoundSpikes& found);

}  // namespace callosum::sim
