#pragma once

#include <string>
#include <vector>

namespace callosum::app {

/// Where shipped networks are looked for: ./networks, beside the build tree, installed.
std::vector<std::string> network_folders();

/// The file a user means by a path or by the bare name of a shipped network. Throws FileError with
/// the nearest shipped name.
std::string network_path(const std::string& name);

}  // namespace callosum::app
