#include "callosum/learn/torch/spike_tensor.h"

#include <ATen/ops/zeros.h>

#include <vector>

namespace callosum::learn {
namespace {

// Frame n of sample b adds to the row of `stride` n + b.
template <class T>
void add(const SpikeBits& bits, std::int64_t stride, T* to) {
  std::vector<std::uint32_t> ids(bits.units());
  for (std::int64_t n = 0; n < bits.steps(); ++n)
    for (std::int64_t b = 0; b < bits.batch(); ++b) {
      T* row = to + (n * stride + b) * std::int64_t{bits.units()};
      const std::size_t count = bits.list(n, b, ids.data());
      for (std::size_t k = 0; k < count; ++k) row[ids[k]] += 1;
    }
}

void add(const SpikeBits& bits, std::int64_t stride, const at::Tensor& to) {
  if (to.scalar_type() == at::kFloat)
    add(bits, stride, to.data_ptr<float>());
  else
    add(bits, stride, to.data_ptr<double>());
}

}  // namespace

at::Tensor spike_tensor(const SpikeBits& bits, at::ScalarType type) {
  const at::Tensor t = at::zeros({bits.steps(), bits.batch(), std::int64_t{bits.units()}}, type);
  add(bits, bits.batch(), t);
  return t;
}

at::Tensor spike_counts(const SpikeBits& bits, at::ScalarType type) {
  const at::Tensor t = at::zeros({bits.batch(), std::int64_t{bits.units()}}, type);
  add(bits, 0, t);
  return t;
}

}  // namespace callosum::learn
