#include "callosum/experiment/gallery.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "callosum/core/progress.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/fingerprint.h"
#include "callosum/experiment/json.h"
#include "callosum/report/page.h"
#include "callosum/report/text.h"

namespace callosum::experiment {
namespace {

namespace fs = std::filesystem;
using report::escaped;

std::string provenance(const Result& result, const std::string& name) {
  for (const auto& [key, text] : result.provenance)
    if (key == name) return text;
  return "";
}

/// Lines and library parts of the sources in a folder.
void read_sources(const fs::path& folder, Exhibit& exhibit) {
  std::set<std::string> parts;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    const std::string text = read_whole_file(entry.path().string()).value_or("");
    exhibit.lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    for (const std::string& path : included_paths(text))
      if (!path.starts_with("callosum/experiment/") && !path.starts_with("callosum/report/") &&
          !path.starts_with("callosum/core/"))
        parts.insert(path.substr(9, path.size() - 11));  // without "callosum/" and ".h"
  }
  exhibit.parts.assign(parts.begin(), parts.end());
}

std::string badge(const std::string& kind, const std::string& text) {
  return "<span class=\"verdict " + kind + "\">" + escaped(text) + "</span>";
}

std::string claims(const Result& result) {
  std::string out = "<ul class=\"claims-list\">\n";
  for (const JudgedClaim& claim : result.claims) {
    const std::string verdict(name(claim.result.verdict));
    out += "<li>" + badge(verdict, verdict) + "<span>" + escaped(claim.text) +
           " <span class=\"fine\">" + escaped(claim.measure) + ": " +
           report::rounded(claim.result.mean) +
           (claim.bar.empty() ? "" : ", bar " + escaped(claim.bar)) +
           (claim.canary ? ", canary" : "") + "</span></span></li>\n";
  }
  return out + "</ul>\n";
}

/// "nets/draws (also rich-lazy), ...".
std::string shared(const Exhibit& own, const std::vector<Exhibit>& all) {
  std::string out;
  for (const std::string& part : own.parts) {
    std::string others;
    for (const Exhibit& other : all)
      if (other.result.slug != own.result.slug &&
          std::find(other.parts.begin(), other.parts.end(), part) != other.parts.end())
        others += (others.empty() ? " (also " : ", ") + other.result.slug;
    out += (out.empty() ? "" : ", ") + part + (others.empty() ? "" : others + ")");
  }
  return out.empty() ? "nothing" : out;
}

std::string article(const Exhibit& exhibit, const std::vector<Exhibit>& all) {
  const Result& r = exhibit.result;
  std::string out =
      "<section id=\"" + escaped(r.slug) + "\"><div class=\"head\"><h2>" + escaped(r.title) +
      "</h2>" + (exhibit.stale ? badge("inconclusive", "stale") : "") + "</div>\n<p>" +
      escaped(r.summary) + "</p>\n<p class=\"reference\">" + escaped(r.paper) + "</p>\n";
  if (!r.charts.empty()) out += report::figure_element(report::draw(r.charts.front()));
  out += "<details open><summary>Claims</summary>\n" + claims(r) + "</details>\n";
  return out +
         report::facts(
             {{"run it", "callosum reproduce " + r.slug + " --full"},
              {"tier", r.tier + (r.our_reading ? ", our reading" : "")},
              {"cost", readable_duration(r.seconds) + " of computing, " +
                           std::to_string(exhibit.lines) + " lines of its own"},
              {"seeds", std::to_string(r.seeds.size()) + (r.seeds.size() < 5 ? " (thin)" : "")},
              {"data", r.data},
              {"last run", provenance(r, "date") + ", version " + provenance(r, "version") + ", " +
                               r.size + " size" + (exhibit.stale ? "; sources changed since" : "")},
              {"shares", shared(exhibit, all)},
              {"exercises", r.capability},
              {"leaves behind", r.leaves}}) +
         "</section>\n";
}

}  // namespace

std::vector<Exhibit> exhibits(const std::string& root) {
  std::vector<Exhibit> out;
  std::error_code none;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(root) / "experiments", none)) {
    const std::string file = (entry.path() / "result.json").string();
    const auto text = read_whole_file(file);
    if (!text) continue;
    Exhibit exhibit;
    exhibit.result = read_result(*text, file);
    read_sources(entry.path(), exhibit);
    exhibit.stale = provenance(exhibit.result, "sources") !=
                    source_fingerprint(root, entry.path().filename().string());
    out.push_back(std::move(exhibit));
  }
  std::sort(out.begin(), out.end(),
            [](const Exhibit& a, const Exhibit& b) { return a.result.slug < b.result.slug; });
  return out;
}

std::string gallery_html(const std::vector<Exhibit>& all) {
  std::size_t hold = 0, fail = 0, open = 0;
  for (const Exhibit& exhibit : all)
    for (const JudgedClaim& claim : exhibit.result.claims) {
      hold += claim.result.verdict == Verdict::holds;
      fail += claim.result.verdict == Verdict::fails;
      open += claim.result.verdict == Verdict::inconclusive;
    }
  std::string body = report::masthead("Gallery of experiments",
                                      "Published systems, re-tested at full size. Made from the "
                                      "committed results by \"make gallery\".",
                                      "");
  body += report::cards({{"systems", std::to_string(all.size())},
                         {"claims that hold", std::to_string(hold)},
                         {"fail", std::to_string(fail)},
                         {"inconclusive", std::to_string(open)}});
  for (const Exhibit& exhibit : all) body += article(exhibit, all);
  return report::whole_page("Gallery of experiments", "gallery", body);
}

}  // namespace callosum::experiment
