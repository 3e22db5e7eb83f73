#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"
#include "callosum/nets/delay_layer.h"
#include "movies.h"

namespace callosum::experiment {

/// What an arm trains.
struct Plan {
  Motions motions;
  std::int64_t delays = 9, side = 9;
  /// Each input has one delay, drawn at random, in place of all.
  bool one_fixed_delay = false;
  /// Each class against all others, by logistic functions, as in the paper's text; else a softmax,
  /// as in its code.
  bool logistic = false;
};

/// A layer that was trained, and what it began with.
struct Layer {
  Plan plan;
  nets::DelayKernels kernels;
  at::Tensor first;  ///< weights before training

  std::int64_t padding() const;  ///< so that answers cover the same pixels whatever the kernel
};

/// How much of a kernel [delays, side, side] may be used: near its centre at the shortest delay,
/// ever wider before (from the authors' code).
at::Tensor cone(std::int64_t delays, std::int64_t side);

/// Textures that train and test.
struct Material {
  Textures train, photographs, noise;  ///< the last two test
};
Material material(const Trial& t);

Layer trained(const Trial& t, const Plan& plan, const Material& from);

/// Share of instants at which the largest mean evidence over all pixels names the motion.
struct Score {
  double all = 0;       ///< of all instants that see a whole kernel
  double settled = 0;   ///< of those at which the motion is as old as the longest delay
  double opposite = 0;  ///< right ones among those that name the motion or its opposite
};
using Movies = std::vector<Movie>;
Score score(const Layer& layer, const at::Tensor& weights, const Movies& movies);

/// Test movies of a trial, the same for all arms of equal motions.
Movies test_movies(const Trial& t, const Motions& motions, const Textures& textures,
                   std::int64_t count);

/// The layer as a network that `Simulation` runs: a spike list of the pixels, and integrators that
/// forget within a step, onto which every weight that is not zero is a synapse with its delay.
/// Returns what `nets::delayed_evidence` does.
at::Tensor simulated(const nets::DelayKernels& kernels, const at::Tensor& events);

// What is asked of a layer of all delays, once it is trained.
void pruning_study(const Trial& t, const Layer& layer, const Movies& movies, Outcome& out);
void push_pull_study(const Layer& layer, Outcome& out);
void event_study(const Trial& t, const Layer& layer, const Movies& movies, Outcome& out);
void aperture_study(const Trial& t, const Layer& layer, Outcome& out);

}  // namespace callosum::experiment
