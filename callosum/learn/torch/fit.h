#pragma once

#include <functional>
#include <limits>

#include "callosum/core/progress.h"
#include "callosum/learn/samples.h"
#include "callosum/learn/torch/module.h"
#include "callosum/nets/training.h"

namespace callosum::learn {

/// How an output of a module becomes a class and a loss (spike_losses.h).
struct Readout {
  enum class Kind {
    count,        ///< "population.count": cross-entropy of the sums of spikes
    mean,         ///< a state: cross-entropy of its mean over time
    maximum,      ///< a state: cross-entropy of its largest value over time
    rate,         ///< "population.count": squared distance from wanted rates
    first_spike,  ///< "population": cross-entropy of first-spike times
  };
  std::string output;
  Kind kind = Kind::count;
  double scale = 1;                  ///< of counts
  double tau = 5;                    ///< steps, of first-spike times
  double right = 0.8, wrong = 0.05;  ///< spikes a step

  at::Tensor loss(const at::Tensor& output, const at::Tensor& labels, std::int64_t steps) const;
  /// The class of each sample, int64 [batch]; ties go to the lower class.
  at::Tensor decide(const at::Tensor& output) const;
};

/// Learning rate over epochs, as a factor.
struct RateSchedule {
  enum class Kind { constant, cosine, exponential, step } kind = Kind::constant;
  double decay = 0.1;        ///< exponential: at the end of training; step: each time
  std::int64_t every = 1;    ///< step: epochs
  std::int64_t warm_up = 0;  ///< epochs in which it rises linearly
  double factor(std::int64_t epoch, std::int64_t epochs) const;
};

/// Asks a population's firing rate (spikes a step) to stay within bounds, by a penalty.
struct RateBand {
  double strength = 1, low = 0, high = 1;
};

struct FitOptions {
  Readout readout;
  enum class Method { adam, sgd, rmsprop } method = Method::adam;
  double rate = 1e-3, momentum = 0.9, weight_decay = 0;
  std::map<std::string, double> rate_factors = {};  ///< by trained name; others 1
  RateSchedule schedule = {};
  double clip = 0;  ///< largest norm of all gradients together; 0: any
  std::int64_t epochs = 10, batch = 128;
  std::map<std::string, RateBand> bands = {};  ///< by output "population.count"
  std::int64_t patience =
      0;                   ///< epochs without a better validation accuracy before it stops; 0: all
  std::uint64_t seed = 1;  ///< of the order of samples
  /// Written after each epoch; a run that finds it goes on from there, to the same bits. "": none.
  std::string checkpoint = {};
  /// On the finished gradients, before clipping: projections, masks of one's own.
  std::function<void(Trainable&)> on_gradients = {};
  ProgressCallback progress = {};
};

/// How a population fired in the last run of a module.
struct Activity {
  std::string population;
  double rate = 0;       ///< spikes a unit and step
  double silent = 0;     ///< share of units without a spike
  double saturated = 0;  ///< share of units that fire in at least half of the steps
};
std::vector<Activity> activity(const Trainable& module);
/// What is wrong with it and the usual cure, or "".
std::string advice(const Activity& activity);

/// The only input population of a network. Throws ShapeError for samples of another number of
/// units, ValueError for samples of another time step than the network's, each naming both sides.
std::string check_samples(const Network& network, const SpikeSamples& samples);

/// Correct answers and mean loss.
struct Score {
  double accuracy = std::numeric_limits<double>::quiet_NaN(), loss = accuracy;
  std::int64_t samples = 0;
  double spikes = 0;               ///< a sample, of all populations that are not inputs
  double synaptic_operations = 0;  ///< a sample: spikes times the synapses they reach
};
/// `samples` are those of the module's only input. Throws ValueError for another time step,
/// ShapeError for another number of units.
Score score(Trainable& module, const SpikeSamples& samples, const Readout& readout,
            std::int64_t batch = 256);

struct FitResult {
  /// An epoch a row: "loss", "accuracy", "rate", with validation "validation_loss",
  /// "validation_accuracy"; "firing.POPULATION", "silent.POPULATION", "saturated.POPULATION";
  /// "gradient.PARAMETER", the norm of the last batch.
  nets::Curves curves;
  std::int64_t best_epoch = -1;  ///< whose parameters the module has
  double best_accuracy = 0;      ///< of it, on validation samples (training samples without any)
  bool stopped_early = false, resumed = false;
  std::vector<Activity> activity;   ///< at the end
  std::vector<std::string> advice;  ///< what to do about it
};

/// Trains a module on one population's spikes and keeps the parameters of the best epoch by
/// validation; test samples play no part. Learned delays: kernels of a width are narrowed as
/// training goes on; validation sees delays rounded to whole steps, and so they are at the end.
/// NumericalError names the first tensor that is not finite: a parameter, an output, the loss, or a
/// gradient, with epoch and batch. Interrupted when `progress` returns false; the checkpoint stays.
FitResult fit(Trainable& module, const SpikeSamples& training, const SpikeSamples* validation,
              const FitOptions& options);

/// Multiplies the weights into each population that fires, in the order of the layers, so that it
/// fires at `rate` (spikes a unit and step) on these samples. NumericalError naming the population
/// that no factor up to 2^20 either way brings there.
void initialise_rates(Module& module, const SpikeSamples& samples, double rate,
                      double tolerance = 0.1);

}  // namespace callosum::learn
