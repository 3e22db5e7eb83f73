#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace callosum::learn {

/// Labels, positions: [values.size()], 64-bit integers.
inline at::Tensor index_tensor(const std::vector<std::int64_t>& values) {
  const at::Tensor t = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), t.data_ptr<std::int64_t>());
  return t;
}

}  // namespace callosum::learn
