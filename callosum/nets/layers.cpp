#include "callosum/nets/layers.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {

at::Tensor trainable(const at::Tensor& numbers) {
  return numbers.detach().clone().set_requires_grad(true);
}

at::Tensor fan_in_weights(Draws& draws, std::int64_t out, std::int64_t in, double scale,
                          at::ScalarType type) {
  check::at_least("layer", "outputs", out, 1);
  check::at_least("layer", "inputs", in, 1);
  check::not_negative("layer", "scale", scale);
  const double bound = scale / std::sqrt(static_cast<double>(in));
  return draws.uniform({out, in}, -bound, bound, type).set_requires_grad(true);
}

Mlp::Mlp(Draws& draws, const MlpOptions& options) : hidden(options.hidden), output(options.output) {
  check::at_least("perceptron", "widths", static_cast<std::int64_t>(options.widths.size()), 2);
  for (std::size_t k = 1; k < options.widths.size(); ++k) {
    const std::int64_t in = options.widths[k - 1], out = options.widths[k];
    weights.push_back(fan_in_weights(draws, out, in, options.scale, options.type));
    if (!options.bias) continue;
    const double bound = options.scale / std::sqrt(static_cast<double>(in));
    biases.push_back(draws.uniform({out}, -bound, bound, options.type).set_requires_grad(true));
  }
}

std::vector<at::Tensor> Mlp::layers(const at::Tensor& x) const {
  check::shape("perceptron", "x", x, {check::any, weights.front().size(1)});
  std::vector<at::Tensor> out{x};
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const at::Tensor v =
        at::linear(out.back(), weights[k], biases.empty() ? at::Tensor() : biases[k]);
    out.push_back(activate(k + 1 < weights.size() ? hidden : output, v));
  }
  return out;
}

at::Tensor Mlp::operator()(const at::Tensor& x) const { return layers(x).back(); }

Parameters Mlp::parameters() const {
  Parameters out;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    out.push_back(weights[k]);
    if (!biases.empty()) out.push_back(biases[k]);
  }
  return out;
}

Mlp Mlp::copy() const {
  Mlp out = *this;
  for (at::Tensor& w : out.weights) w = trainable(w);
  for (at::Tensor& b : out.biases) b = trainable(b);
  return out;
}

Rnn::Rnn(Draws& draws, const RnnOptions& given) : options(given) {
  check::at_least("recurrent network", "inputs", options.inputs, 1);
  check::at_least("recurrent network", "units", options.units, 1);
  check::at_least("recurrent network", "outputs", options.outputs, 1);
  if (!(options.alpha > 0 && options.alpha <= 1))
    check::within("recurrent network", "alpha", options.alpha, 0x1p-1022, 1);
  input = fan_in_weights(draws, options.units, options.inputs, 1, options.type);
  recurrent = fan_in_weights(draws, options.units, options.units, 1, options.type);
  output = fan_in_weights(draws, options.outputs, options.units, 1, options.type);
  if (!options.bias) return;
  const double bound = 1 / std::sqrt(static_cast<double>(options.units));
  const auto drawn = [&](std::int64_t n) {
    return draws.uniform({n}, -bound, bound, options.type).set_requires_grad(true);
  };
  bias = drawn(options.units);
  output_bias = drawn(options.outputs);
}

Rnn::Run Rnn::operator()(const at::Tensor& inputs, const at::Tensor& start) const {
  check::shape("recurrent network", "inputs", inputs, {check::any, check::any, input.size(1)});
  check::at_least("recurrent network", "steps", inputs.size(0), 1);
  const std::int64_t batch = inputs.size(1), units = input.size(0);
  check::shape("recurrent network", "recurrent", recurrent, {units, units});
  if (start.defined()) check::shape("recurrent network", "start", start, {batch, units});
  // One product over all steps for the input; the recurrent one has to wait for each.
  const at::Tensor drive = at::linear(inputs, input, bias);
  const at::Tensor transposed = recurrent.t();
  at::Tensor h = start.defined() ? start : at::zeros({batch, units}, input.options());
  std::vector<at::Tensor> states;
  for (std::int64_t t = 0; t < inputs.size(0); ++t) {
    const at::Tensor v = drive.select(0, t).addmm(h, transposed);
    if (options.alpha == 1)
      h = activate(options.activation, v);
    else if (options.leak_inside)
      h = activate(options.activation, h.mul(1 - options.alpha).add(v, options.alpha));
    else
      h = h.mul(1 - options.alpha).add(activate(options.activation, v), options.alpha);
    states.push_back(h);
  }
  Run out;
  out.states = at::stack(states);
  out.outputs = at::linear(out.states, output, output_bias);
  return out;
}

Parameters Rnn::parameters() const {
  Parameters out{input, recurrent, output};
  if (bias.defined()) out.push_back(bias);
  if (output_bias.defined()) out.push_back(output_bias);
  return out;
}

Rnn Rnn::copy() const {
  Rnn out = *this;
  for (at::Tensor* p : {&out.input, &out.recurrent, &out.output, &out.bias, &out.output_bias})
    if (p->defined()) *p = trainable(*p);
  return out;
}

}  // namespace callosum::nets
