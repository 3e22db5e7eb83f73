#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace callosum::learn {

/// Spikes over [time, batch, unit], a bit each. Frame t holds what fires in step t: spikes stamped
/// t + 1, which over a delay of d steps arrive in step t + d.
class SpikeBits {
 public:
  SpikeBits() = default;
  SpikeBits(std::int64_t steps, std::int64_t batch, std::uint32_t units) {
    reshape(steps, batch, units);
  }
  /// All bits zero; memory is kept.
  void reshape(std::int64_t steps, std::int64_t batch, std::uint32_t units) {
    steps_ = steps, batch_ = batch, units_ = units;
    words_ = (static_cast<std::size_t>(units) + 63) / 64;
    bits_.assign(static_cast<std::size_t>(steps * batch) * words_, 0);
  }

  std::int64_t steps() const { return steps_; }
  std::int64_t batch() const { return batch_; }
  std::uint32_t units() const { return units_; }
  std::size_t words() const { return words_; }  ///< of a row

  std::uint64_t* row(std::int64_t t, std::int64_t b) {
    return bits_.data() + static_cast<std::size_t>(t * batch_ + b) * words_;
  }
  const std::uint64_t* row(std::int64_t t, std::int64_t b) const {
    return bits_.data() + static_cast<std::size_t>(t * batch_ + b) * words_;
  }
  void set(std::int64_t t, std::int64_t b, std::uint32_t unit) {
    row(t, b)[unit / 64] |= std::uint64_t{1} << (unit % 64);
  }
  bool test(std::int64_t t, std::int64_t b, std::uint32_t unit) const {
    return (row(t, b)[unit / 64] >> (unit % 64) & 1) != 0;
  }
  std::uint64_t count() const {
    std::uint64_t n = 0;
    for (const std::uint64_t w : bits_) n += static_cast<std::uint64_t>(std::popcount(w));
    return n;
  }
  /// Units that fire in a row, ascending; `ids` has room for all of them. Returns how many.
  std::size_t list(std::int64_t t, std::int64_t b, std::uint32_t* ids) const {
    const std::uint64_t* w = row(t, b);
    std::size_t n = 0;
    for (std::size_t k = 0; k < words_; ++k)
      for (std::uint64_t bits = w[k]; bits != 0; bits &= bits - 1)
        ids[n++] =
            static_cast<std::uint32_t>(64 * k) + static_cast<std::uint32_t>(std::countr_zero(bits));
    return n;
  }
  bool operator==(const SpikeBits&) const = default;
  std::size_t bytes() const { return bits_.size() * 8; }

 private:
  std::int64_t steps_ = 0, batch_ = 0;
  std::uint32_t units_ = 0;
  std::size_t words_ = 0;
  std::vector<std::uint64_t> bits_;
};

}  // namespace callosum::learn
