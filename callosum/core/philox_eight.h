#pragma once

#include <array>
#include <cstdint>

namespace callosum {

/// Eight Philox4x32-10 blocks at once, the same words as `philox` gives one by one: counters[w][b]
/// is word w of block b's counter, out[4 * b + w] word w of its result. `out` is aligned to 32
/// bytes.
struct PhiloxCounters {
  std::array<std::uint32_t, 8> word[4];
};
void philox_eight(const PhiloxCounters& counters, std::uint64_t key, std::uint32_t* out);

}  // namespace callosum
