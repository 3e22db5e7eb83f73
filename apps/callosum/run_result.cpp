#include "run_result.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <vector>

#include "callosum/report/text.h"

namespace callosum::app {

double RunResult::biological_ms() const {
  return static_cast<double>(recording.steps) * recording.dt_ms;
}

double RunResult::real_time_factor() const {
  return recording.steps > 0 ? statistics.simulate_s / (biological_ms() * 1e-3) : 0;
}

double RunResult::bytes_per_synapse() const {
  return statistics.synapses > 0
             ? statistics.synapse_bytes / static_cast<double>(statistics.synapses)
             : 0;
}

double peak_rss_bytes(Ranks* ranks) {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  std::vector<double> peaks(1, static_cast<double>(usage.ru_maxrss) * 1024);
  if (ranks != nullptr) {
    const double own = peaks.front();
    peaks.assign(static_cast<std::size_t>(ranks->size()), 0);
    peaks[static_cast<std::size_t>(ranks->rank())] = own;
    merge(*ranks, peaks);
  }
  return *std::max_element(peaks.begin(), peaks.end());
}

void print_table(std::ostream& out, const RunResult& result) {
  std::size_t longest = 10;
  for (const PopulationSummary& p : result.recording.populations)
    longest = std::max(longest, p.name.size());
  const auto row = [&](const std::string& name, const std::string& size, const std::string& rate,
                       const std::string& cv) {
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, " %10s %10s %6s\n", size.c_str(), rate.c_str(),
                  cv.c_str());
    out << name << std::string(longest - std::min(longest, name.size()), ' ') << numbers;
  };
  row("population", "neurons", "rate (Hz)", "CV");
  for (const PopulationSummary& p : result.recording.populations)
    row(p.name, report::grouped(p.size), report::fixed(p.rate_hz, 2),
        std::isnan(p.cv_isi) ? "-" : report::fixed(p.cv_isi, 2));
  const RunStatistics& s = result.statistics;
  out << report::grouped(s.spikes) << " spikes in " << report::duration(result.biological_ms())
      << "; simulated in " << report::rounded(s.simulate_s) << " s ("
      << report::rounded(result.real_time_factor()) << " x real time), built in "
      << report::rounded(s.build_s) << " s, compiled in " << report::rounded(s.compile_s) << " s\n";
}

}  // namespace callosum::app
