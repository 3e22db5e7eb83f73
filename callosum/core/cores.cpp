#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

#include "callosum/core/team.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace callosum {
namespace {

/// Processors' worth of time that a control group grants: "max 100000" or "150000 100000".
double granted(const std::string& file) {
  std::ifstream in(file);
  std::string quota;
  double period = 0;
  if (!(in >> quota >> period) || quota == "max" || !(period > 0)) return INFINITY;
  char* end = nullptr;
  const double time = std::strtod(quota.c_str(), &end);
  return time > 0 ? time / period : INFINITY;
}

/// The tightest limit of this process's control group and those above it (version 2), or of the
/// mounted one (version 1).
double quota() {
  double least = INFINITY;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.rfind("0::", 0) != 0) continue;
    std::string path = line.substr(3);
    for (;;) {
      least = std::min(least, granted("/sys/fs/cgroup" + path + "/cpu.max"));
      const auto slash = path.find_last_of('/');
      if (path.empty() || slash == std::string::npos) break;
      path.resize(slash);
    }
  }
  std::ifstream time("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double t = 0, p = 0;
  if (time >> t && period >> p && t > 0 && p > 0) least = std::min(least, t / p);
  return least;
}

}  // namespace

int available_cores() {
  static const int cores = [] {
    int count = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
    const double limit = quota();
    if (limit < count) count = static_cast<int>(std::ceil(limit));
#endif
    return std::max(count, 1);
  }();
  return cores;
}

}  // namespace callosum
