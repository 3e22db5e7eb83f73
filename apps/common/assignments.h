#pragma once

#include <map>
#include <string>
#include <vector>

namespace callosum::app {

/// The options `--set NAME=VALUE` by name. SyntaxError for one that is no assignment.
std::map<std::string, std::string> assignments(const std::vector<std::string>& changes);

}  // namespace callosum::app
