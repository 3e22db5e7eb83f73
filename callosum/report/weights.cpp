#include <algorithm>
#include <cmath>

#include "callosum/report/panels.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

/// The weights of one sample with the bins all samples share.
HistogramPanel panel(const Recording& recording, const WeightRecord& record, std::size_t sample,
                     double low, double width, std::size_t bins) {
  const std::span<const double> values =
      std::span(record.values).subspan(sample * record.synapses, record.synapses);
  const std::int64_t step = record.first + static_cast<std::int64_t>(sample) * record.interval;
  HistogramPanel out;
  out.name = "at " + duration(static_cast<double>(step) * recording.dt_ms);
  out.colour = sample == 0 ? 0 : 1;
  out.bars = histogram(values, low, width, bins);
  double sum = 0;
  for (double value : values) sum += value;
  out.mark = sum / static_cast<double>(values.size());
  out.mark_text = "mean " + rounded(out.mark);
  return out;
}

}  // namespace

Figure weight_figure(const Recording& recording, const WeightRecord& record, std::size_t number) {
  double low = INFINITY, high = -INFINITY;
  for (double value : record.values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::vector<HistogramPanel> panels;
  const std::size_t samples = record.synapses == 0 ? 0 : record.values.size() / record.synapses;
  if (samples > 0 && low <= high) {
    const double spread = high > low ? high - low : std::max(std::fabs(low), 1.0) * 0.1;
    const double width = pleasant_width(spread, 40);
    const double from = std::floor(low / width) * width;
    const auto bins = static_cast<std::size_t>(std::floor((high - from) / width)) + 1;
    panels.push_back(panel(recording, record, 0, from, width, bins));
    if (samples > 1) panels.push_back(panel(recording, record, samples - 1, from, width, bins));
  } else {
    panels.push_back({"", 0, {}, NAN, "", "no synapses"});
  }
  const std::string unit = record.dimension.none() ? "no unit" : record.dimension.internal_name();
  const std::string title = "Weights of " + record.projection;
  const std::string caption =
      grouped(record.synapses) + " synapses" +
      (samples > 1 ? ", at the first and the last of " + grouped(samples) + " samples" : "") +
      ". The dashed line is the mean.";
  return both_layouts(
      "weights-" + std::to_string(number), title, caption, [&](const Layout& layout) {
        return draw_panels(panels, "weight (" + unit + ")", "synapses", title, layout);
      });
}

}  // namespace callosum::report
