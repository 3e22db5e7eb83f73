#pragma once

#include <string>
#include <vector>

#include "callosum/experiment/protocol.h"

namespace callosum::experiment {

/// One experiment of the gallery: its committed result and what the source tree tells of it.
struct Exhibit {
  Result result;
  bool stale = false;              ///< sources it depends on have changed since the result was made
  std::size_t lines = 0;           ///< of its own folder
  std::vector<std::string> parts;  ///< of the library that its sources include
};

/// All experiments below `root` (the folder with callosum/ and experiments/) that have a committed
/// result.json, by slug. FileError where one cannot be read.
std::vector<Exhibit> exhibits(const std::string& root);

/// The gallery as one HTML page: a picture, claims and verdicts, tier, cost, how to run it, what it
/// shares with which others, stale or not.
std::string gallery_html(const std::vector<Exhibit>& exhibits);

}  // namespace callosum::experiment
