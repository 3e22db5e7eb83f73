#pragma once

#include <cstddef>
#include <cstdint>

namespace callosum {

/// A 64-bit sum of bytes that finds damage, not malice. Continues from `start`, so bytes may come
/// in pieces when all but the last are multiples of 8.
std::uint64_t checksum(const void* bytes, std::size_t size, std::uint64_t start);

}  // namespace callosum
