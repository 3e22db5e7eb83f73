#pragma once

#include <cstdint>
#include <string>

namespace callosum::app {

/// `callosum convert`.
struct ConvertCommand {
  std::string from, to;
  std::string dt = "0.1 ms";    ///< of a NIR graph
  std::string steps = "exact";  ///< of a NIR graph, read or written
  std::string time;             ///< of a SONATA simulation; "" : that of the file
  std::uint64_t seed = 1;       ///< with which rules draw where the format holds no rules
  bool milliseconds = false;    ///< the unit of time of a NIR graph that is read
};
int convert(const ConvertCommand& command);

}  // namespace callosum::app
