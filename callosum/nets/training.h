#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "callosum/core/progress.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/optimiser.h"

namespace callosum::nets {

/// Named numbers, one row an epoch.
struct Curves {
  std::map<std::string, std::vector<double>> values;  ///< "loss" is the mean over the batches
  std::int64_t epochs() const;
  double last(const std::string& name) const;  ///< NameError for a name not recorded
};

struct TrainingOptions {
  std::int64_t samples = 0;  ///< how many there are
  std::int64_t batch = 32;   ///< the last batch of an epoch may be smaller
  std::int64_t epochs = 1;
  std::int64_t first_epoch = 0;  ///< > 0: the draws of those before are passed over
  bool shuffle = true;           ///< a new order each epoch, from the draws
  double clip = 0;               ///< largest gradient norm; 0: any
  /// Between backward pass and step, once a batch: masks, signs, projections of the gradients.
  std::function<void()> on_gradients = {};
  /// After each step: norm constraints, clipping of weights.
  std::function<void()> on_step = {};
  /// After each epoch (from 0): may record further numbers; false ends the training.
  std::function<bool(std::int64_t epoch, std::map<std::string, double>& record)> on_epoch = {};
  /// After each batch; `detail`, when given, says what stands beside the bar.
  ProgressCallback progress = {};
  std::function<std::string(double loss)> detail = {};
};

/// Mini-batch training. `loss` is given the indices of a batch, int64 [b], and returns one number.
/// NumericalError, naming epoch and batch, when it is not finite; Interrupted when `progress`
/// returns false.
Curves train(Optimiser& optimiser, Draws& order,
             const std::function<at::Tensor(const at::Tensor& batch)>& loss,
             const TrainingOptions& options);

/// Mean cross-entropy of logits [batch, classes] against labels [batch], int64.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace callosum::nets
