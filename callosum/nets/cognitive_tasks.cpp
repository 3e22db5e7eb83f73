#include "callosum/nets/cognitive_tasks.h"

#include <ATen/ops/zeros.h>

#include <array>

#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::array coherences = {0.0, 6.4, 12.8, 25.6, 51.2};

/// Writes trials step by step; inputs outside it stay 0.
class Writer {
 public:
  Writer(Draws& draws, std::int64_t steps, std::int64_t batch, std::int64_t channels)
      : draws_(draws),
        trials_{at::zeros({steps, batch, channels}, at::kFloat),
                at::zeros({steps, batch}, at::kLong), steps - 1},
        inputs_(trials_.inputs.accessor<float, 3>()) {
    trials_.inputs.slice(0, 0, steps - 1).select(2, 0).fill_(1);  // fixation
  }
  void set(std::int64_t t, std::int64_t trial, std::int64_t channel, double value) {
    inputs_[t][trial][channel] = static_cast<float>(value);
  }
  /// Channels `first` and `first + 1` in steps [from, to): direction 0 drives the first more.
  void stimulus(std::int64_t from, std::int64_t to, std::int64_t trial, std::int64_t first,
                std::int64_t direction, double strength) {
    for (std::int64_t t = from; t < to; ++t)
      for (std::int64_t i = 0; i < 2; ++i)
        set(t, trial, first + i,
            0.5 + (i == direction ? strength : -strength) + 0.1 * draws_.stream().normal());
  }
  void choose(std::int64_t trial, std::int64_t label) {
    trials_.labels[trials_.decision][trial] = label;
  }
  std::int64_t coin() { return static_cast<std::int64_t>(draws_.stream().below(2)); }
  double coherence() { return coherences[draws_.stream().below(coherences.size())] / 200; }
  TaskBatch finish() { return trials_; }

 private:
  Draws& draws_;
  TaskBatch trials_;
  at::TensorAccessor<float, 3> inputs_;
};

void two_alternatives(Writer& w, std::int64_t trial) {
  const std::int64_t direction = w.coin();
  w.stimulus(0, 7, trial, 1, direction, w.coherence());
  w.choose(trial, 1 + direction);
}

void match_to_sample(Writer& w, std::int64_t trial) {
  const std::int64_t sample = w.coin(), test = w.coin();
  w.stimulus(0, 1, trial, 1, sample, 0.5);
  w.stimulus(6, 7, trial, 1, test, 0.5);
  w.choose(trial, sample == test ? 1 : 2);
}

void context_dependent(Writer& w, std::int64_t trial) {
  const std::array directions = {w.coin(), w.coin()};
  const std::int64_t cued = w.coin();
  for (std::int64_t modality = 0; modality < 2; ++modality)
    w.stimulus(0, 2, trial, 1 + 2 * modality, directions[static_cast<std::size_t>(modality)],
               w.coherence());
  for (std::int64_t t = 0; t < 7; ++t) w.set(t, trial, 5 + cued, 1);
  w.choose(trial, 1 + directions[static_cast<std::size_t>(cued)]);
}

}  // namespace

std::int64_t channels(CognitiveTask task) {
  return task == CognitiveTask::context_dependent ? 7 : 3;
}

TaskBatch cognitive_trials(Draws& draws, CognitiveTask task, std::int64_t batch) {
  check::at_least("cognitive task", "batch", batch, 1);
  Writer writer(draws, 8, batch, channels(task));
  for (std::int64_t trial = 0; trial < batch; ++trial) {
    if (task == CognitiveTask::two_alternatives)
      two_alternatives(writer, trial);
    else if (task == CognitiveTask::match_to_sample)
      match_to_sample(writer, trial);
    else
      context_dependent(writer, trial);
  }
  return writer.finish();
}

}  // namespace callosum::nets
