#include "results_folder.h"

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
#include "callosum/core/progress.h"
#include "callosum/core/whole_file.h"
#include "callosum/report/report.h"
#include "callosum/report/text.h"

namespace callosum::app {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void cannot_write(const fs::path& path, const char* what) {
  ErrorDetail detail;
  detail.where = "results";
  detail.what = what;
  detail.got = path.string();
  throw FileError(std::move(detail));
}

/// A field of a CSV file: quoted where a name holds a comma, a quote or a line end.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string spikes_csv(const Recording& recording) {
  std::string out = "population,neuron,step,time_ms\n";
  char buffer[64];
  for (const SpikeRecord& record : recording.spikes) {
    const std::string name = csv_field(record.population);
    for (std::size_t i = 0; i < record.steps.size(); ++i) {
      out += name;
      out += ',';
      out.append(buffer, std::to_chars(buffer, buffer + 64, record.neurons[i]).ptr);
      out += ',';
      out.append(buffer, std::to_chars(buffer, buffer + 64, record.steps[i]).ptr);
      out += ',';
      const double ms = static_cast<double>(record.steps[i]) * recording.dt_ms;
      out.append(buffer,
                 std::to_chars(buffer, buffer + 64, ms, std::chars_format::general, 12).ptr);
      out += '\n';
    }
  }
  return out;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "";
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
  return text;
}

void make_folder(const std::string& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) cannot_write(folder, "cannot make the folder");
}

}  // namespace

report::ReportContext report_context(const RunResult& result, const format::NetworkFile& file,
                                     const std::string& configuration,
                                     const std::string& command_line) {
  const RunStatistics& s = result.statistics;
  report::ReportContext c;
  c.title = file.title;
  c.reference = file.reference;
  c.doc = file.doc;
  c.summary = {
      {"synapses", report::grouped(s.synapses)},
      {"real-time factor", report::rounded(result.real_time_factor())},
      {"peak memory", readable_bytes(result.peak_rss_bytes)},
      {"threads",
       std::to_string(result.threads) +
           (result.ranks > 1 ? " on each of " + std::to_string(result.ranks) + " ranks" : "")}};
  c.provenance = {{"version", std::string("callosum ") + CALLOSUM_VERSION},
                  {"command line", command_line},
                  {"precision", std::string(name(result.precision))},
                  {"spike hash", std::to_string(s.spike_hash)},
                  {"synaptic events", report::grouped(s.synaptic_events)},
                  {"compiling", report::rounded(s.compile_s) + " s"},
                  {"building", report::rounded(s.build_s) + " s"},
                  {"simulating", report::rounded(s.simulate_s) + " s"},
                  {"date", now()},
                  {"processor", processor()}};
  c.resolved_configuration = configuration;
  return c;
}

std::string run_configuration(const RunResult& result, const std::string& resolved,
                              const std::string& time, int replicas) {
  std::string seed = std::to_string(result.recording.seed);
  if (result.recording.seed > 0x7fffffffffffffffull) seed = '"' + seed + '"';  // TOML has 63 bits
  std::string out = resolved;
  if (!out.empty() && out.back() != '\n') out += '\n';
  // The file's own duration gives way to the time of this run.
  if (const auto line = out.find("\nduration = "); line != std::string::npos)
    out.erase(line, out.find('\n', line + 1) - line);
  const std::string exact = to_string(parse_quantity(time));
  out += "\n[run]\ntime = \"" + exact + "\"\nseed = " + seed + "\nprecision = \"" +
         std::string(name(result.precision)) + "\"\n";
  if (replicas > 1) return out + "replicas = " + std::to_string(replicas) + "\n";
  if (const std::uint32_t replica = result.recording.replica; replica != 0)
    out += "replica = " + std::to_string(replica) + "\n";
  return out;
}

void write_results(const std::string& folder, const RunResult& result,
                   const format::NetworkFile& file, const std::string& time,
                   const std::string& command_line) {
  make_folder(folder);
  const fs::path base(folder);
  const std::string configuration = run_configuration(result, file.resolved, time);
  write_whole_file((base / "run.toml").string(), configuration, "results folder");
  write_whole_file((base / "run.json").string(), json_text(result), "results folder");
  write_whole_file((base / "spikes.csv").string(), spikes_csv(result.recording), "results folder");
  report::write((base / "report.html").string(), result.recording,
                report_context(result, file, configuration, command_line));
}

void write_whole_run(const std::string& folder, const std::string& configuration,
                     const std::string& json, const std::string& page) {
  make_folder(folder);
  const fs::path base(folder);
  write_whole_file((base / "run.toml").string(), configuration, "results folder");
  write_whole_file((base / "run.json").string(), json, "results folder");
  write_whole_file((base / "report.html").string(), page, "results folder");
}

}  // namespace callosum::app
