#include "callosum/learn/torch/spike_rates.h"

#include <ATen/ATen.h>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::learn {

namespace check = nets::check;

at::Tensor weighted_rate(const at::Tensor& x, double dt, double tau) {
  constexpr const char* where = "weighted rate";
  check::positive(where, "dt", dt);
  check::positive(where, "tau", tau);
  if (!x.defined() || x.dim() < 1 || x.size(0) < 1)
    throw ShapeError({.where = where,
                      .what = "there is no step",
                      .got = x.defined() ? check::shape_text(x.sizes()) : "nothing",
                      .expected = "[T, ...], T >= 1"});
  const at::Tensor age = at::arange(x.size(0) - 1, -1, -1, x.options());
  const at::Tensor k = (age * (-dt / tau)).exp();
  return at::tensordot(k / k.sum(), x, {0}, {0});
}

at::Tensor rate_through_clamp(const at::Tensor& r_in, const at::Tensor& measured,
                              const at::Tensor& V_th, double dt, double tau) {
  constexpr const char* where = "rate through clamp";
  check::positive(where, "dt", dt);
  check::positive(where, "tau", tau);
  check::shape(where, "measured", measured, r_in.sizes());
  const at::Tensor clamped = at::minimum(at::relu(r_in / tau), V_th / dt);
  // The value is what was measured; what autograd follows is the clamp.
  return measured.detach() + clamped - clamped.detach();
}

}  // namespace callosum::learn
