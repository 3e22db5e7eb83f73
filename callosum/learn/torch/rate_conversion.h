#pragma once

#include <string>
#include <vector>

#include "callosum/nets/layers.h"
#include "callosum/network/network.h"

namespace callosum::learn {

struct ConversionOptions {
  /// Of a layer's activations on the samples: this percentile becomes one spike a step, and what
  /// lies above is cut off (Rueckauer et al. 2017, section 2.2.2: 99.9).
  double percentile = 99.9;
  /// Potential at the start, in thresholds. Half of one makes a rate the nearest of what so many
  /// steps can show, not the next below.
  double start = 0.5;
  Quantity dt = Quantity(1e-3, dimension::time);
};

/// A perceptron of threshold-linear units as integrate-and-fire neurons without leak whose
/// threshold is subtracted at a spike: rates stand for activations (Rueckauer, Lungu, Hu, Pfeiffer
/// and Liu 2017, Front. Neurosci. 11:682, eqs 1-6). Populations "layer1", ... fire; "output"
/// integrates, its potential divided by the number of steps is the output layer. A spike reaches
/// the next layer within its step.
struct Conversion {
  Network network;
  /// By layer, the output last: the activation that one spike a step, or a millivolt a step, is.
  std::vector<double> units;

  /// What drives "layer1" while the inputs [sample, in] are shown, [sample, unit], mV a step: a
  /// current into "layer1.drive".
  at::Tensor drive(const nets::Mlp& mlp, const at::Tensor& inputs) const;
};
/// `samples` [sample, in] set the units. Throws UnsupportedError for other activations, ShapeError
/// for samples that do not fit, ValueError for a layer that is silent on all of them.
Conversion convert_to_rates(const nets::Mlp& mlp, const at::Tensor& samples,
                            const ConversionOptions& options = {});

/// What rates of `steps` steps make of a layer's activations.
struct LayerError {
  std::string population;
  double mean = 0, largest = 0;  ///< of |rate - activation|, in the layer's unit
  double cut_off = 0;            ///< share of activations above the unit
};
/// By layer, and the answers: `output` [sample, out] in the perceptron's own units.
struct ConversionErrors {
  std::vector<LayerError> layers;
  at::Tensor output;
};
ConversionErrors conversion_errors(const Conversion& conversion, const nets::Mlp& mlp,
                                   const at::Tensor& inputs, std::int64_t steps, int threads = 1);

}  // namespace callosum::learn
