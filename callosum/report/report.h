#pragma once

#include <string>
#include <utility>
#include <vector>

#include "callosum/sim/recording.h"

namespace callosum::report {

/// Shown at the top of a report and in its provenance; all optional.
struct ReportContext {
  std::string title, reference, doc;
  std::vector<std::pair<std::string, std::string>> summary;     ///< "neurons" -> "77,169"
  std::vector<std::pair<std::string, std::string>> provenance;  ///< version, seed, command line ...
  std::string resolved_configuration;                           ///< repeats the run
};

/// The report as one HTML text: no network access, light and dark, SVG/PNG export of each figure.
std::string html(const Recording& recording, const ReportContext& context = {});
/// Written to a temporary name and renamed. Throws FileError.
void write(const std::string& path, const Recording& recording, const ReportContext& context = {});

}  // namespace callosum::report
