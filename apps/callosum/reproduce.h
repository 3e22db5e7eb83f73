#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace callosum::app {

/// `callosum reproduce list | SLUG... | --all`.
struct ReproduceCommand {
  std::vector<std::string> slugs;
  bool all = false, full = false, json = false, strict = false, canaries = false;
  std::uint64_t seeds = 0;
  int jobs = 0;
  std::string out = "results";
  std::vector<std::string> set;
};
int reproduce(const ReproduceCommand& command);

/// `callosum runs list | show | compare`.
struct RunsCommand {
  enum class Action { list, show, compare };
  Action action = Action::list;
  std::vector<std::string> runs;  ///< names of folders below `out`
  std::string out = "results";
  bool json = false;
};
int runs(const RunsCommand& command);

}  // namespace callosum::app
