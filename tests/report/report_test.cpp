#include "callosum/report/report.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stack>

#include "callosum/core/error.h"
#include "callosum/report/raster_sample.h"
#include "recordings.h"

namespace callosum::report {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Empty if every tag of `markup` is closed in order; else what is wrong.
std::string imbalance(const std::string& markup) {
  std::stack<std::string> open;
  for (std::size_t at = markup.find('<'); at != std::string::npos; at = markup.find('<', at + 1)) {
    const std::size_t end = markup.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    const std::string tag = markup.substr(at + 1, end - at - 1);
    if (contains(tag, "<")) return "a tag within a tag: " + tag;
    if (count(tag, "\"") % 2 != 0) return "an odd quote in " + tag;
    if (tag.ends_with("/")) continue;
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (!tag.starts_with("/")) {
      open.push(name);
    } else {
      if (open.empty() || "/" + open.top() != name) return "unexpected <" + tag + ">";
      open.pop();
    }
  }
  return open.empty() ? "" : "not closed: " + open.top();
}

std::vector<std::string> svgs(const std::string& page) {
  std::vector<std::string> out;
  for (std::size_t at = page.find("<svg xmlns"); at != std::string::npos;
       at = page.find("<svg xmlns", at + 1))
    out.push_back(page.substr(at, page.find("</svg>", at) + 6 - at));
  return out;
}

ReportContext full_context() {
  ReportContext c;
  c.title = "A small network";
  c.reference = "Someone 2014";
  c.doc = "Two populations.";
  c.summary = {{"synapses", "1,234"}};
  c.provenance = {{"version", "callosum 0.1.0"}, {"command line", "callosum run small"}};
  c.resolved_configuration = "dt = \"1 ms\"\n";
  return c;
}

TEST(Report, HasEveryPart) {
  const std::string page = html(small_recording(), full_context());
  for (const char* part : {"<title>A small network",
                           "Someone 2014",
                           "Two populations.",
                           "biological time",
                           "synapses",
                           "1,234",
                           "id=\"populations\"",
                           "id=\"raster\"",
                           "id=\"rates\"",
                           "id=\"rate-histogram\"",
                           "id=\"intervals\"",
                           "id=\"irregularity\"",
                           "id=\"trace-1\"",
                           "id=\"weights-1\"",
                           "id=\"provenance\"",
                           "callosum run small",
                           ">42<",
                           "dt = &quot;1 ms&quot;",
                           "20 pA",
                           "prefers-color-scheme:dark",
                           "@media print",
                           "name=\"viewport\"",
                           "id=\"theme\"",
                           "id=\"copy\"",
                           "callosum run run.toml"})
    EXPECT_TRUE(contains(page, part)) << part;
  EXPECT_EQ(count(page, "data-export=\"svg\""), 7u);
  EXPECT_EQ(count(page, "data-export=\"png\""), 7u);
}

TEST(Report, NamesEveryAxisWithItsUnit) {
  const std::string page = html(small_recording());
  for (const char* title :
       {"time (ms)", "rate (Hz)", "interval (ms)", "CV (no unit)", "V_m (mV)", "weight (nS)",
        ">neurons<", ">intervals<", ">synapses<", "bins of 5 ms"})
    EXPECT_TRUE(contains(page, title)) << title;
}

TEST(Report, IsCompleteInItself) {
  std::string page = html(small_recording(), full_context());
  for (const std::string name : {"xmlns=\"http://www.w3.org/2000/svg\"",
                                 "\"http://www.w3.org/2000/svg\""})  // names, never fetched
    for (std::size_t at; (at = page.find(name)) != std::string::npos;) page.erase(at, name.size());
  EXPECT_FALSE(contains(page, "http"));
  EXPECT_FALSE(contains(page, "src="));
  EXPECT_FALSE(contains(page, "@import"));
  EXPECT_FALSE(contains(page, "url("));
}

TEST(Report, DrawsWellFormedFiguresForWideAndNarrowScreens) {
  const std::vector<std::string> all = svgs(html(small_recording(), full_context()));
  EXPECT_EQ(all.size(), 14u);
  for (const std::string& svg : all) {
    EXPECT_EQ(imbalance(svg), "") << svg.substr(0, 200);
    EXPECT_FALSE(contains(svg, "nan"));
    EXPECT_FALSE(contains(svg, "inf"));
  }
}

TEST(Report, PutsNoColourIntoAFigureThatOnlyThePageKnows) {
  for (const std::string& svg : svgs(html(small_recording()))) EXPECT_FALSE(contains(svg, "var("));
}

TEST(Report, EscapesWhateverAUserNames) {
  const std::string evil = "<b>&\"'</script>";
  Recording r = small_recording();
  r.network = r.spikes[0].population = r.populations[0].name = evil;
  r.traces[0].population = r.traces[0].variable = r.weights[0].projection = evil;
  r.populations[0].model = evil;
  r.changes = {{1, evil, evil, evil}};
  ReportContext c = full_context();
  c.title = c.reference = c.doc = c.resolved_configuration = evil;
  c.summary = c.provenance = {{evil, evil}};
  const std::string page = html(r, c);
  EXPECT_FALSE(contains(page, "<b>"));
  EXPECT_EQ(count(page, "</script>"), 1u);
  EXPECT_TRUE(contains(page, "&lt;b&gt;&amp;&quot;"));
  for (const std::string& svg : svgs(page)) EXPECT_EQ(imbalance(svg), "");
}

TEST(Report, OfAnEmptyRecordingSaysSo) {
  const std::string page = html(Recording{});
  EXPECT_TRUE(contains(page, "No spikes were recorded."));
  EXPECT_TRUE(contains(page, "Untitled network"));
  Recording silent = small_recording();
  for (SpikeRecord& record : silent.spikes) record.neurons.clear(), record.steps.clear();
  const std::string quiet = html(silent);
  EXPECT_TRUE(contains(quiet, "no neuron spiked twice"));
  EXPECT_TRUE(contains(quiet, "no neuron with 5 spikes"));
  Recording unsimulated = small_recording();
  unsimulated.steps = 0;
  EXPECT_TRUE(contains(html(unsimulated), "not simulated"));
}

TEST(Report, SurvivesOddShapes) {
  Recording r = small_recording();
  r.spikes.push_back({"stranger", 0, {}, {}});
  r.traces.push_back({"exc", "g", Dimension(), {1}, 0, 1, {NAN, 1, INFINITY, 2}});
  r.traces.push_back({"exc", "x", Dimension(), {1}, 7, 1, {1}});
  r.traces.push_back({"exc", "y", Dimension(), {}, 0, 1, {}});
  r.weights.push_back({"none", Dimension(), 0, 1, 0, {}});
  r.weights.push_back({"same", Dimension(), 0, 1, 2, {5, 5}});
  for (const std::string& svg : svgs(html(r))) {
    EXPECT_EQ(imbalance(svg), "");
    EXPECT_FALSE(contains(svg, "nan"));
    EXPECT_FALSE(contains(svg, "inf"));
  }
}

TEST(Raster, ShowsAllSpikesThatFit) {
  const Recording r = small_recording();
  const RasterSample sample = raster_sample(spike_series(r), 20000);
  EXPECT_EQ(sample.shown, sample.total);
  EXPECT_EQ(sample.stride, (std::vector<std::uint32_t>{1, 1}));
  EXPECT_TRUE(contains(html(r), "All 1,"));
}

TEST(Raster, LeavesOutNeuronsBeforeSpikesAndSaysSo) {
  Recording r;
  r.dt_ms = 1;
  r.steps = 500;
  r.spikes = {random_spikes("many", 4000, 500, 0.05), random_spikes("few", 20, 500, 0.05)};
  const std::vector<SpikeSeries> series = spike_series(r);
  const RasterSample sample = raster_sample(series, 20000);
  EXPECT_EQ(sample.stride, (std::vector<std::uint32_t>{6, 1}));
  EXPECT_FALSE(sample.thinned);
  EXPECT_LE(sample.shown, 25000u);
  EXPECT_GE(sample.shown, 10000u);
  for (std::size_t i : sample.spikes[0]) EXPECT_EQ(series[0].record->neurons[i] % 6, 0u);
  EXPECT_EQ(raster_sample(series, 20000).spikes, sample.spikes);
  const std::string page = html(r);
  EXPECT_TRUE(contains(page, "every 6th neuron (small populations: all)"));
  EXPECT_EQ(page, html(r));
}

TEST(Raster, ThinsSpikesOfFewBusyNeuronsEvenly) {
  Recording r;
  r.dt_ms = 1;
  r.steps = 4000;
  r.spikes = {random_spikes("busy", 20, 4000, 0.5)};
  const RasterSample sample = raster_sample(spike_series(r), 10000);
  EXPECT_TRUE(sample.thinned);
  EXPECT_NEAR(static_cast<double>(sample.shown), 10000, 500);
  EXPECT_EQ(raster_sample(spike_series(r), 10000).spikes, sample.spikes);
}

TEST(Report, OfAMillionSpikesIsQuickAndSmall) {
  Recording r;
  r.network = "large";
  r.dt_ms = 1;
  r.steps = 1000;
  for (int p = 0; p < 8; ++p) {
    r.spikes.push_back(random_spikes("population " + std::to_string(p), 2500, 1000, 0.05));
    r.populations.push_back(summary_of(r.spikes.back(), 1));
  }
  const auto start = std::chrono::steady_clock::now();
  const std::string page = html(r);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  EXPECT_LT(taken.count(), 1.0);
  EXPECT_LT(page.size(), 3000000u);
}

TEST(Report, OfMorePopulationsThanCanBeDrawnSaysHowMany) {
  Recording r;
  r.dt_ms = 1;
  r.steps = 10;
  for (int p = 0; p < 50; ++p) r.spikes.push_back({"p" + std::to_string(p), 1, {0}, {5}});
  EXPECT_TRUE(contains(html(r), "first 40 of 50 recorded populations"));
}

TEST(Write, LeavesAWholeFileOrNone) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "callosum_report_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  write((folder / "r.html").string(), small_recording());
  std::ifstream file(folder / "r.html");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), html(small_recording()));
  EXPECT_THROW(write((folder / "missing" / "r.html").string(), small_recording()), FileError);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, 1u);
}

}  // namespace
}  // namespace callosum::report
