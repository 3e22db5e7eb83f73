#pragma once

#include <cstdint>
#include <vector>

#include "callosum/report/figures.h"

namespace callosum::report {

/// Which spikes a raster shows when there are too many to draw: first fewer neurons, so that the
/// trains stay whole, then, if that is not enough, fewer spikes.
struct RasterSample {
  std::vector<std::uint32_t> stride;             ///< per series: neurons 0, stride, 2 stride ...
  std::vector<std::vector<std::size_t>> spikes;  ///< per series: positions within the record
  std::uint64_t shown = 0, total = 0;
  bool thinned = false;  ///< spikes of the shown neurons were left out too
};

/// Depends on the spikes and `limit` alone. No population is brought below 30 neurons.
RasterSample raster_sample(const std::vector<SpikeSeries>& series, std::size_t limit);

}  // namespace callosum::report
