#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "callosum/learn/bit_budget.h"
#include "callosum/learn/torch/quantise.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/optimiser.h"

namespace callosum::learn {

/// A layer of weights: linear over `in` units, or a convolution over `in` maps (odd kernel, zeros
/// around, stride 1) and then sums over pool x pool currents.
struct QuantisedLayer {
  std::int64_t in = 0, out = 0;
  std::int64_t kernel = 0;  ///< 0: linear; maps are flattened before it
  std::int64_t pool = 1;
};

struct QuantisedOptions {
  std::vector<QuantisedLayer> layers;
  std::int64_t rows = 0, columns = 0;  ///< of the input's maps, where the first layer convolves
  std::int64_t steps = 1;
  int spike_bits = 1;       ///< 0: rectified currents in place of spikes
  int weight_bits = 8;      ///< 0: not quantised
  int outer_bits = 8;       ///< of the first and the last layer's weights
  double decay = 1;         ///< of potentials, as in MultiBitNeuron
  double input_unit = 1;    ///< what an input of 1 stands for: 1/255 for bytes
  int threshold_bits = 10;  ///< binary digits of a threshold, counted in steps of the weights
};

/// What whole-number inference gave.
struct WholeAnswers {
  at::Tensor sums;  ///< [batch, class], int64, over all steps
  /// How wide a signed register for potentials and sums must be, weights as large and inputs as
  /// often as they were. Up to 25 (a sign and a mantissa's 24 digits), float sums are exact.
  int register_bits = 0;
};

/// Layers of multi-bit neurons over quantised weights, trained and run as whole numbers: a layer's
/// currents are counted in (step of its weights) x (worth of an input), so that they and, with
/// rounded thresholds and no leak, all potentials are whole multiples of one small number. Float
/// sums of such are exact, in any order, and inference in 64-bit integers finds the same spikes and
/// the same answers, ties included, by construction.
/// Analog inputs enter at every step; a spike of the largest level is worth 1; answers are the last
/// layer's currents, mean over steps.
class QuantisedNetwork {
 public:
  /// ValueError and ShapeError, naming the layer, for bits, steps or sizes that cannot be.
  QuantisedNetwork(QuantisedOptions options, nets::Draws& draws);

  /// x: [T, batch, ...], or [batch, ...] for inputs that stay (`steady`); ... is [in] or [maps,
  /// rows, columns]. Returns [batch, class].
  at::Tensor operator()(const at::Tensor& x, bool steady = true);
  nets::Parameters parameters() const;

  /// The same in 64-bit integers alone: x [batch, ...] whole numbers that stay. UnsupportedError
  /// for neurons with a leak or parts that are not quantised.
  WholeAnswers whole_numbers(const at::Tensor& x) const;
  /// Distinct weights of a layer over 2^bits, the largest.
  double levels_used() const;
  /// Costs of a sample at the activity of the last run without gradients. ValueError before any.
  BitBudget budget() const;

 private:
  struct Scaled {
    at::Tensor levels, threshold, worth;  ///< worth of a current of 1
  };
  int bits(std::size_t layer) const;
  double spike_worth() const;
  Scaled scaled(std::size_t layer) const;
  at::Tensor currents(std::size_t layer, const at::Tensor& x, const at::Tensor& levels) const;

  QuantisedOptions options_;
  std::vector<at::Tensor> weights_, log_steps_;
  std::vector<double> operations_;  ///< multiply-accumulates of a step
  std::vector<double> active_;      ///< share of nonzero inputs of each layer
};

}  // namespace callosum::learn
