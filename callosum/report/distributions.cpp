#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "callosum/report/panels.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Bins of whole numbers of spikes: others would show a comb that is not in the data.
HistogramPanel rate_panel(const SpikeSeries& one, double seconds) {
  HistogramPanel panel{one.label, one.colour, {}, none, "", "no neurons"};
  const std::vector<double>& spikes = one.statistics.spikes_per_neuron;
  if (spikes.empty() || !(seconds > 0)) return panel;
  const double most = *std::max_element(spikes.begin(), spikes.end());
  const double width = std::max(1.0, std::ceil((most + 1) / 40));
  panel.bars = histogram(spikes, 0, width, static_cast<std::size_t>(most / width) + 1);
  panel.bars.width /= seconds;
  panel.mark = mean(spikes) / seconds;
  panel.mark_text = "mean " + rounded(panel.mark) + " Hz";
  return panel;
}

HistogramPanel interval_panel(const SpikeSeries& one) {
  HistogramPanel panel{one.label, one.colour, {}, none, "", "no neuron spiked twice"};
  std::vector<double> intervals = one.statistics.intervals_ms;
  if (intervals.empty()) return panel;
  const double last = std::max(quantile(intervals, 0.99), 1e-9);
  const double width = pleasant_width(last, 40);
  panel.bars =
      histogram(intervals, 0, width, static_cast<std::size_t>(std::floor(last / width)) + 1);
  panel.mark = mean(intervals);
  panel.mark_text = "mean " + rounded(panel.mark) + " ms";
  return panel;
}

HistogramPanel irregularity_panel(const SpikeSeries& one, double high) {
  HistogramPanel panel{one.label, one.colour, {}, none, "", "no neuron with 5 spikes"};
  const std::vector<double>& cv = one.statistics.cv;
  if (cv.empty()) return panel;
  panel.bars = histogram(cv, 0, high / 40, 40);
  panel.mark = mean(cv);
  panel.mark_text = "mean " + rounded(panel.mark);
  return panel;
}

Figure panel_figure(std::string id, std::string title, std::string caption,
                    const std::vector<HistogramPanel>& panels, const std::string& x_title,
                    const std::string& y_title) {
  const std::string label = title + ": " + y_title + " by " + x_title + ", one panel a population";
  return both_layouts(
      std::move(id), std::move(title), std::move(caption),
      [&](const Layout& layout) { return draw_panels(panels, x_title, y_title, label, layout); });
}

}  // namespace

Figure rate_histogram_figure(const Recording& recording, const std::vector<SpikeSeries>& series) {
  const double seconds = static_cast<double>(recording.steps) * recording.dt_ms * 1e-3;
  std::vector<HistogramPanel> panels;
  for (const SpikeSeries& one : series) panels.push_back(rate_panel(one, seconds));
  return panel_figure("rate-histogram", "Firing rates of the neurons",
                      "Mean rate of each neuron over the run; a bin holds whole numbers of spikes. "
                      "The dashed line is the mean.",
                      panels, "rate (Hz)", "neurons");
}

Figure interval_figure(const Recording&, const std::vector<SpikeSeries>& series) {
  std::vector<HistogramPanel> panels;
  for (const SpikeSeries& one : series) panels.push_back(interval_panel(one));
  return panel_figure(
      "intervals", "Interspike intervals",
      "Intervals between successive spikes of a neuron, all neurons of a population "
      "together. The longest 1 % are not drawn. The dashed line is the mean.",
      panels, "interval (ms)", "intervals");
}

Figure irregularity_figure(const Recording&, const std::vector<SpikeSeries>& series) {
  double high = 1.5;
  for (const SpikeSeries& one : series)
    for (double cv : one.statistics.cv) high = std::max(high, cv);
  high = std::ceil(high * 2) / 2;
  std::vector<HistogramPanel> panels;
  for (const SpikeSeries& one : series) panels.push_back(irregularity_panel(one, high));
  return panel_figure(
      "irregularity", "Irregularity",
      "Coefficient of variation of each neuron&#39;s intervals (neurons with at least "
      "5 spikes): 0 for a clock, 1 for a Poisson process. The dashed line is the mean.",
      panels, "CV (no unit)", "neurons");
}

}  // namespace callosum::report
