#include "callosum/core/error.h"
#include "callosum/sonata/network_of.h"

namespace callosum::sonata {

std::vector<std::filesystem::path> write_output(const SonataNetwork& sonata,
                                                const Recording& recording) {
  const SimulationConfig& config = sonata.config;
  std::error_code problem;
  std::filesystem::create_directories(config.output_dir, problem);
  if (problem)
    throw FileError({.where = "SONATA output",
                     .what = "cannot make the folder: " + problem.message(),
                     .got = config.output_dir.string()});
  std::vector<std::filesystem::path> files = {config.output_dir / config.spikes_file};
  write_spikes(files.back(), recording, sonata.origins);
  for (std::size_t k = 0; k < config.reports.size(); ++k) {
    const Report& report = config.reports[k];
    Recording own;
    own.dt_ms = recording.dt_ms;
    for (std::size_t trace : sonata.traces.at(k)) own.traces.push_back(recording.traces.at(trace));
    files.push_back(config.output_dir /
                    (report.file_name.empty() ? report.name + ".h5" : report.file_name));
    write_report(files.back(), own, variable_name(report), sonata.origins);
  }
  return files;
}

}  // namespace callosum::sonata
