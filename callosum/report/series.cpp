#include <algorithm>

#include "callosum/report/figures.h"
#include "callosum/report/text.h"

namespace callosum::report {

std::size_t colour_of(const Recording& recording, const std::string& population) {
  const auto& all = recording.populations;
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const PopulationSummary& p) { return p.name == population; });
  return static_cast<std::size_t>(at - all.begin());
}

std::vector<SpikeSeries> spike_series(const Recording& recording) {
  std::vector<SpikeSeries> series;
  for (const SpikeRecord& record : recording.spikes) {
    const std::size_t place = colour_of(recording, record.population);
    std::string label = record.population;
    if (place < recording.populations.size() && record.size < recording.populations[place].size)
      label += " (" + grouped(record.size) + " recorded)";
    series.push_back({&record, std::move(label), place, {}});
  }
  std::stable_sort(series.begin(), series.end(),
                   [](const SpikeSeries& a, const SpikeSeries& b) { return a.colour < b.colour; });
  if (series.size() > most_populations) series.resize(most_populations);
  if (recording.populations.empty())
    for (std::size_t i = 0; i < series.size(); ++i) series[i].colour = i;
  for (SpikeSeries& one : series) one.statistics = spike_statistics(*one.record, recording.dt_ms);
  return series;
}

double name_column(const std::vector<SpikeSeries>& series, const Layout& layout) {
  double longest = 0;
  for (const SpikeSeries& one : series)
    longest = std::max(longest, text_width(one.label, layout.text));
  const double names = std::clamp(longest * 1.12 + 24, 50.0, layout.narrow ? 84.0 : 200.0);
  return names + (layout.narrow ? 40 : 76);
}

}  // namespace callosum::report
