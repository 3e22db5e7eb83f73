#include "callosum/core/checksum.h"

#include <algorithm>
#include <cstring>

#include "callosum/core/random.h"

namespace callosum {

std::uint64_t checksum(const void* bytes, std::size_t size, std::uint64_t start) {
  std::uint64_t sum = start;
  for (std::size_t at = 0; at < size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, static_cast<const char*>(bytes) + at, std::min<std::size_t>(8, size - at));
    sum = mix64(sum ^ word);
  }
  return sum;
}

}  // namespace callosum
