#include "callosum/report/replicas.h"

#include <cmath>

#include "callosum/report/page.h"
#include "callosum/report/text.h"

namespace callosum::report {
namespace {

const std::string number = "<td class=\"number\">", next = "</td>";

std::string head(const char* id, const char* title, const std::vector<const char*>& columns) {
  std::string out = std::string("<section id=\"") + id + "\"><div class=\"head\"><h2>" + title +
                    "</h2></div>\n<div class=\"scroll\"><table><thead><tr>";
  for (std::size_t k = 0; k < columns.size(); ++k)
    out += std::string(k == 0 ? "<th>" : "<th class=\"number\">") + columns[k] + "</th>";
  return out + "</tr></thead><tbody>\n";
}

std::string cell(double mean, double deviation) {
  if (std::isnan(mean)) return number + "–" + next;
  std::string out = number + fixed(mean, 2);
  if (!std::isnan(deviation)) out += " ± " + fixed(deviation, 2);
  return out + next;
}

std::string population_rows(const std::vector<PopulationSpread>& populations) {
  std::string out;
  for (const PopulationSpread& p : populations)
    out += "<tr><td class=\"name\">" + escaped(p.name) + "<small>" + escaped(p.model) + "</small>" +
           next + number + grouped(p.size) + next + cell(p.rate_hz, p.rate_hz_sd) +
           cell(p.cv_isi, p.cv_isi_sd) + "</tr>\n";
  return out;
}

std::string run_rows(const std::vector<ReplicaRow>& runs) {
  std::string out;
  for (const ReplicaRow& r : runs)
    out += "<tr><td class=\"name\"><a href=\"" + escaped(r.page) + "\">replica " +
           std::to_string(r.replica) + "</a>" + next + number + grouped(r.spikes) + next + number +
           escaped(r.spike_hash) + next + "</tr>\n";
  return out;
}

}  // namespace

std::string html(const std::vector<PopulationSpread>& populations,
                 const std::vector<ReplicaRow>& runs, const Recording& one,
                 const ReportContext& context) {
  Recording none;  // what a replica alone would tell
  none.network = one.network;
  none.dt_ms = one.dt_ms;
  none.steps = one.steps;
  none.seed = one.seed;
  std::uint64_t neurons = 0, spikes = 0;
  for (const PopulationSpread& p : populations) neurons += p.size;
  for (const ReplicaRow& r : runs) spikes += r.spikes;
  ReportContext shown = context;
  shown.summary.insert(shown.summary.begin(), {{"replicas", grouped(runs.size())},
                                               {"neurons", grouped(neurons)},
                                               {"spikes", grouped(spikes)}});
  const std::string title = context.title.empty() ? one.network : context.title;
  return whole_page(
      title, one.network,
      heading(none, shown) + summary_cards(none, shown) +
          head("populations", "Populations", {"population", "neurons", "rate (Hz)", "CV"}) +
          population_rows(populations) +
          "</tbody></table></div>\n<p class=\"note\">Mean ± standard deviation over replicas: "
          "independent runs of one network, with other initial states, noise and Poisson "
          "input.</p></section>\n" +
          head("replicas", "Replicas", {"run", "spikes", "spike hash"}) + run_rows(runs) +
          "</tbody></table></div></section>\n" + provenance(none, shown));
}

}  // namespace callosum::report
