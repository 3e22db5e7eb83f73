#pragma once

#include <string>
#include <vector>

#include "callosum/format/network_file.h"
#include "callosum/report/replicas.h"
#include "commands.h"
#include "run_result.h"

namespace callosum::app {

/// Finished runs of `--replicas`, all of one length.
struct ReplicaResults {
  std::vector<RunResult> runs;
  double compile_s = 0, build_s = 0, simulate_s = 0;  ///< all of them together
  /// Seconds of simulating per second simulated, of all runs together.
  double real_time_factor() const;
};

/// Mean and standard deviation of every population.
std::vector<report::PopulationSpread> spread(const std::vector<RunResult>& runs);
/// The object `--replicas --json` prints and run.json holds.
std::string json_text(const ReplicaResults& results);

/// `callosum run --replicas`.
int run_replicas(const RunCommand& command, const format::NetworkFile& file, int replicas,
                 std::int64_t steps, const std::string& time, const std::string& folder,
                 SimulationOptions options);

}  // namespace callosum::app
