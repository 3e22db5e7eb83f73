#pragma once

#include <string>
#include <vector>

namespace callosum::experiment {

/// One result folder as the index knows it.
struct RunEntry {
  std::string run;  ///< its path below the results folder: "curl-descent-full"
  std::string slug, size, date, version;
  std::size_t seeds = 0, holds = 0, fails = 0, inconclusive = 0, reported = 0;
  double seconds = 0;
  std::string problem = {};  ///< why result.json cannot be read; the rest is then empty
};

/// All runs below a results folder, by name. The folders are the truth: `index.sqlite` in it only
/// saves reading results again that have not changed since, is made anew when it is missing or
/// broken, and may be deleted at any time. FileError where there is no such folder. Where the
/// index cannot be written, everything is read.
std::vector<RunEntry> list_runs(const std::string& folder);

}  // namespace callosum::experiment
