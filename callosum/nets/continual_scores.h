#pragma once

#include <cstdint>
#include <vector>

namespace callosum::nets {

/// Accuracies while tasks are learned one after another: R[i][j], of task j after task i was
/// learned (Lopez-Paz and Ranzato 2017, arXiv 1706.08840).
class ContinualScores {
 public:
  /// ValueError unless tasks >= 1.
  explicit ContinualScores(std::int64_t tasks);
  /// ValueError unless 0 <= seen <= learned < tasks and the accuracy is in [0, 1].
  void set(std::int64_t learned, std::int64_t seen, double accuracy);
  double at(std::int64_t learned, std::int64_t seen) const;  ///< NaN where nothing was set

  /// ACC: mean over tasks after the last one.
  double average() const;
  /// BWT: mean over all tasks but the last of what they lost (negative) or gained since they were
  /// learned; 0 for a single task.
  double backward_transfer() const;

 private:
  std::int64_t tasks_;
  std::vector<double> values_;  ///< [learned, seen]
};

}  // namespace callosum::nets
