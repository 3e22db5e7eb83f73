#include "callosum/learn/torch/quantised_network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/layers.h"

namespace callosum::learn {
namespace {

namespace check = nets::check;

std::string layer_name(std::size_t l) { return "layer " + std::to_string(l); }

void check_options(const QuantisedOptions& o) {
  constexpr const char* where = "quantised network";
  check::at_least(where, "layers", static_cast<std::int64_t>(o.layers.size()), 1);
  check::at_least(where, "steps", o.steps, 1);
  check::within(where, "bits of a spike", o.spike_bits, 0, 8);
  check::within(where, "bits of a weight", o.weight_bits, 0, 8);
  check::within(where, "bits of outer weights", o.outer_bits, 1, 8);
  check::within(where, "bits of a threshold", o.threshold_bits, 1, 20);
  check::positive(where, "unit of the inputs", o.input_unit);
}

void check_layer(std::size_t l, const QuantisedLayer& layer, std::int64_t rows,
                 std::int64_t columns) {
  const std::string where = layer_name(l);
  check::at_least(where, "inputs", layer.in, 1);
  check::at_least(where, "outputs", layer.out, 1);
  check::at_least(where, "pool", layer.pool, 1);
  if (layer.kernel == 0 && layer.pool == 1) return;
  if (layer.kernel < 1 || layer.kernel % 2 == 0)
    throw ValueError({.where = where,
                      .what = "size of the kernel",
                      .got = std::to_string(layer.kernel),
                      .expected = "an odd number"});
  if (rows < 1 || columns < 1 || rows % layer.pool != 0 || columns % layer.pool != 0)
    throw ShapeError({.where = where,
                      .what = "maps do not divide into pools",
                      .got = std::to_string(rows) + " x " + std::to_string(columns),
                      .expected = "multiples of " + std::to_string(layer.pool)});
}

void check_joint(std::size_t l, std::int64_t has, std::int64_t takes) {
  if (has != takes)
    throw ShapeError({.where = layer_name(l),
                      .what = "the layer before has another size",
                      .got = std::to_string(takes),
                      .expected = std::to_string(has)});
}

/// Sums over pool x pool pixels.
at::Tensor pooled(const at::Tensor& maps, std::int64_t pool) {
  if (pool == 1) return maps;
  const auto n = maps.size(0), c = maps.size(1), h = maps.size(2) / pool, w = maps.size(3) / pool;
  return maps.reshape({n, c, h, pool, w, pool}).sum(at::IntArrayRef{3, 5});
}

/// Convolution of whole numbers, whatever their type.
at::Tensor whole_convolution(const at::Tensor& x, const at::Tensor& kernel) {
  const std::int64_t k = kernel.size(2), half = k / 2;
  const at::Tensor around = at::constant_pad_nd(x, {half, half, half, half}, 0);
  // [n, in, rows, columns, k, k] -> [n, rows, columns, in k k]
  const at::Tensor patches =
      around.unfold(2, k, 1).unfold(3, k, 1).permute({0, 2, 3, 1, 4, 5}).flatten(3);
  return at::matmul(patches, kernel.flatten(1).t()).permute({0, 3, 1, 2});
}

int register_width(std::int64_t largest) {
  int bits = 1;
  for (; largest > 0; largest >>= 1) ++bits;
  return bits;
}

}  // namespace

QuantisedNetwork::QuantisedNetwork(QuantisedOptions options, nets::Draws& draws)
    : options_(std::move(options)) {
  check_options(options_);
  std::int64_t rows = options_.rows, columns = options_.columns;
  for (std::size_t l = 0; l < options_.layers.size(); ++l) {
    const QuantisedLayer& layer = options_.layers[l];
    check_layer(l, layer, rows, columns);
    const bool flat = layer.kernel == 0;
    if (l > 0) {
      const QuantisedLayer& before = options_.layers[l - 1];
      const std::int64_t maps = flat && before.kernel > 0 ? rows * columns : 1;
      check_joint(l, before.out * maps, layer.in);
    }
    const std::int64_t taps = flat ? layer.in : layer.in * layer.kernel * layer.kernel;
    operations_.push_back(static_cast<double>(layer.out * taps * (flat ? 1 : rows * columns)));
    // Uniform with the variance that keeps activity alive through rectifying layers (He et al.
    // 2015); a sum over a pool counts as its mean.
    at::Tensor w = nets::fan_in_weights(draws, layer.out, taps, std::sqrt(6.0));
    if (!flat) {
      w = nets::trainable(w.detach().view({layer.out, layer.in, layer.kernel, layer.kernel}));
      rows /= layer.pool;
      columns /= layer.pool;
    }
    weights_.push_back(w);
    log_steps_.push_back(options_.weight_bits == 0 ? at::Tensor()
                                                   : nets::trainable(first_log_step(w, bits(l))));
  }
}

int QuantisedNetwork::bits(std::size_t layer) const {
  const bool outer = layer == 0 || layer + 1 == options_.layers.size();
  return outer ? options_.outer_bits : options_.weight_bits;
}

double QuantisedNetwork::spike_worth() const {
  return options_.spike_bits == 0 ? 1 : 1 / (std::ldexp(1.0, options_.spike_bits) - 1);
}

QuantisedNetwork::Scaled QuantisedNetwork::scaled(std::size_t l) const {
  const double pool = static_cast<double>(options_.layers[l].pool * options_.layers[l].pool);
  const double input = (l == 0 ? options_.input_unit : spike_worth()) / pool;
  if (options_.weight_bits == 0) {
    const at::Tensor worth = at::full({}, input, at::kFloat);
    return {weights_[l], spike_worth() / worth, worth};
  }
  const WeightLevels w = weight_levels(weights_[l], log_steps_[l], bits(l));
  const at::Tensor worth = w.step * input;
  return {w.levels, round_to_digits(spike_worth() / worth, options_.threshold_bits), worth};
}

at::Tensor QuantisedNetwork::currents(std::size_t l, const at::Tensor& x,
                                      const at::Tensor& levels) const {
  const QuantisedLayer& layer = options_.layers[l];
  if (layer.kernel == 0) return at::matmul(x.dim() > 3 ? x.flatten(-3) : x, levels.t());
  const bool whole = x.scalar_type() == at::kLong;
  const at::Tensor all = x.dim() == 5 ? x.flatten(0, 1) : x;
  const at::Tensor sums =
      whole ? whole_convolution(all, levels) : at::conv2d(all, levels, {}, 1, layer.kernel / 2);
  const at::Tensor out = pooled(sums, layer.pool);
  return x.dim() == 5 ? out.unflatten(0, {x.size(0), x.size(1)}) : out;
}

at::Tensor QuantisedNetwork::operator()(const at::Tensor& x, bool steady) {
  const bool counts = !at::GradMode::is_enabled();
  if (counts) active_.clear();
  at::Tensor now = x;
  for (std::size_t l = 0;; ++l) {
    if (counts) active_.push_back(now.ne(0).to(at::kDouble).mean().item<double>());
    const Scaled layer = scaled(l);
    at::Tensor sums = currents(l, now, layer.levels);
    if (l == 0 && steady) {
      std::vector<std::int64_t> shape = sums.sizes().vec();
      shape.insert(shape.begin(), options_.steps);
      sums = sums.unsqueeze(0).expand(shape);
    }
    if (l + 1 == weights_.size()) return sums.mean(0) * layer.worth;
    now = options_.spike_bits == 0
              ? at::relu(sums * layer.worth)
              : multibit_levels(sums, layer.threshold,
                                {.bits = options_.spike_bits, .decay = options_.decay});
  }
}

nets::Parameters QuantisedNetwork::parameters() const {
  nets::Parameters all = weights_;
  for (std::size_t l = 0; l < weights_.size(); ++l)
    // One bit has no step to learn.
    if (log_steps_[l].defined() && bits(l) > 1) all.push_back(log_steps_[l]);
  return all;
}

WholeAnswers QuantisedNetwork::whole_numbers(const at::Tensor& x) const {
  if (options_.spike_bits == 0 || options_.weight_bits == 0 || options_.decay != 1)
    throw UnsupportedError({.where = "whole-number inference",
                            .what = "only for quantised parts and neurons without leak"});
  const at::NoGradGuard guard;
  const std::int64_t most = (std::int64_t{1} << options_.spike_bits) - 1;
  std::int64_t largest = 0;
  const auto reaches = [&](const at::Tensor& values, std::int64_t fine) {
    largest = std::max(largest, fine * values.abs().max().item<std::int64_t>());
  };
  std::vector<at::Tensor> spikes(static_cast<std::size_t>(options_.steps), x.to(at::kLong));
  for (std::size_t l = 0;; ++l) {
    const Scaled layer = scaled(l);
    const at::Tensor levels = layer.levels.to(at::kLong);
    const bool last = l + 1 == weights_.size();
    // A threshold with digits below 1 counts everything in its last one.
    const double threshold = layer.threshold.item<double>();
    int exponent = 0;
    std::frexp(threshold, &exponent);
    const std::int64_t fine =
        last ? 1 : std::int64_t{1} << std::max(options_.threshold_bits - exponent, 0);
    const std::int64_t theta = std::llround(threshold * static_cast<double>(fine));
    // No partial sum is larger, in whatever order.
    const std::int64_t input = l == 0 ? x.abs().max().item<std::int64_t>() : most;
    const std::int64_t pool = options_.layers[l].pool * options_.layers[l].pool;
    reaches(levels.abs().flatten(1).sum(1), input * pool * fine);
    at::Tensor u, same;
    for (at::Tensor& s : spikes) {
      if (l > 0 || !same.defined()) same = currents(l, s, levels) * fine;
      u = u.defined() ? u + same : same;
      reaches(u, 1);
      if (last) continue;
      // Halves up: floor((2 u + theta) / (2 theta)).
      s = at::floor_divide(2 * u + theta, at::scalar_tensor(2 * theta, at::kLong)).clamp(0, most);
      u = u - theta * s;
    }
    if (last) return {u, register_width(largest)};
  }
}

double QuantisedNetwork::levels_used() const {
  double most = 0;
  for (std::size_t l = 0; l < weights_.size(); ++l) {
    const at::Tensor w = integer_weights(weights_[l], log_steps_[l], bits(l));
    const auto distinct = static_cast<double>(std::get<0>(at::_unique(w)).numel());
    most = std::max(most, distinct / std::ldexp(1.0, bits(l)));
  }
  return most;
}

BitBudget QuantisedNetwork::budget() const {
  BitBudget budget;
  const bool full = options_.weight_bits == 0;
  if (active_.empty())
    throw ValueError({.where = "costs of a quantised network",
                      .what = "activity is not known",
                      .expected = "a run without gradients before"});
  for (std::size_t l = 0; l < weights_.size(); ++l)
    // Analog inputs have 8 bits and enter at every step.
    budget.add({.name = layer_name(l),
                .operations = operations_[l],
                .steps = options_.steps,
                .spike_bits = l == 0                     ? 8
                              : options_.spike_bits == 0 ? 32
                                                         : options_.spike_bits,
                .weight_bits = full ? 32 : bits(l),
                .active = active_.at(l),
                .weights = static_cast<double>(weights_[l].numel())});
  return budget;
}

}  // namespace callosum::learn
