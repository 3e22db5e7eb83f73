#pragma once

#include <string>

namespace callosum {

/// Bytes that this process may still take: the least of what the machine has available, what the
/// control groups it is in (version 1 and 2) and those above them leave, caches that can be dropped
/// not counted as taken, and what is left of its address space (`ulimit -v`). Infinity where
/// nothing is known. `root` stands before /proc and /sys.
double available_memory(const std::string& root = "");

}  // namespace callosum
