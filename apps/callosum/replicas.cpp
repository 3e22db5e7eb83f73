#include "replicas.h"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/common/interrupt.h"
#include "callosum/analysis/statistics.h"
#include "callosum/core/error.h"
#include "callosum/report/text.h"
#include "callosum/sim/replicas.h"
#include "results_folder.h"

namespace callosum::app {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Runs all and returns those that came to the end.
ReplicaResults simulate(const Network& network, int replicas, std::int64_t steps,
                        const SimulationOptions& options) {
  ReplicaResults results;
  auto started = Clock::now();
  Replicas runs(network, replicas, options);
  for (int r = 0; r < replicas; ++r) results.compile_s += runs[r].statistics().compile_s;
  results.build_s = seconds_since(started) - runs[0].statistics().compile_s;
  started = Clock::now();
  try {
    runs.run_steps(steps);
  } catch (const Interrupted&) {
  }
  results.simulate_s = seconds_since(started);
  for (int r = 0; r < replicas; ++r)
    if (runs[r].step() == steps)
      results.runs.push_back({runs[r].recording(), runs[r].statistics(), runs[r].options().threads,
                              1, options.precision, 0});
  for (RunResult& run : results.runs) run.peak_rss_bytes = peak_rss_bytes(nullptr);
  return results;
}

std::string shown(double mean, double deviation) {
  if (std::isnan(mean)) return "-";
  return report::fixed(mean, 2) +
         (std::isnan(deviation) ? "" : " +- " + report::fixed(deviation, 2));
}

void print_table(std::ostream& out, const ReplicaResults& results) {
  const auto line = [&](const std::string& name, const std::string& size, const std::string& rate,
                        const std::string& cv) {
    char text[160];
    std::snprintf(text, sizeof text, "%-12s %10s %18s %14s\n", name.c_str(), size.c_str(),
                  rate.c_str(), cv.c_str());
    out << text;
  };
  line("population", "neurons", "rate (Hz)", "CV");
  for (const report::PopulationSpread& p : spread(results.runs))
    line(p.name, report::grouped(p.size), shown(p.rate_hz, p.rate_hz_sd),
         shown(p.cv_isi, p.cv_isi_sd));
  const RunResult& one = results.runs.front();
  out << results.runs.size() << " replicas of " << report::duration(one.biological_ms())
      << "; simulated in " << report::rounded(results.simulate_s) << " s ("
      << report::rounded(results.real_time_factor()) << " x real time each), built in "
      << report::rounded(results.build_s) << " s\n";
}

void write_all(const std::string& folder, const ReplicaResults& results,
               const format::NetworkFile& file, const std::string& time,
               const std::string& command_line) {
  const std::filesystem::path base(folder);
  std::vector<report::ReplicaRow> rows;
  for (const RunResult& run : results.runs) {
    const std::string name = "replica-" + std::to_string(run.recording.replica);
    write_results((base / name).string(), run, file, time, command_line);
    rows.push_back({run.recording.replica, run.statistics.spikes,
                    std::to_string(run.statistics.spike_hash), name + "/report.html"});
  }
  RunResult all = results.runs.front();
  all.recording.spikes.clear();
  const std::string configuration =
      run_configuration(all, file.resolved, time, static_cast<int>(results.runs.size()));
  write_whole_run(folder, configuration, json_text(results),
                  report::html(spread(results.runs), rows, all.recording,
                               report_context(all, file, configuration, command_line)));
}

}  // namespace

double ReplicaResults::real_time_factor() const {
  const double simulated = runs.empty() ? 0 : runs.front().biological_ms() * 1e-3;
  return simulated > 0 ? simulate_s / simulated / static_cast<double>(runs.size()) : 0;
}

std::vector<report::PopulationSpread> spread(const std::vector<RunResult>& runs) {
  std::vector<report::PopulationSpread> out;
  for (std::size_t p = 0; p < runs.front().recording.populations.size(); ++p) {
    const PopulationSummary& one = runs.front().recording.populations[p];
    std::vector<double> rates, cvs;
    for (const RunResult& run : runs) {
      const PopulationSummary& here = run.recording.populations[p];
      rates.push_back(here.rate_hz);
      if (!std::isnan(here.cv_isi)) cvs.push_back(here.cv_isi);
    }
    out.push_back({one.name, one.model, one.size, analysis::mean(rates),
                   analysis::standard_deviation(rates), analysis::mean(cvs),
                   analysis::standard_deviation(cvs)});
  }
  return out;
}

std::string json_text(const ReplicaResults& results) {
  const RunResult& one = results.runs.front();
  std::uint64_t events = 0, spikes = 0;
  ordered_json replicas = ordered_json::array();
  for (const RunResult& run : results.runs) {
    events += run.statistics.synaptic_events;
    spikes += run.statistics.spikes;
    ordered_json populations = ordered_json::array();
    for (const PopulationSummary& p : run.recording.populations)
      populations.push_back({{"name", p.name}, {"rate_hz", p.rate_hz}, {"cv_isi", p.cv_isi}});
    replicas.push_back({{"replica", run.recording.replica},
                        {"synaptic_events", run.statistics.synaptic_events},
                        {"spikes", run.statistics.spikes},
                        {"spike_hash", std::to_string(run.statistics.spike_hash)},
                        {"populations", std::move(populations)}});
  }
  ordered_json json = ordered_json::parse(json_text(one));
  json.erase("spike_hash");  // every replica has its own
  json.erase("replica");
  json["compile_s"] = results.compile_s;
  json["build_s"] = results.build_s;
  json["simulate_s"] = results.simulate_s;
  json["real_time_factor"] = results.real_time_factor();
  json["synaptic_events"] = events;
  json["spikes"] = spikes;
  json["populations"] = ordered_json::array();
  for (const report::PopulationSpread& p : spread(results.runs))
    json["populations"].push_back({{"name", p.name},
                                   {"size", p.size},
                                   {"rate_hz", p.rate_hz},
                                   {"rate_hz_sd", p.rate_hz_sd},
                                   {"cv_isi", p.cv_isi},
                                   {"cv_isi_sd", p.cv_isi_sd}});
  json["replicas"] = std::move(replicas);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

int run_replicas(const RunCommand& command, const format::NetworkFile& file, int replicas,
                 std::int64_t steps, const std::string& time, const std::string& folder,
                 SimulationOptions options) {
  for (const auto& [option, given] : {std::pair{"--checkpoint", &command.checkpoint},
                                      {"--checkpoint-every", &command.checkpoint_every},
                                      {"--resume", &command.resume}})
    if (!given->empty())
      throw ValueError({.where = std::string("option ") + option,
                        .what = "a checkpoint is of one run",
                        .got = "--replicas " + std::to_string(replicas),
                        .expected = "--replica NUMBER, which is one of them"});
  watch_for_interrupt();
  ProgressPrinter printer;
  options.progress = [&](const Progress& progress) {
    printer(progress);
    return !interrupted();
  };
  const ReplicaResults results = simulate(file.network, replicas, steps, options);
  printer.finish();
  const bool stopped = results.runs.size() < static_cast<std::size_t>(replicas);
  if (stopped)
    std::cerr << "interrupted: " << results.runs.size() << " of " << replicas
              << " replicas are complete\n";
  const int code = stopped ? interrupted_exit : success;
  if (results.runs.empty()) return code;
  std::ostream& out = command.json ? std::cerr : std::cout;
  print_table(out, results);
  if (!command.no_report) {
    write_all(folder, results, file, time, command.command_line);
    out << "report: " << folder << "/report.html\n";
  }
  if (command.json) std::cout << json_text(results);
  return code;
}

}  // namespace callosum::app
