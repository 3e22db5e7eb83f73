#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callosum::app {

/// What `callosum train` and `callosum eval` were asked.
struct TrainCommand {
  std::string file, out;
  int threads = 0;  ///< 0: all cores
  std::optional<std::int64_t> epochs;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;
  bool json = false, resume = false;
};
struct EvalCommand {
  std::string file, data, engine = "module", part = "test", counts;
  int threads = 0;
  std::int64_t samples = 0;  ///< 0: all
  bool json = false;
};

int train(const TrainCommand& command);
int evaluate(const EvalCommand& command);

}  // namespace callosum::app
