#include "callosum/report/report.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
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

[[noreturn]] void cannot_write(const std::string& path) {
  throw FileError({.where = "report", .what = "cannot write the file", .got = path});
}

}  // namespace

std::string html(const Recording& recording, const ReportContext& context) {
  const std::string title = context.title.empty() ? recording.network : context.title;
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"Callosum\">\n<link rel=\"icon\" "
      "href=\"data:,\">\n<title>" +
      escaped(title) + " – Callosum</title>\n<style>\n" + style() +
      "</style></head>\n<body data-network=\"" + escaped(recording.network) + "\"><main>\n";
  out += heading(recording, context);
  out += summary_cards(recording, context);
  out += population_table(recording);
  out += figures(recording);
  out += provenance(recording, context);
  out += "<footer>This page is complete in itself and asks nothing of any network.</footer>\n";
  out += "</main><script>";
  out += script();
  return out + "</script></body></html>\n";
}

void write(const std::string& path, const Recording& recording, const ReportContext& context) {
  const std::string text = html(recording, context);
  const std::string temporary = path + ".part" + std::to_string(getpid());
  {
    std::ofstream file(temporary, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) {
      std::remove(temporary.c_str());
      cannot_write(path);
    }
  }
  std::error_code failed;
  std::filesystem::rename(temporary, path, failed);
  if (failed) {
    std::remove(temporary.c_str());
    cannot_write(path);
  }
}

}  // namespace callosum::report
