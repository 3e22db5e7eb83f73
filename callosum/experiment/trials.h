#pragma once

#include <functional>
#include <string>
#include <vector>

#include "callosum/core/progress.h"

namespace callosum::experiment {

/// One piece of work of a list.
struct Job {
  std::string name;  ///< "seed 2, one-flip"
  double cost = 1;   ///< relative time, for the time left
  /// Does it and stores what came of it; is given a function to report the share done.
  std::function<void(const std::function<void(double)>& progress)> work;
};

/// Does all jobs, in this process for `processes` = 1, else in that many at once, forked from this
/// one; they end with it. Progress counts the cost of all jobs together, `done_before` of which was
/// done earlier. Throws Interrupted when `progress` returns false, and what a job throws (from
/// another process: its message); the other jobs are then ended.
void do_jobs(const std::vector<Job>& jobs, int processes, double done_before,
             const ProgressCallback& progress);

}  // namespace callosum::experiment
