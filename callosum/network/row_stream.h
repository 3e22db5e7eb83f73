#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "callosum/core/random.h"
#include "callosum/network/normal_table.h"

namespace callosum {

/// Uniform in [0, n), exact; n >= 1. D. Lemire, Fast random integer generation (2019).
template <class Bits>
std::uint32_t uniform_below(std::uint32_t n, Bits bits32) {
  std::uint64_t product = std::uint64_t{bits32()} * n;
  if (static_cast<std::uint32_t>(product) < n) {
    const std::uint32_t threshold = -n % n;
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{bits32()} * n;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

/// Random numbers of one row of synapses: Philox as in Stream, but computed 32 words at a time, so
/// that a draw costs about a nanosecond. Counter: (block of words, lane, row, column).
class RowStream {
 public:
  /// Tells uses of one (row, column) apart.
  enum Lane : std::uint32_t { synapses = 1, counts = 2, indegree = 3 };
  static constexpr int words = 32;

  RowStream(StreamKey key, Lane lane, std::uint32_t row, std::uint32_t column)
      : key_(key.value()), lane_(lane), row_(row), column_(column), normals_(&normal_table()) {}

  /// The same, its first four words being known from first_words().
  RowStream(StreamKey key, Lane lane, std::uint32_t row, std::uint32_t column,
            const std::uint32_t* first)
      : RowStream(key, lane, row, column) {
    used_ = words - 4;
    next_ = 1;
    std::copy_n(first, 4, buffer_.begin() + used_);
  }
  /// Of the streams of eight columns from `column` on, the four words from word 4 * group on each:
  /// out[4 * k + w]. One computation for all eight; `out` is aligned to 32 bytes.
  static void first_words(StreamKey key, Lane lane, std::uint32_t row, std::uint32_t column,
                          std::uint32_t group, std::uint32_t* out);

  /// Passes over so many words.
  void skip(std::uint32_t count) {
    next_ += count / words * (words / 4);
    for (count %= words; count > 0; --count) bits32();
  }
  std::uint32_t bits32() {
    if (used_ == words) refill();
    return buffer_[used_++];
  }
  std::uint64_t bits64() {
    const std::uint64_t low = bits32();
    return low | static_cast<std::uint64_t>(bits32()) << 32;
  }
  /// In (0, 1), 53 bits.
  double uniform() { return (static_cast<double>(bits64() >> 12) + 0.5) * 0x1p-52; }
  /// Uniform in [0, n), exact; n >= 1.
  std::uint32_t below(std::uint32_t n) {
    return uniform_below(n, [this] { return bits32(); });
  }
  /// Mean 0, sd 1.
  double normal() {
    const std::uint64_t bits = bits64();
    const auto layer = static_cast<std::size_t>(bits & 255);
    const double x = static_cast<double>(static_cast<std::int64_t>(bits) >> 11) * 0x1p-52 *
                     normals_->edge[layer];
    if (x < normals_->edge[layer + 1] && -x < normals_->edge[layer + 1]) return x;
    return normal_outside(layer, x);
  }
  double exponential();  ///< mean 1

 private:
  void refill();
  double normal_outside(std::size_t layer, double x);

  alignas(32) std::array<std::uint32_t, words> buffer_;
  std::uint64_t key_;
  std::uint32_t lane_, row_, column_;
  std::uint32_t next_ = 0;
  int used_ = words;
  const NormalTable* normals_;
};

/// The same numbers for rows so short that the four words of first_words() mostly do: nothing is
/// made before a fifth is asked for.
class ShortRowStream {
 public:
  ShortRowStream(StreamKey key, RowStream::Lane lane, std::uint32_t row, std::uint32_t column,
                 const std::uint32_t* first)
      : first_(first), key_(key), lane_(lane), row_(row), column_(column) {}
  std::uint32_t bits32() { return used_ < 4 ? first_[used_++] : beyond(); }
  std::uint32_t below(std::uint32_t n) {
    return uniform_below(n, [this] { return bits32(); });
  }

 private:
  std::uint32_t beyond() {
    if (!rest_) {
      rest_.emplace(key_, lane_, row_, column_);
      rest_->skip(4);
    }
    return rest_->bits32();
  }

  const std::uint32_t* first_;
  std::uint32_t used_ = 0;
  StreamKey key_;
  RowStream::Lane lane_;
  std::uint32_t row_, column_;
  std::optional<RowStream> rest_;
};

}  // namespace callosum
