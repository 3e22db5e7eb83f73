#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace callosum::data {

enum class Endian { little, big };

/// One number of type T from its sizeof(T) bytes.
template <class T>
T decode_number(const std::uint8_t* from, Endian order) {
  std::array<std::uint8_t, sizeof(T)> bytes;
  std::copy_n(from, sizeof(T), bytes.begin());
  if ((order == Endian::little) != (std::endian::native == std::endian::little))
    std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

/// All numbers in `bytes`, whose size is a multiple of sizeof(T).
template <class T>
std::vector<T> decode_numbers(std::span<const std::uint8_t> bytes, Endian order) {
  std::vector<T> out(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = decode_number<T>(bytes.data() + i * sizeof(T), order);
  return out;
}

}  // namespace callosum::data
