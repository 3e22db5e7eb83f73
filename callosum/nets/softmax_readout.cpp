#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/zeros.h>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/optimiser.h"
#include "callosum/nets/readout.h"

namespace callosum::nets {

LinearReadout fit_softmax(const at::Tensor& states, const at::Tensor& labels, std::int64_t classes,
                          double lambda, std::int64_t iterations) {
  constexpr std::string_view where = "softmax readout";
  check::shape(where, "states", states, {check::any, check::any});
  check::shape(where, "labels", labels, {states.size(0)});
  check::at_least(where, "samples", states.size(0), 1);
  check::at_least(where, "classes", classes, 2);
  check::not_negative(where, "lambda", lambda);
  const at::Tensor x = states.detach().to(at::kDouble);
  check::finite(where, "states", x);
  const at::Tensor wanted = labels.to(at::kLong);
  check::at_least(where, "labels", wanted.min().item<std::int64_t>(), 0);
  check::at_least(where, "classes", classes, wanted.max().item<std::int64_t>() + 1);
  const at::Tensor weights = at::zeros({x.size(1), classes}, at::kDouble).set_requires_grad(true);
  const at::Tensor offset = at::zeros({classes}, at::kDouble).set_requires_grad(true);
  const auto loss = [&] {
    return at::cross_entropy_loss(x.matmul(weights).add(offset), wanted)
        .add(weights.square().sum().mul(lambda / 2));
  };
  minimise(loss, {weights, offset}, {.iterations = iterations});
  return {weights.detach(), offset.detach()};
}

}  // namespace callosum::nets
