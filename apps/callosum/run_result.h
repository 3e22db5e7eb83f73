#pragma once

#include <iosfwd>
#include <string>

#include "callosum/core/precision.h"
#include "callosum/core/ranks.h"
#include "callosum/sim/simulation.h"

namespace callosum::app {

/// A finished (or interrupted) run with all that is told about it.
struct RunResult {
  Recording recording;
  RunStatistics statistics;
  int threads = 1;  ///< a rank
  int ranks = 1;
  Precision precision = Precision::single;
  double peak_rss_bytes = 0;  ///< of the largest rank

  double biological_ms() const;
  /// Seconds of simulating per second simulated.
  double real_time_factor() const;
  double bytes_per_synapse() const;
};

/// Largest memory of this process so far; of several ranks, which all call it, the largest of any.
double peak_rss_bytes(Ranks* ranks);

/// The object `--json` prints and run.json holds.
std::string json_text(const RunResult& result);
/// The object of `--estimate --json`.
std::string json_text(const Network& network, const Estimate& estimate);
/// Population, size, rate, CV, one line each, then what the run took.
void print_table(std::ostream& out, const RunResult& result);

}  // namespace callosum::app
