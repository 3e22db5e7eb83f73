#pragma once

#include <cstdint>
#include <vector>

#include "callosum/data/spike_raster.h"

/// From spikes to numbers: what a layer of output channels says. Winners are the channel with the
/// most (or the earliest); ties go to the lower channel.
namespace callosum::data {

/// Spikes of each channel, [channel].
std::vector<double> decode_count(const SpikeRaster& spikes);
/// Spikes a second, for steps of `dt_s`. \throws ValueError unless dt_s > 0 and there are steps.
std::vector<double> decode_rate(const SpikeRaster& spikes, double dt_s);
/// Step of each channel's first spike; `steps` for a silent one.
std::vector<double> decode_first_spike(const SpikeRaster& spikes);
/// The largest value over time of a leaky sum v <- decay v + spikes of the step, from 0.
/// \throws ValueError unless decay is in 0..1.
std::vector<double> decode_leaky_maximum(const SpikeRaster& spikes, double decay);

/// The channel of the largest value; -1 when there is none or no value is above `silent`.
std::int32_t winner(const std::vector<double>& values, double silent = 0);
/// The channel that spiked first; -1 when all are silent.
std::int32_t first_winner(const SpikeRaster& spikes);

}  // namespace callosum::data
