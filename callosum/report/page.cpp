#include "callosum/report/page.h"

#include <algorithm>

#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

using Entry = Entries::value_type;

bool has(const std::vector<Entry>& entries, std::string_view name) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const Entry& entry) { return entry.first == name; });
}

/// What the recording itself tells, before what the context adds.
std::vector<Entry> summary(const Recording& recording, const ReportContext& context) {
  std::uint64_t neurons = 0, spikes = 0;
  for (const PopulationSummary& p : recording.populations) {
    neurons += p.size;
    spikes += p.spikes;
  }
  const double ms = static_cast<double>(recording.steps) * recording.dt_ms;
  std::vector<Entry> own = {{"biological time", duration(ms)},
                            {"neurons", grouped(neurons)},
                            {"spikes", grouped(spikes)}};
  if (neurons > 0 && ms > 0)
    own.emplace_back(
        "mean rate",
        rounded(static_cast<double>(spikes) / static_cast<double>(neurons) / ms * 1e3) + " Hz");
  std::vector<Entry> all;
  for (Entry& entry : own)
    if (!has(context.summary, entry.first)) all.push_back(std::move(entry));
  all.insert(all.end(), context.summary.begin(), context.summary.end());
  return all;
}

std::string changes_table(const Recording& recording) {
  if (recording.changes.empty()) return "";
  std::string out =
      "<h3>Changes during the run</h3>\n<div class=\"scroll\"><table><thead><tr>"
      "<th class=\"number\">time</th><th>population</th><th>name</th><th>value</th></tr></thead>"
      "<tbody>\n";
  for (const Recording::Change& change : recording.changes)
    out += "<tr><td class=\"number\">" +
           duration(static_cast<double>(change.step) * recording.dt_ms) + "</td><td>" +
           escaped(change.population) + "</td><td>" + escaped(change.parameter) + "</td><td>" +
           escaped(change.value) + "</td></tr>\n";
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string whole_page(const std::string& title, const std::string& name, const std::string& body) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"Callosum\">\n<link rel=\"icon\" "
      "href=\"data:,\">\n<title>" +
      escaped(title) + " – Callosum</title>\n<style>\n" + style() +
      "</style></head>\n<body data-network=\"" + escaped(name) + "\"><main>\n" + body;
  out += "<footer>This page is complete in itself and asks nothing of any network.</footer>\n";
  out += "</main><script>";
  out += script();
  return out + "</script></body></html>\n";
}

std::string masthead(const std::string& title, const std::string& doc,
                     const std::string& reference) {
  std::string out =
      "<header>\n<div class=\"bar\"><span class=\"brand\">"
      "<svg viewBox=\"0 0 24 24\" width=\"22\" height=\"22\" aria-hidden=\"true\">"
      "<path d=\"M3 16C3 8 8 4 12 4s9 4 9 12\" fill=\"none\" stroke=\"currentColor\" "
      "stroke-width=\"2.4\" stroke-linecap=\"round\"/><circle cx=\"3\" cy=\"18.4\" r=\"2.4\" "
      "fill=\"currentColor\"/><circle cx=\"21\" cy=\"18.4\" r=\"2.4\" fill=\"currentColor\"/></svg>"
      "Callosum</span><button type=\"button\" id=\"theme\" hidden>Theme</button></div>\n<h1>" +
      escaped(title) + "</h1>\n";
  if (!doc.empty()) out += "<p class=\"lead\">" + escaped(doc) + "</p>\n";
  if (!reference.empty()) out += "<p class=\"reference\">" + escaped(reference) + "</p>\n";
  return out + "</header>\n";
}

namespace {

std::string definitions(const Entries& entries, const char* css_class) {
  std::string out = std::string("<dl class=\"") + css_class + "\">\n";
  for (const auto& [name, value] : entries)
    out += "<div><dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd></div>\n";
  return out + "</dl>\n";
}

}  // namespace

std::string cards(const Entries& entries) { return definitions(entries, "cards"); }
std::string facts(const Entries& entries) { return definitions(entries, "facts"); }

std::string heading(const Recording& recording, const ReportContext& context) {
  const std::string title = context.title.empty() ? recording.network : context.title;
  return masthead(title.empty() ? "Untitled network" : title, context.doc, context.reference);
}

std::string summary_cards(const Recording& recording, const ReportContext& context) {
  return cards(summary(recording, context));
}

std::string population_table(const Recording& recording) {
  std::string out =
      "<section id=\"populations\"><div class=\"head\"><h2>Populations</h2></div>\n"
      "<div class=\"scroll\"><table><thead><tr><th>population</th><th class=\"model\">model</th>"
      "<th class=\"number\">neurons</th><th class=\"number\">rate (Hz)</th>"
      "<th class=\"number\">CV</th><th class=\"number\">spikes</th></tr></thead><tbody>\n";
  std::size_t i = 0;
  for (const PopulationSummary& p : recording.populations)
    out += "<tr><td class=\"name\"><i style=\"background:var(--" +
           std::string(population_tone(i++)) + ")\"></i>" + escaped(p.name) + "<small>" +
           escaped(p.model) + "</small></td><td class=\"model\">" + escaped(p.model) +
           "</td><td class=\"number\">" + grouped(p.size) + "</td><td class=\"number\">" +
           fixed(p.rate_hz, 2) + "</td><td class=\"number\">" +
           (p.cv_isi == p.cv_isi ? fixed(p.cv_isi, 2) : "–") + "</td><td class=\"number\">" +
           grouped(p.spikes) + "</td></tr>\n";
  return out +
         "</tbody></table></div>\n<p class=\"note\">Rates are means over all neurons and the whole "
         "run. CV: coefficient of variation of the interspike intervals, mean over neurons with at "
         "least 5 spikes; – where there is none.</p></section>\n";
}

std::string figure_element(const Figure& figure) {
  return "<figure id=\"" + escaped(figure.id) + "\"><div class=\"head\"><h2>" +
         escaped(figure.title) +
         "</h2><span class=\"exports\" hidden><button type=\"button\" data-export=\"svg\" "
         "title=\"Save this figure as SVG\">SVG</button><button type=\"button\" "
         "data-export=\"png\" "
         "title=\"Save this figure as PNG, 3 pixels a point\">PNG</button></span></div>\n" +
         figure.wide + figure.narrow + "<figcaption>" + figure.caption + "</figcaption></figure>\n";
}

std::string provenance(const Recording& recording, const ReportContext& context) {
  std::vector<Entry> entries = {
      {"network", recording.network},
      {"seed", std::to_string(recording.seed)},
      {"time step", rounded(recording.dt_ms, 6) + " ms"},
      {"steps", grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(0, recording.steps)))}};
  std::erase_if(entries, [&](const Entry& entry) { return has(context.provenance, entry.first); });
  entries.insert(entries.end(), context.provenance.begin(), context.provenance.end());
  std::string out =
      "<section id=\"provenance\"><div class=\"head\"><h2>Parameters and provenance</h2></div>\n" +
      facts(entries) + changes_table(recording);
  if (!context.resolved_configuration.empty())
    out +=
        "<p>To repeat this run, save the configuration below as <code>run.toml</code> and type "
        "<code>callosum run run.toml</code>: the same version gives the same spikes, bit for bit, "
        "with any number of threads.</p>\n<details><summary>Full configuration</summary>"
        "<div class=\"code\"><button type=\"button\" id=\"copy\" hidden>Copy</button><pre "
        "id=\"configuration\">" +
        escaped(context.resolved_configuration) + "</pre></div></details>\n";
  return out + "</section>\n";
}

}  // namespace callosum::report
