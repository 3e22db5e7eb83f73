#include "callosum/core/available_memory.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <vector>

#if defined(__linux__)
#include <sys/resource.h>
#endif

namespace callosum {
namespace {

/// The number after `key` at the beginning of a line; NaN where there is none.
double entry(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return std::strtod(line.c_str() + key.size(), nullptr);
  return NAN;
}

/// The number in a file; NaN for none, as in "max".
double number(const std::string& file) {
  std::ifstream in(file);
  double value = 0;
  return in >> value ? value : NAN;
}

struct Names {
  const char *limit, *used, *cache;
};
constexpr Names first{"/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file "};
constexpr Names second{"/memory.max", "/memory.current", "inactive_file "};

/// What one control group leaves.
double left_by(const std::string& group, const Names& names) {
  const double limit = number(group + names.limit), used = number(group + names.used);
  if (std::isnan(limit) || std::isnan(used)) return INFINITY;
  const double cache = entry(group + "/memory.stat", names.cache);
  return std::max(0.0, limit - used + (std::isnan(cache) ? 0 : cache));
}

/// Of a group and all above it, down to the mount; in a container, whose paths are often those of
/// the host, at least the mount.
double left_by_all(const std::string& mount, std::string path, const Names& names) {
  double least = left_by(mount, names);
  for (; !path.empty() && path != "/"; path.resize(path.find_last_of('/')))
    least = std::min(least, left_by(mount + path, names));
  return least;
}

double left_by_groups(const std::string& root) {
  double least = INFINITY;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto colon = line.rfind(':');
    const auto begin = line.find(':');
    if (colon == std::string::npos || begin == colon) continue;
    const std::string path = line.substr(colon + 1);
    const std::string controllers = "," + line.substr(begin + 1, colon - begin - 1) + ",";
    if (!path.starts_with('/')) continue;
    if (controllers == ",,")
      least = std::min(least, left_by_all(root + "/sys/fs/cgroup", path, second));
    else if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least, left_by_all(root + "/sys/fs/cgroup/memory", path, first));
  }
  return least;
}

double left_of_address_space([[maybe_unused]] const std::string& root) {
#if defined(__linux__)
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return INFINITY;
  const double kib = entry(root + "/proc/self/status", "VmSize:");
  if (!std::isnan(kib)) return std::max(0.0, static_cast<double>(limit.rlim_cur) - kib * 1024);
#endif
  return INFINITY;
}

}  // namespace

double available_memory(const std::string& root) {
  const double kib = entry(root + "/proc/meminfo", "MemAvailable:");
  return std::min(
      {std::isnan(kib) ? INFINITY : kib * 1024, left_by_groups(root), left_of_address_space(root)});
}

}  // namespace callosum
