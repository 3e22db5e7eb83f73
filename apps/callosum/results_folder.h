#pragma once

#include <string>

#include "callosum/format/network_file.h"
#include "callosum/report/report.h"
#include "run_result.h"

namespace callosum::app {

/// Writes report.html, run.toml, run.json and spikes.csv into `folder`, which is made if missing.
/// Each file appears whole or not at all. Throws FileError.
void write_results(const std::string& folder, const RunResult& result,
                   const format::NetworkFile& file, const std::string& time,
                   const std::string& command_line);

/// Writes the run.toml, run.json and report.html of several runs together.
void write_whole_run(const std::string& folder, const std::string& configuration,
                     const std::string& json, const std::string& page);

/// The network as resolved, with a [run] table: `callosum run` on it repeats the run, or as many
/// `replicas` of it.
std::string run_configuration(const RunResult& result, const std::string& resolved,
                              const std::string& time, int replicas = 1);

/// What a report tells beside the recording.
report::ReportContext report_context(const RunResult& result, const format::NetworkFile& file,
                                     const std::string& configuration,
                                     const std::string& command_line);

}  // namespace callosum::app
