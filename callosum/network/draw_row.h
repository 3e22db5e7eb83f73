#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "callosum/network/network.h"
#include "callosum/network/pairing.h"
#include "callosum/network/row_stream.h"

namespace callosum {

/// The targets of one source within one block: `local` holds them, `self` is the position of the
/// one that is left out, or Pairing::none.
struct RowTargets {
  const std::uint16_t* local;
  std::uint32_t size;  ///< without the one left out
  std::uint32_t self;

  RowTargets(const Pairing& pairing, std::uint32_t block, std::uint32_t source)
      : local(pairing.local(block)),
        size(pairing.size(block)),
        self(pairing.self_in(block, source)) {
    if (self != Pairing::none) --size;
  }
  std::uint16_t operator[](std::uint32_t i) const { return local[i >= self ? i + 1 : i]; }
};

/// The same, as neurons of the population.
class PlacedTargets {
 public:
  std::uint32_t size;

  PlacedTargets(const Pairing& pairing, std::uint32_t block, std::uint32_t source)
      : size(pairing.size(block)),
        self_(pairing.self_in(block, source)),
        local_(pairing.local(block)),
        begin_(block * block_size),
        contiguous_(pairing.contiguous()) {
    if (self_ != Pairing::none) --size;
    if (contiguous_ && pairing.size(block) > 0) begin_ += local_[0];
  }
  std::uint32_t self() const { return self_; }
  std::uint32_t operator[](std::uint32_t i) const {
    const std::uint32_t at = i >= self_ ? i + 1 : i;
    return begin_ + (contiguous_ ? at : local_[at]);
  }

 private:
  std::uint32_t self_;
  const std::uint16_t* local_;
  std::uint32_t begin_;
  bool contiguous_;
};

/// `count` targets drawn independently, in draw order.
inline void draw_with_replacement(RowStream& stream, const RowTargets& targets, std::uint32_t count,
                                  std::uint16_t* out) {
  for (std::uint32_t i = 0; i < count; ++i) out[i] = targets[stream.below(targets.size)];
}

/// A subset of `count` of `targets`, all subsets being equally likely, in ascending order.
template <class Words, class Targets, class Out>
void draw_subset(Words& stream, const Targets& targets, std::uint32_t count, Out* out) {
  constexpr std::uint32_t few = 8;
  if (count <= few && count <= targets.size / 2) {  // the same draws, kept in order as they come
    std::array<std::uint32_t, few> chosen;
    for (std::uint32_t have = 0; have < count;) {
      const std::uint32_t i = stream.below(targets.size);
      auto* const end = chosen.data() + have;
      auto* const place = std::lower_bound(chosen.data(), end, i);
      if (place != end && *place == i) continue;
      std::copy_backward(place, end, end + 1);
      *place = i;
      ++have;
    }
    for (std::uint32_t k = 0; k < count; ++k) out[k] = targets[chosen[k]];
    return;
  }
  std::array<std::uint64_t, block_size / 64> chosen{};
  const bool inverted = count > targets.size / 2;
  // Whichever of the subset and its complement is smaller, by rejecting what is there already.
  for (std::uint32_t left = inverted ? targets.size - count : count; left > 0;) {
    const std::uint32_t i = stream.below(targets.size);
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    left -= (chosen[i / 64] & bit) == 0;
    chosen[i / 64] |= bit;
  }
  for (std::uint32_t word = 0; 64 * word < targets.size; ++word) {
    std::uint64_t bits = inverted ? ~chosen[word] : chosen[word];
    const std::uint32_t rest = targets.size - 64 * word;
    if (rest < 64) bits &= (std::uint64_t{1} << rest) - 1;
    for (; bits; bits &= bits - 1)
      *out++ = targets[64 * word + static_cast<std::uint32_t>(std::countr_zero(bits))];
  }
}

/// One or the other: with multapses a target may be drawn several times.
inline void draw_either(bool multapses, RowStream& stream, const RowTargets& targets,
                        std::uint32_t count, std::uint16_t* out) {
  if (multapses) return draw_with_replacement(stream, targets, count, out);
  draw_subset(stream, targets, count, out);
}

}  // namespace callosum
