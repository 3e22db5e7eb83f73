#include "callosum/learn/torch/rate_conversion.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/learn/torch/module.h"
#include "callosum/nets/check.h"

namespace callosum::learn {
namespace {

namespace check = nets::check;

/// V_m grows by `drive` in each step; a spike takes the threshold away and leaves the rest.
model::Model integrator(const ConversionOptions& options, bool fires) {
  model::ModelText text;
  text.name = fires ? "integrate_and_subtract" : "integrate";
  text.equations.text = "dV_m/dt = drive/interval : volt";
  text.parameters = {{"drive", "0 mV"}, {"interval", to_string(options.dt)}};
  if (fires) {
    text.threshold.text = "V_m >= V_th";
    text.reset.text = "V_m -= V_th";
    text.parameters.push_back({"V_th", "1 mV"});
  }
  return model::Model(text);
}

Values millivolts(const at::Tensor& numbers) {
  const at::Tensor t = numbers.detach().to(at::kDouble).contiguous();
  return Values::array({t.data_ptr<double>(), t.data_ptr<double>() + t.numel()},
                       dimension::voltage);
}

double percentile(const at::Tensor& activations, double percent) {
  const at::Tensor sorted = std::get<0>(activations.detach().to(at::kDouble).reshape({-1}).sort());
  const auto last = static_cast<double>(sorted.numel() - 1);
  return sorted[std::llround(last * percent / 100)].item<double>();
}

std::string layer_name(std::size_t k, std::size_t layers) {
  return k + 1 == layers ? "output" : "layer" + std::to_string(k + 1);
}

at::Tensor bias_of(const nets::Mlp& mlp, std::size_t k) {
  return mlp.biases.empty() ? at::zeros({mlp.weights[k].size(0)}, mlp.weights[k].scalar_type())
                            : mlp.biases[k];
}

}  // namespace

at::Tensor Conversion::drive(const nets::Mlp& mlp, const at::Tensor& inputs) const {
  check::shape("conversion", "inputs", inputs, {check::any, mlp.weights[0].size(1)});
  const at::NoGradGuard none;
  return at::linear(inputs.to(mlp.weights[0].scalar_type()), mlp.weights[0], bias_of(mlp, 0)) /
         units[0];
}

Conversion convert_to_rates(const nets::Mlp& mlp, const at::Tensor& samples,
                            const ConversionOptions& options) {
  constexpr const char* where = "conversion to rates";
  const std::size_t layers = mlp.weights.size();
  if ((layers > 1 && mlp.hidden != nets::Activation::threshold_linear) ||
      mlp.output != nets::Activation::linear || layers < 2)
    throw UnsupportedError({.where = where,
                            .what = "rates stand for threshold-linear units",
                            .got = std::to_string(layers) + " layers of other units",
                            .expected = "hidden layers threshold_linear, the output linear"});
  check::within(where, "percentile", options.percentile, 1, 100);
  check::within(where, "start", options.start, 0, 1);
  check::shape(where, "samples", samples, {check::any, mlp.weights[0].size(1)});
  check::finite(where, "samples", samples);
  const at::NoGradGuard none;
  const std::vector<at::Tensor> activations = mlp.layers(samples.to(mlp.weights[0].scalar_type()));
  Conversion c{Network(options.dt, "rates"), {}};
  View before;
  for (std::size_t k = 0; k < layers; ++k) {
    const bool last = k + 1 == layers;
    const std::string name = layer_name(k, layers);
    c.units.push_back(last ? 1 : percentile(activations[k + 1], options.percentile));
    if (!(c.units[k] > 0))
      throw ValueError({.where = where,
                        .what = "no unit of '" + name + "' is active on the samples",
                        .got = "percentile " + check::number_text(options.percentile) + " at 0",
                        .expected = "other samples, or a higher percentile"});
    // The first layer's constant comes with its input.
    const at::Tensor constant = bias_of(mlp, k) / c.units[k] * (k == 0 ? 0.0 : 1.0);
    const View now = c.network.add(
        name, static_cast<std::uint32_t>(mlp.weights[k].size(0)), integrator(options, !last),
        {.parameters = {{"drive", millivolts(constant)}},
         .initial = {
             {"V_m", Quantity::from_internal(last ? 0 : options.start, dimension::voltage)}}});
    if (k > 0)
      c.network.connect(before, now, all_to_all(),
                        {.target = "V_m",
                         .weight = millivolts(mlp.weights[k].t() * (c.units[k - 1] / c.units[k])),
                         .delay = Quantity(0, dimension::time),
                         .name = name});
    before = now;
  }
  return c;
}

ConversionErrors conversion_errors(const Conversion& c, const nets::Mlp& mlp,
                                   const at::Tensor& inputs, std::int64_t steps, int threads) {
  check::at_least("conversion", "steps", steps, 1);
  const at::NoGradGuard none;
  const std::size_t layers = c.units.size();
  std::vector<std::string> outputs{"output.V_m"};
  for (std::size_t k = 0; k + 1 < layers; ++k) outputs.push_back(layer_name(k, layers) + ".count");
  Module module(c.network, {.threads = threads,
                            .trained = std::vector<std::string>(),
                            .currents = {"layer1.drive"},
                            .outputs = outputs});
  const at::Tensor drive = c.drive(mlp, inputs);
  const auto out = module.run(
      {.tensors = {{"layer1.drive", drive.unsqueeze(0).expand({steps, -1, -1}).contiguous()}}});
  const std::vector<at::Tensor> wanted = mlp.layers(inputs.to(mlp.weights[0].scalar_type()));
  ConversionErrors errors;
  const auto compare = [&](std::size_t k, const at::Tensor& got) {
    const at::Tensor expected = wanted[k + 1].to(at::kDouble) / c.units[k];
    const at::Tensor gap = (got.to(at::kDouble) - expected).abs();
    errors.layers.push_back(
        {layer_name(k, layers), gap.mean().item<double>(), gap.max().item<double>(),
         k + 1 == layers ? 0.0 : expected.gt(1).to(at::kDouble).mean().item<double>()});
  };
  const double n = static_cast<double>(steps);
  for (std::size_t k = 0; k + 1 < layers; ++k)
    compare(k, out.at(layer_name(k, layers) + ".count").to(at::kDouble) / n);
  errors.output = out.at("output.V_m")[steps - 1].to(at::kDouble) / n;
  compare(layers - 1, errors.output);
  return errors;
}

}  // namespace callosum::learn
