#pragma once

#include "callosum/data/encoders.h"
#include "callosum/data/images.h"
#include "callosum/learn/samples.h"

namespace callosum::learn {

/// How a pixel becomes spikes of the neuron of its place (data/encoders.h).
struct ImageCode {
  enum class Kind { rate, latency } kind = Kind::rate;
  std::int64_t steps = 25;
  double probability = 0.5;  ///< rate: of a spike in a step, for a pixel of full ink
  data::LatencyOptions latency = {};
  std::uint64_t seed = 1;
  std::uint64_t first_sample = 0;  ///< keys of random numbers: image i draws as this plus i
};
SpikeSamples encode_images(const data::Images& images, const ImageCode& code, std::int64_t classes,
                           double dt_ms, int threads = 1);

/// Rasters of one shape with their labels; a channel that spikes more than once in a step counts
/// once. Throws ShapeError naming the first that differs.
SpikeSamples from_rasters(std::span<const data::SpikeRaster> rasters,
                          std::vector<std::int64_t> labels, std::int64_t classes, double dt_ms);

}  // namespace callosum::learn
