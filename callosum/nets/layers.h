#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "callosum/nets/activation.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/optimiser.h"

namespace callosum::nets {

/// A weight matrix [out, in], uniform in +-scale / sqrt(in), that requires a gradient.
at::Tensor fan_in_weights(Draws& draws, std::int64_t out, std::int64_t in, double scale = 1,
                          at::ScalarType type = at::kFloat);
/// A leaf that requires a gradient, with a copy of these numbers.
at::Tensor trainable(const at::Tensor& numbers);

struct MlpOptions {
  std::vector<std::int64_t> widths;  ///< input, hidden ..., output; at least two
  Activation hidden = Activation::threshold_linear;
  Activation output = Activation::linear;
  bool bias = true;
  double scale = 1;  ///< weights and biases start uniform in +-scale / sqrt(fan-in)
  at::ScalarType type = at::kFloat;
};

/// A multi-layer perceptron. Copies share their parameters, as tensors do; `copy` does not.
struct Mlp {
  Mlp(Draws& draws, const MlpOptions& options);

  /// x: [batch, in]. Returns [batch, out].
  at::Tensor operator()(const at::Tensor& x) const;
  /// The activity of every layer: x first, the output last.
  std::vector<at::Tensor> layers(const at::Tensor& x) const;
  Parameters parameters() const;  ///< weights and biases, from the input on
  Mlp copy() const;

  std::vector<at::Tensor> weights, biases;  ///< [out, in] and [out] a layer; biases may be empty
  Activation hidden, output;
};

struct RnnOptions {
  std::int64_t inputs = 0, units = 0, outputs = 0;
  Activation activation = Activation::tanh;
  double alpha = 1;  ///< dt / tau, in (0, 1]
  /// true: h' = f((1 - alpha) h + alpha v); false: h' = (1 - alpha) h + alpha f(v).
  bool leak_inside = false;
  bool bias = true;
  at::ScalarType type = at::kFloat;
};

/// A simple recurrent network: v = W_in x_t + W h_{t-1} + b, output W_out h_t + b_out, h_0 = 0
/// unless given. All weights start uniform in +-1 / sqrt(fan-in); assign to `recurrent` for others.
struct Rnn {
  struct Run {
    at::Tensor states;   ///< [T, batch, units]
    at::Tensor outputs;  ///< [T, batch, outputs]
  };

  Rnn(Draws& draws, const RnnOptions& options);
  /// inputs: [T, batch, inputs], T >= 1; start: [batch, units].
  Run operator()(const at::Tensor& inputs, const at::Tensor& start = {}) const;
  Parameters parameters() const;
  Rnn copy() const;

  RnnOptions options;
  at::Tensor input, recurrent, output;  ///< [units, inputs], [units, units], [outputs, units]
  at::Tensor bias, output_bias;         ///< undefined without bias
};

}  // namespace callosum::nets
