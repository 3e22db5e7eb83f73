#include "callosum/learn/torch/encoded.h"

#include "callosum/core/error.h"
#include "callosum/core/team.h"

namespace callosum::learn {
namespace {

void write(const data::SpikeRaster& raster, SpikeSamples& samples, std::int64_t k) {
  for (const data::SpikeRaster::Spike& s : raster.spikes) samples.set(k, s.step, s.channel);
}

}  // namespace

SpikeSamples encode_images(const data::Images& images, const ImageCode& code, std::int64_t classes,
                           double dt_ms, int threads) {
  SpikeSamples samples({images.labels.begin(), images.labels.end()}, classes, code.steps,
                       static_cast<std::uint32_t>(images.image_size()), dt_ms);
  Team team(threads);
  team.run([&](int member) {
    std::vector<float> values(images.image_size());
    for (std::int64_t k = member; k < samples.size(); k += threads) {
      const auto pixels = images.image(static_cast<std::size_t>(k));
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(pixels[i]) / 255;
      const auto steps = static_cast<std::size_t>(code.steps);
      write(code.kind == ImageCode::Kind::latency
                ? data::encode_latency(values, steps, code.latency)
                : data::encode_rate(values, steps, code.probability,
                                    {code.seed, code.first_sample + static_cast<std::uint64_t>(k)}),
            samples, k);
    }
  });
  return samples;
}

SpikeSamples from_rasters(std::span<const data::SpikeRaster> rasters,
                          std::vector<std::int64_t> labels, std::int64_t classes, double dt_ms) {
  if (rasters.size() != labels.size() || rasters.empty())
    throw ShapeError({.where = "samples",
                      .what = "rasters and labels differ in number, or there are none",
                      .got = std::to_string(rasters.size()) + " rasters",
                      .expected = std::to_string(labels.size()) + " labels"});
  const data::SpikeRaster& first = rasters[0];
  SpikeSamples samples(std::move(labels), classes, static_cast<std::int64_t>(first.steps),
                       static_cast<std::uint32_t>(first.channels), dt_ms);
  for (std::size_t k = 0; k < rasters.size(); ++k) {
    const auto text = [](const data::SpikeRaster& r) {
      return std::to_string(r.steps) + " steps of " + std::to_string(r.channels) + " channels";
    };
    if (rasters[k].steps != first.steps || rasters[k].channels != first.channels)
      throw ShapeError({.where = "samples",
                        .what = "raster " + std::to_string(k) + " has another shape",
                        .got = text(rasters[k]),
                        .expected = text(first)});
    write(rasters[k], samples, static_cast<std::int64_t>(k));
  }
  return samples;
}

}  // namespace callosum::learn
