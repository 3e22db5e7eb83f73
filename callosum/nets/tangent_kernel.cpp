#include "callosum/nets/tangent_kernel.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "callosum/core/error.h"

namespace callosum::nets {

at::Tensor tangent_kernel(const at::Tensor& outputs, const Parameters& parameters) {
  const std::int64_t rows = outputs.defined() ? outputs.numel() : 0;
  if (rows == 0) throw ShapeError({.where = "tangent kernel", .what = "there are no outputs"});
  const at::Tensor flat = outputs.reshape({-1});
  std::vector<at::Tensor> jacobian;
  for (const at::Tensor& parameter : parameters)
    jacobian.push_back(
        at::empty({rows, parameter.numel()}, parameter.options().requires_grad(false)));
  at::Tensor one = at::zeros({rows}, outputs.options().requires_grad(false));
  for (std::int64_t i = 0; i < rows; ++i) {
    one[i].fill_(1);
    const Parameters row = pull_back(flat, one, parameters);
    one[i].fill_(0);
    for (std::size_t p = 0; p < row.size(); ++p) jacobian[p][i].copy_(row[p].reshape({-1}));
  }
  at::Tensor kernel = at::zeros({rows, rows}, at::kDouble);
  constexpr std::int64_t block = 4096;  // columns made double at a time
  for (const at::Tensor& part : jacobian)
    for (std::int64_t first = 0; first < part.size(1); first += block) {
      const at::Tensor columns =
          part.slice(1, first, std::min(first + block, part.size(1))).to(at::kDouble);
      kernel.addmm_(columns, columns.t());
    }
  return kernel;
}

}  // namespace callosum::nets
