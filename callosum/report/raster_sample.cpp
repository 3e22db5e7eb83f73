#include "callosum/report/raster_sample.h"

#include <algorithm>

#include "callosum/core/random.h"

namespace callosum::report {

namespace {

constexpr std::uint32_t fewest_neurons = 30;

void thin(const std::vector<SpikeSeries>& series, std::size_t limit, RasterSample& sample) {
  const double keep = static_cast<double>(limit) / static_cast<double>(sample.shown);
  const auto bound = static_cast<std::uint64_t>(keep * 0x1p63) * 2;
  sample.shown = 0;
  sample.thinned = true;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const SpikeRecord& record = *series[s].record;
    std::erase_if(sample.spikes[s], [&](std::size_t i) {
      return mix64(mix64(record.neurons[i]) ^ static_cast<std::uint64_t>(record.steps[i])) >= bound;
    });
    sample.shown += sample.spikes[s].size();
  }
}

}  // namespace

RasterSample raster_sample(const std::vector<SpikeSeries>& series, std::size_t limit) {
  RasterSample sample;
  for (const SpikeSeries& one : series) sample.total += one.record->steps.size();
  const std::uint64_t wanted =
      limit == 0 ? 1 : std::max<std::uint64_t>(1, (sample.total + limit - 1) / limit);
  for (const SpikeSeries& one : series) {
    const SpikeRecord& record = *one.record;
    const IndexRange range = index_range(record);
    const std::uint64_t most = std::max(1u, range.count / fewest_neurons);
    const auto stride = static_cast<std::uint32_t>(std::min(wanted, most));
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < record.neurons.size(); ++i)
      if ((record.neurons[i] - range.first) % stride == 0) kept.push_back(i);
    sample.shown += kept.size();
    sample.stride.push_back(stride);
    sample.spikes.push_back(std::move(kept));
  }
  if (sample.shown > limit + limit / 4) thin(series, limit, sample);
  return sample;
}

}  // namespace callosum::report
