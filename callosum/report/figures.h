#pragma once

#include <string>
#include <vector>

#include "callosum/report/plot.h"
#include "callosum/report/spike_statistics.h"
#include "callosum/sim/recording.h"

namespace callosum::report {

/// A drawing in both layouts, with its words. All but `caption`, which is HTML, is plain text.
struct Figure {
  std::string id, title, caption, wide, narrow;
};

/// One spike record ready to be drawn.
struct SpikeSeries {
  const SpikeRecord* record;
  std::string label;   ///< the population, with the number of neurons if not all
  std::size_t colour;  ///< index of the population's tone, the same in every figure
  SpikeStatistics statistics;
};

/// More populations than this are not drawn (the table lists all).
inline constexpr std::size_t most_populations = 40;

/// The spike records of at most `most_populations`, in the order of the network.
std::vector<SpikeSeries> spike_series(const Recording& recording);
std::size_t colour_of(const Recording& recording, const std::string& population);

Figure raster_figure(const Recording& recording, const std::vector<SpikeSeries>& series);
Figure rate_figure(const Recording& recording, const std::vector<SpikeSeries>& series);
Figure rate_histogram_figure(const Recording& recording, const std::vector<SpikeSeries>& series);
Figure interval_figure(const Recording& recording, const std::vector<SpikeSeries>& series);
Figure irregularity_figure(const Recording& recording, const std::vector<SpikeSeries>& series);
/// One figure a recorded variable; `number` makes its id.
Figure trace_figure(const Recording& recording, const TraceRecord& trace, std::size_t number);
Figure weight_figure(const Recording& recording, const WeightRecord& weights, std::size_t number);

/// Width of the column at the left that holds names and, right of them, numbers: the same in all
/// figures over time, so that their axes stand below each other.
double name_column(const std::vector<SpikeSeries>& series, const Layout& layout);

/// The drawing of `draw(layout)` in both layouts.
template <class Draw>
Figure both_layouts(std::string id, std::string title, std::string caption, Draw draw) {
  return {std::move(id), std::move(title), std::move(caption), draw(wide_layout),
          draw(narrow_layout)};
}

}  // namespace callosum::report
