#pragma once

#include <string>

#include "callosum/format/network_file.h"
#include "run_result.h"

namespace callosum::app {

/// Writes report.html, run.toml, run.json and spikes.csv into `folder`, which is made if missing.
/// Each file appears whole or not at all. Throws FileError.
void write_results(const std::string& folder, const RunResult& result,
                   const format::NetworkFile& file, const std::string& time,
                   const std::string& command_line);

/// The network as resolved, with a [run] table: `callosum run` on it repeats the run.
std::string run_configuration(const RunResult& result, const std::string& resolved,
                              const std::string& time);

}  // namespace callosum::app
