#pragma once

#include <array>
#include <cstdint>

#include "callosum/core/random.h"

namespace callosum {

/// The first number of eight streams at once: out[k] is what Stream(key, index[k], step).normal()
/// gives, to the bit, at a fraction of the time.
void eight_normals(StreamKey key, const std::array<std::uint32_t, 8>& index, std::uint64_t step,
                   std::array<double, 8>& out);
/// The same of Stream(key, index[k], step).uniform().
void eight_uniforms(StreamKey key, const std::array<std::uint32_t, 8>& index, std::uint64_t step,
                    std::array<double, 8>& out);

}  // namespace callosum
