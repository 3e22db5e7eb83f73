#include "callosum/data/spike_raster.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "callosum/core/error.h"

namespace callosum::data {

std::vector<float> SpikeRaster::dense() const {
  std::vector<float> out(steps * channels);
  for (const Spike& s : spikes) out[static_cast<std::size_t>(s.step) * channels + s.channel] += 1;
  return out;
}

SpikeRaster SpikeRaster::from_dense(std::span<const float> counts, std::size_t channels) {
  if (channels == 0 || counts.size() % channels != 0)
    throw ShapeError({.where = "spike raster",
                      .what = "the counts are not one a step and channel",
                      .got = std::to_string(counts.size()),
                      .expected = "a multiple of " + std::to_string(channels)});
  SpikeRaster out{channels, counts.size() / channels, {}};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!(counts[i] >= 0 && counts[i] < 1e6f && counts[i] == std::floor(counts[i])))
      throw ValueError({.where = "spike raster",
                        .what = "this is no number of spikes",
                        .got = std::to_string(counts[i]),
                        .expected = "0, 1, 2, ..."});
    out.spikes.insert(
        out.spikes.end(), static_cast<std::size_t>(counts[i]),
        {static_cast<std::int32_t>(i / channels), static_cast<std::uint32_t>(i % channels)});
  }
  return out;
}

void SpikeRaster::sort() {
  for (const Spike& s : spikes)
    if (s.step < 0 || static_cast<std::size_t>(s.step) >= steps || s.channel >= channels)
      throw ValueError(
          {.where = "spike raster",
           .what = "a spike lies outside",
           .got = "step " + std::to_string(s.step) + ", channel " + std::to_string(s.channel),
           .expected =
               std::to_string(steps) + " steps, " + std::to_string(channels) + " channels"});
  std::sort(spikes.begin(), spikes.end());
}

}  // namespace callosum::data
