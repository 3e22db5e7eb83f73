#include "callosum/experiment/report_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "callosum/core/progress.h"
#include "callosum/report/page.h"
#include "callosum/report/text.h"

namespace callosum::experiment {
namespace {

using report::escaped;

/// Three digits; powers of ten where whole numbers would be long.
std::string rounded(double number) {
  if (!(std::fabs(number) >= 1e6) || std::isinf(number)) return report::rounded(number);
  char text[32];
  std::snprintf(text, sizeof text, "%.2e", number);
  return text;
}

std::string interval(const Judgement& j) {
  if (!std::isfinite(j.low) || !std::isfinite(j.high)) return rounded(j.mean);
  return rounded(j.mean) + " [" + rounded(j.low) + ", " + rounded(j.high) + "]";
}

std::string list(const std::vector<double>& values) {
  std::string out;
  for (double value : values) out += (out.empty() ? "" : ", ") + rounded(value);
  return out;
}

std::string badge(Verdict verdict) {
  const std::string text(name(verdict));
  return "<span class=\"verdict " + text + "\">" + text + "</span>";
}

std::string paper_figure(const PaperFigure& figure) {
  if (figure.where.empty()) return "";
  std::string out = "Paper: " + figure.where;
  out += figure.checked ? (figure.text.empty() ? "" : ", " + figure.text)
                        : " (its figure could not be checked and is not shown)";
  return "<div class=\"fine\">" + escaped(out) + "</div>";
}

std::string claim_row(const JudgedClaim& claim) {
  std::string out = "<tr><td>" + badge(claim.result.verdict) + "</td><td><div>" +
                    escaped(claim.text) + "</div><div class=\"fine\"><code>" + escaped(claim.id) +
                    "</code> " + std::string(name(claim.kind)) + "</div>" +
                    paper_figure(claim.paper);
  if (claim.canary)
    out += "<div class=\"fine\">Canary, " + escaped(claim.fake_text) + ": " + interval(claim.fake) +
           ", " + std::string(name(claim.fake.verdict)) +
           (claim.canary_passes() ? ", as it must" : "; it should fail while the claim holds") +
           "</div>";
  out += "</td><td><div>" + escaped(claim.measure) + "</div><div class=\"fine\">" +
         escaped(list(claim.result.values)) + "</div></td>";
  return out + "<td class=\"number\" data-label=\"mean [90 % interval]\">" +
         interval(claim.result) + "</td><td class=\"number\" data-label=\"bar\">" +
         escaped(claim.bar.empty() ? "–" : claim.bar) + "</td></tr>\n";
}

std::string claims_table(const Result& result) {
  std::string out =
      "<section id=\"claims\"><div class=\"head\"><h2>Claims</h2></div>\n"
      "<div class=\"scroll\"><table class=\"claims\"><thead><tr><th>verdict</th><th>claim</th>"
      "<th>measured, seed by seed</th><th class=\"number\">mean [90 % interval]</th>"
      "<th class=\"number\">bar</th></tr></thead><tbody>\n";
  for (const JudgedClaim& claim : result.claims) out += claim_row(claim);
  out += "</tbody></table></div>\n<p class=\"note\">";
  if (result.size == "quick") out += "This is a quick run: claims are judged at full size. ";
  if (result.seeds.size() < 5) out += "Thin: fewer than five seeds. ";
  return out +
         "A claim holds when the 90 % interval over the seeds (Student&#39;s t, paired: every "
         "value "
         "compares arms on the same seed and data) lies wholly beyond the bar; it fails when it "
         "lies wholly on the other side; else it is inconclusive. Reported values are not judged. "
         "Ratios and values over many powers of ten are averaged as logarithms.</p></section>\n";
}

std::string arms_and_values(const Result& result) {
  std::string out =
      "<section id=\"values\"><div class=\"head\"><h2>Arms and all values</h2></div>\n"
      "<div class=\"scroll\"><table><thead><tr><th>arm</th><th>value</th>"
      "<th>seed by seed</th></tr></thead><tbody>\n";
  for (const auto& [arm, text] : result.arms) {
    out += "<tr><td><b>" + escaped(arm) + "</b></td><td colspan=\"2\">" + escaped(text) +
           "</td></tr>\n";
    for (const ValueRow& row : result.values)
      if (row.arm == arm)
        out += "<tr><td></td><td>" + escaped(row.value) + "</td><td>" + escaped(list(row.values)) +
               "</td></tr>\n";
  }
  out += "</tbody></table></div>\n";
  for (const std::string& note : result.notes)
    out += "<p class=\"note\">" + escaped(note) + "</p>\n";
  return out + "</section>\n";
}

std::string provenance(const Result& result) {
  report::Entries entries = result.provenance;
  entries.emplace_back("data", result.data);
  entries.emplace_back("seeds", std::to_string(result.seeds.size()));
  for (const auto& [name, value] : result.settings)
    entries.emplace_back("setting " + name, report::rounded(value, 6));
  entries.emplace_back("capability exercised", result.capability);
  entries.emplace_back("part left behind", result.leaves);
  return "<section id=\"provenance\"><div class=\"head\"><h2>Settings and provenance</h2></div>\n" +
         report::facts(entries) + "</section>\n";
}

std::string count(const Result& result, Verdict verdict) {
  return std::to_string(
      std::count_if(result.claims.begin(), result.claims.end(),
                    [&](const JudgedClaim& claim) { return claim.result.verdict == verdict; }));
}

}  // namespace

std::string report_html(const Result& result) {
  std::string body = report::masthead(result.title, result.summary, result.paper);
  body += report::cards(
      {{"claims that hold", count(result, Verdict::holds)},
       {"fail", count(result, Verdict::fails)},
       {"inconclusive", count(result, Verdict::inconclusive)},
       {"tier", result.tier + (result.our_reading ? ", our reading" : "")},
       {"size", result.size},
       {"seeds", std::to_string(result.seeds.size())},
       {"computing time", readable_duration(result.seconds)},
       {"run it", "callosum reproduce " + result.slug + (result.size == "full" ? " --full" : "")}});
  body += claims_table(result);
  for (const report::Chart& chart : result.charts)
    body += report::figure_element(report::draw(chart));
  body += arms_and_values(result) + provenance(result);
  return report::whole_page(result.title, result.slug, body);
}

}  // namespace callosum::experiment
