#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace callosum::nets {

/// Root of the mean squared error over the variance of the target, over all entries together; 1 is
/// what the target's mean scores. Shapes must agree. NumericalError for a constant target.
double nrmse(const at::Tensor& prediction, const at::Tensor& target);

/// Squared correlation of each column, [K] (or a number's tensor for [T]); 0 where a column of
/// either does not vary.
at::Tensor squared_correlation(const at::Tensor& prediction, const at::Tensor& target);

/// Share of rows of `scores` [T, classes] whose largest entry is at `labels` [T].
double accuracy(const at::Tensor& scores, const at::Tensor& labels);

/// How much of a past input a linear readout can recover (Jaeger 2001).
struct MemoryCapacity {
  double total = 0;              ///< sum of the squared correlations
  std::vector<double> by_delay;  ///< squared correlation on test data for delays 1 .. max_delay
};
struct MemoryTask {
  std::int64_t max_delay = 60;
  std::int64_t washout = 200;    ///< steps not used at all, >= max_delay
  std::int64_t training = 1900;  ///< steps after the washout that train; the rest test
  double lambda = 1e-7;          ///< ridge penalty
};
/// states: [T, units], row t after input u_t; input: [T]. ValueError where T does not leave at
/// least two steps for training and test each.
MemoryCapacity memory_capacity(const at::Tensor& states, const at::Tensor& input,
                               const MemoryTask& task);

}  // namespace callosum::nets
