#pragma once

#include <ATen/core/Tensor.h>

#include "callosum/learn/spike_bits.h"

namespace callosum::learn {

/// Spikes as numbers 0 and 1, [time, batch, unit].
at::Tensor spike_tensor(const SpikeBits& bits, at::ScalarType type);
/// Their sums over time, [batch, unit].
at::Tensor spike_counts(const SpikeBits& bits, at::ScalarType type);

}  // namespace callosum::learn
