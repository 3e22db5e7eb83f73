#pragma once

#include <iosfwd>
#include <string>

#include "callosum/core/precision.h"
#include "callosum/sim/simulation.h"

namespace callosum::app {

/// A finished (or interrupted) run with all that is told about it.
struct RunResult {
  Recording recording;
  RunStatistics statistics;
  int threads = 1;
  Precision precision = Precision::single;
  double peak_rss_bytes = 0;

  double biological_ms() const;
  /// Seconds of simulating per second simulated.
  double real_time_factor() const;
  double bytes_per_synapse() const;
};

/// Largest memory of this process so far.
double peak_rss_bytes();

/// The object `--json` prints and run.json holds.
std::string json_text(const RunResult& result);
/// The object of `--estimate --json`.
std::string json_text(const Network& network, const Estimate& estimate);
/// Population, size, rate, CV, one line each, then what the run took.
void print_table(std::ostream& out, const RunResult& result);

}  // namespace callosum::app
