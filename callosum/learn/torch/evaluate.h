#pragma once

#include "callosum/learn/torch/fit.h"

namespace callosum::learn {

/// What a network answers on samples.
struct Evaluation {
  double accuracy = 0;
  std::int64_t samples = 0;
  /// What the readout decides by: counts of spikes [sample, class] for readouts of counts, else
  /// [step, sample, class].
  at::Tensor outputs;
  at::Tensor answers;              ///< class of each sample, int64
  double spikes = 0;               ///< a sample, of all populations that are not inputs
  double synaptic_operations = 0;  ///< a sample: arrivals at synapses, counted or simulated
  double seconds = 0;              ///< running, without building
};

struct EvaluationOptions {
  std::uint64_t seed = 1;
  int threads = 1;
  Precision precision = Precision::single;
  ProgressCallback progress = {};
};

/// Event by event: one `Simulation` shows sample after sample to the network and puts its states
/// back between them; several run side by side. The readout's output is a population's spikes or a
/// recorded state. Throws as `score`.
Evaluation evaluate_events(const Network& network, const SpikeSamples& samples,
                           const Readout& readout, const EvaluationOptions& options = {});
/// In batches, by a module.
Evaluation evaluate_module(const Network& network, const SpikeSamples& samples,
                           const Readout& readout, const EvaluationOptions& options = {});

}  // namespace callosum::learn
