#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "callosum/nets/draws.h"

/// Trial-based tasks that recurrent networks are trained on in neuroscience.
namespace callosum::nets {

/// A batch of trials.
struct TaskBatch {
  at::Tensor inputs;      ///< [T, batch, channels], float
  at::Tensor labels;      ///< [T, batch], int64: 0 fixate, else the choice
  std::int64_t decision;  ///< the first step in which the choice is asked for
};

enum class CognitiveTask {
  two_alternatives,   ///< 2AF: which of two directions is the stimulus nearer to?
  match_to_sample,    ///< DMS: are sample and test the same?
  context_dependent,  ///< CXT: which direction has the cued one of two modalities?
};

/// Channels of a task's inputs; classes are 3 for all: fixate and two choices.
std::int64_t channels(CognitiveTask task);

/// Draws trials in steps of 100 ms. Fixation is 1 until the decision; a stimulus of direction theta
/// drives channel i with 0.5 + cos(theta_i - theta) coherence / 200 + 0.1 N(0, 1), theta_i in {0,
/// pi}, coherence one of 0, 6.4, 12.8, 25.6, 51.2 %; during the decision (100 ms) all inputs are 0.
///
/// 2AF: 700 ms stimulus; channels fixation, left, right (after neurogym's
/// PerceptualDecisionMaking). DMS: 100 ms sample, 500 ms delay, 100 ms test, both at full strength
/// (0.5 +- 0.5); choice 1: match. CXT: 200 ms stimulus of both modalities, 500 ms delay; two
/// channels each and two context lines, on throughout. DMS and CXT are our reading of the tasks'
/// names. ValueError unless batch
/// >= 1.
TaskBatch cognitive_trials(Draws& draws, CognitiveTask task, std::int64_t batch);

}  // namespace callosum::nets
