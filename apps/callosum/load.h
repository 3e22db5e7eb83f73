#pragma once

#include <optional>
#include <string>
#include <vector>

#include "callosum/format/network_file.h"
#include "callosum/sonata/network_of.h"

namespace callosum::app {

/// A network that was read, and what its format tells beside it.
struct Loaded {
  format::NetworkFile file;
  std::optional<sonata::SonataNetwork> sonata = {};
  std::vector<std::string> assumptions = {};  ///< made because the files do not say it
};

/// A network file, the name of a shipped network, or a SONATA configuration (.json, or a folder
/// that holds one). Throws what the readers throw, UnsupportedError for changes to SONATA.
Loaded load(const std::string& name, const format::NetworkOverrides& overrides);

/// "": no SONATA circuit; else the path of its configuration.
std::string sonata_path(const std::string& name);

}  // namespace callosum::app
