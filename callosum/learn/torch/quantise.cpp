#include "callosum/learn/torch/quantise.h"

#include <ATen/ATen.h>

#include <cmath>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/learn/torch/program_tensors.h"
#include "callosum/nets/check.h"

namespace callosum::learn {
namespace {

namespace check = nets::check;

void check_bits(const char* where, int bits) {
  if (!(bits >= 1 && bits <= 8))
    throw ValueError({.where = where,
                      .what = "number of bits",
                      .got = std::to_string(bits),
                      .expected = "1 to 8"});
}

double highest(int bits) { return std::ldexp(1.0, bits - 1) - 1; }

/// The value of `shown`, to the bit, with the derivative of `followed`.
at::Tensor straight_through(const at::Tensor& shown, const at::Tensor& followed) {
  return shown.detach() + (followed - followed.detach());
}

at::Tensor signs(const at::Tensor& w) { return w.ge(0).to(w.scalar_type()) * 2 - 1; }

}  // namespace

WeightLevels weight_levels(const at::Tensor& w, const at::Tensor& log_step, int bits) {
  check_bits("quantised weights", bits);
  if (bits == 1) {
    const at::Tensor step = w.detach().abs().mean();
    check::positive("quantised weights", "mean magnitude", step.item<double>());
    return {straight_through(signs(w.detach()), w / step), step};
  }
  const double high = highest(bits);
  const double scale = 1 / std::sqrt(static_cast<double>(w.numel()) * high);
  const at::Tensor full = log_step.exp();
  const at::Tensor step = straight_through(full, full * scale);
  const at::Tensor level = (w / step).clamp(-high - 1, high);
  return {straight_through(level.round(), level), step};
}

at::Tensor quantised_weights(const at::Tensor& w, const at::Tensor& log_step, int bits) {
  const WeightLevels all = weight_levels(w, log_step, bits);
  return all.levels * all.step;
}

at::Tensor first_log_step(const at::Tensor& w, int bits) {
  check_bits("quantised weights", bits);
  const double share = bits == 1 ? 1 : 2 / std::sqrt(highest(bits));
  const at::Tensor mean = w.detach().abs().mean();
  check::positive("quantised weights", "mean magnitude", mean.item<double>());
  return (mean * share).log();
}

at::Tensor integer_weights(const at::Tensor& w, const at::Tensor& log_step, int bits) {
  return weight_levels(w.detach(), log_step.defined() ? log_step.detach() : log_step, bits)
      .levels.to(at::kLong);
}

at::Tensor round_to_digits(const at::Tensor& x, int digits) {
  check::at_least("rounding to binary digits", "digits", digits, 1);
  const double value = x.item<double>();
  check::positive("rounding to binary digits", "number", value);
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  const double rounded =
      std::ldexp(std::nearbyint(std::ldexp(mantissa, digits)), exponent - digits);
  return straight_through(at::full_like(x, rounded), x);
}

at::Tensor multibit_levels(const at::Tensor& currents, const at::Tensor& threshold,
                           const MultiBitNeuron& neuron) {
  constexpr const char* where = "multi-bit spikes";
  check_bits(where, neuron.bits);
  check::positive(where, "threshold", threshold.item<double>());
  check::within(where, "decay", neuron.decay, 0, 1);
  if (!currents.defined() || currents.dim() < 1 || currents.size(0) < 1)
    throw ShapeError({.where = where,
                      .what = "there is no step",
                      .got = currents.defined() ? check::shape_text(currents.sizes()) : "nothing",
                      .expected = "[T, ...], T >= 1"});
  const double most = std::ldexp(1.0, neuron.bits) - 1;
  const double from = neuron.bits == 1 && !neuron.rounds ? 1 : 0.5;
  std::vector<at::Tensor> spikes;
  at::Tensor u = currents[0];
  for (std::int64_t t = 0; t < currents.size(0); ++t) {
    if (t > 0) u = neuron.decay * (u - threshold * spikes.back().detach()) + currents[t];
    const at::Tensor level = u / threshold;
    if (neuron.bits == 1) {
      spikes.push_back(spike_step(level - from, true, {model::Surrogate::triangle, 1}));
    } else {
      const at::Tensor inside = level.clamp(0, most);
      spikes.push_back(straight_through((inside + 0.5).floor().clamp_max(most), inside));
    }
  }
  return at::stack(spikes);
}

at::Tensor multibit_spikes(const at::Tensor& currents, const MultiBitNeuron& neuron) {
  const at::Tensor threshold = at::scalar_tensor(
      neuron.threshold, currents.defined() ? currents.options() : at::TensorOptions());
  return neuron.threshold * multibit_levels(currents, threshold, neuron);
}

}  // namespace callosum::learn
