#include "callosum/experiment/protocol.h"

#include <chrono>
#include <ctime>
#include <filesystem>

#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/fingerprint.h"
#include "callosum/experiment/json.h"
#include "callosum/experiment/report_page.h"
#include "callosum/experiment/trials.h"

namespace callosum::experiment {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// All that the outcomes of a run depend on but seed and arm.
std::string run_key(const Experiment& e, Size size, const Settings& settings) {
  std::string key = e.slug + (size == Size::quick ? " quick" : " full") + " program " +
                    hexadecimal(program_fingerprint());
  char number[40];
  for (const auto& [name, value] : settings) {
    std::snprintf(number, sizeof number, "%.17g", value);
    key += " " + name + "=" + number;
  }
  return key;
}

struct TrialFile {
  std::uint64_t seed;
  const Arm* arm;
  std::string path, key;
};

/// Seed by seed, so that what there is at any moment is as paired as can be.
std::vector<TrialFile> trial_files(const Experiment& e, const std::vector<std::uint64_t>& seeds,
                                   const std::string& folder, const std::string& key) {
  std::vector<TrialFile> files;
  for (std::uint64_t seed : seeds)
    for (const Arm& arm : e.arms) {
      const std::string name = arm.name + "." + std::to_string(seed);
      files.push_back({seed, &arm, (fs::path(folder) / "trials" / (name + ".json")).string(),
                       key + " arm " + name});
    }
  return files;
}

bool load(const TrialFile& file, Outcome& outcome) {
  const auto text = read_whole_file(file.path);
  return text && read_outcome(*text, file.key, outcome);
}

void run_trials(const Experiment& e, const RunOptions& options, const Settings& settings,
                const std::vector<TrialFile>& files) {
  std::vector<Job> jobs;
  double done = 0;
  for (const TrialFile& file : files) {
    Outcome there;
    if (load(file, there)) {
      done += file.arm->cost;
      continue;
    }
    jobs.push_back({"seed " + std::to_string(file.seed) + ", " + file.arm->name, file.arm->cost,
                    [&e, &options, &settings, &file](const std::function<void(double)>& progress) {
                      const Clock::time_point start = Clock::now();
                      Outcome outcome =
                          e.run(Trial(file.seed, file.arm->name, options.size, settings, progress));
                      outcome.seconds = seconds_since(start);
                      write_whole_file(file.path, outcome_text(outcome, file.key), "trial");
                    }});
  }
  do_jobs(jobs, options.jobs, done, options.progress);
}

std::vector<JudgedClaim> judged(const Experiment& e, const Results& results) {
  std::vector<JudgedClaim> out;
  for (const Claim& claim : e.claims) {
    JudgedClaim one;
    one.id = claim.id;
    one.text = claim.text;
    one.measure = claim.measure;
    one.bar = text(claim.bar);
    one.kind = claim.kind;
    one.paper = claim.paper;
    one.log = claim.scale == Scale::log;
    one.result = judge(results.values(claim), claim.bar, claim.scale);
    if (claim.canary) {
      one.canary = true;
      one.fake = judge(results.values(claim, true), claim.bar, claim.scale);
      one.fake_text = claim.canary->fake + " in place of " + claim.canary->real;
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<ValueRow> value_rows(const Experiment& e, const Results& results) {
  std::vector<ValueRow> rows;
  for (const Arm& arm : e.arms)
    for (const auto& [name, value] : results.outcome(results.seeds().front(), arm.name).values)
      rows.push_back({arm.name, name, results.values(arm.name, name)});
  return rows;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

}  // namespace

Result run(const Experiment& e, const RunOptions& options) {
  check(e);
  const Settings settings = resolved(e, options.size, options.changes);
  const bool full = options.size == Size::full;
  std::vector<std::uint64_t> seeds(options.seeds > 0 ? options.seeds
                                   : full            ? e.full_seeds
                                                     : e.quick_seeds);
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i + 1;
  std::error_code failed;
  fs::create_directories(fs::path(options.folder) / "trials", failed);
  if (failed)
    throw FileError({.where = "results folder", .what = "cannot make it", .got = options.folder});
  const auto files = trial_files(e, seeds, options.folder, run_key(e, options.size, settings));
  run_trials(e, options, settings, files);

  Results results(seeds, settings);
  Result out;
  for (const TrialFile& file : files) {
    Outcome outcome;
    if (!load(file, outcome))
      throw FileError({.where = "trial", .what = "its file cannot be read back", .got = file.path});
    out.seconds += outcome.seconds;
    if (!outcome.note.empty())
      out.notes.push_back(file.arm->name + ", seed " + std::to_string(file.seed) + ": " +
                          outcome.note);
    results.add(file.seed, file.arm->name, std::move(outcome));
  }
  out.slug = e.slug;
  out.title = e.title;
  out.summary = e.summary;
  out.paper = e.paper;
  out.tier = name(e.tier);
  out.our_reading = e.our_reading;
  out.capability = e.capability;
  out.leaves = e.leaves;
  out.data = e.data;
  out.size = full ? "full" : "quick";
  out.seeds = seeds;
  out.settings = settings;
  for (const Arm& arm : e.arms) out.arms.emplace_back(arm.name, arm.text);
  out.claims = judged(e, results);
  out.values = value_rows(e, results);
  if (e.charts) out.charts = e.charts(results);
  out.provenance = {{"version", options.version},
                    {"command", options.command_line},
                    {"date", today()},
                    {"sources", source_fingerprint(options.source_folder, e.slug)}};
  const fs::path folder(options.folder);
  write_whole_file((folder / "report.html").string(), report_html(out), "report");
  write_whole_file((folder / "result.json").string(), result_text(out), "result");
  return out;
}

}  // namespace callosum::experiment
