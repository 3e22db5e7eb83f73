#include "callosum/report/report.h"

#include "callosum/core/whole_file.h"
#include "callosum/report/figures.h"
#include "callosum/report/page.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

std::string figures(const Recording& recording) {
  const std::vector<SpikeSeries> series = spike_series(recording);
  std::string out;
  if (series.empty() || recording.steps <= 0) {
    out += "<section id=\"raster\"><div class=\"head\"><h2>Spikes</h2></div><p>" +
           std::string(series.empty() ? "No spikes were recorded."
                                      : "The network was built but not simulated.") +
           "</p></section>\n";
  } else {
    if (series.size() < recording.spikes.size())
      out += "<p class=\"note\">Figures show the first " + grouped(series.size()) + " of " +
             grouped(recording.spikes.size()) + " recorded populations.</p>\n";
    for (auto* make :
         {raster_figure, rate_figure, rate_histogram_figure, interval_figure, irregularity_figure})
      out += figure_element(make(recording, series));
  }
  std::size_t number = 0;
  for (const TraceRecord& trace : recording.traces)
    if (trace.samples() > 0) out += figure_element(trace_figure(recording, trace, ++number));
  number = 0;
  for (const WeightRecord& record : recording.weights)
    out += figure_element(weight_figure(recording, record, ++number));
  return out;
}

}  // namespace

std::string html(const Recording& recording, const ReportContext& context) {
  const std::string title = context.title.empty() ? recording.network : context.title;
  return whole_page(title, recording.network,
                    heading(recording, context) + summary_cards(recording, context) +
                        population_table(recording) + figures(recording) +
                        provenance(recording, context));
}

void write(const std::string& path, const Recording& recording, const ReportContext& context) {
  write_whole_file(path, html(recording, context), "report");
}

}  // namespace callosum::report
