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

/// The value of `shown` with the derivative of `followed`.
at::Tensor straight_through(const at::Tensor& shown, const at::Tensor& followed) {
  return followed + (shown - followed).detach();
}

at::Tensor signs(const at::Tensor& w) { return w.ge(0).to(w.scalar_type()) * 2 - 1; }

}  // namespace

at::Tensor quantised_weights(const at::Tensor& w, const at::Tensor& log_step, int bits) {
  check_bits("quantised weights", bits);
  if (bits == 1) return straight_through(signs(w.detach()) * w.detach().abs().mean(), w);
  const double high = highest(bits);
  const double scale = 1 / std::sqrt(static_cast<double>(w.numel()) * high);
  const at::Tensor full = log_step.exp();
  const at::Tensor step = straight_through(full, full * scale);
  const at::Tensor level = (w / step).clamp(-high - 1, high);
  return straight_through(level.round(), level) * step;
}

at::Tensor first_log_step(const at::Tensor& w, int bits) {
  check_bits("quantised weights", bits);
  const double share = bits == 1 ? 1 : 2 / std::sqrt(highest(bits));
  const at::Tensor mean = w.detach().abs().mean();
  check::positive("quantised weights", "mean magnitude", mean.item<double>());
  return (mean * share).log();
}

at::Tensor integer_weights(const at::Tensor& w, const at::Tensor& log_step, int bits) {
  check_bits("quantised weights", bits);
  if (bits == 1) return signs(w.detach()).to(at::kLong);
  const double high = highest(bits);
  return (w.detach() / log_step.detach().exp()).clamp(-high - 1, high).round().to(at::kLong);
}

at::Tensor multibit_spikes(const at::Tensor& currents, const MultiBitNeuron& neuron) {
  constexpr const char* where = "multi-bit spikes";
  check_bits(where, neuron.bits);
  check::positive(where, "threshold", neuron.threshold);
  check::within(where, "decay", neuron.decay, 0, 1);
  if (!currents.defined() || currents.dim() < 1 || currents.size(0) < 1)
    throw ShapeError({.where = where,
                      .what = "there is no step",
                      .got = currents.defined() ? check::shape_text(currents.sizes()) : "nothing",
                      .expected = "[T, ...], T >= 1"});
  const double theta = neuron.threshold, most = std::ldexp(1.0, neuron.bits) - 1;
  const double from = neuron.bits == 1 && !neuron.rounds ? theta : theta / 2;
  std::vector<at::Tensor> spikes;
  at::Tensor u = at::zeros_like(currents[0]);
  for (std::int64_t t = 0; t < currents.size(0); ++t) {
    u = neuron.decay * u + currents[t];
    at::Tensor out;
    if (neuron.bits == 1) {
      out = theta * spike_step(u - from, true, {model::Surrogate::triangle, theta});
    } else {
      const at::Tensor level = (u / theta).clamp(0, most);
      out = theta * straight_through((level + 0.5).floor().clamp_max(most), level);
    }
    u = u - out.detach();
    spikes.push_back(out);
  }
  return at::stack(spikes);
}

}  // namespace callosum::learn
