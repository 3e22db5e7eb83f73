#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "callosum/core/random.h"

namespace callosum::nets {

/// A binary code of many units of which few are active, as bits (Kanerva 1988; Ahmad and Hawkins
/// 2016, arXiv:1601.00720).
class SparseCode {
 public:
  explicit SparseCode(std::uint32_t units = 0) : units_(units), words_((units + 63) / 64) {}
  /// \throws ValueError for an index that is no unit.
  SparseCode(std::uint32_t units, std::span<const std::uint32_t> active);

  std::uint32_t units() const { return units_; }
  std::uint32_t active() const;  ///< how many
  bool operator[](std::uint32_t i) const { return words_[i / 64] >> (i % 64) & 1; }
  void set(std::uint32_t i, bool on);
  std::vector<std::uint32_t> indices() const;  ///< of the active ones, ascending
  /// Units active in both. \throws ShapeError for codes of other sizes.
  std::uint32_t overlap(const SparseCode& other) const;
  /// Makes every unit active that is so in `other`. \throws as overlap.
  void unite(const SparseCode& other);
  bool operator==(const SparseCode&) const = default;

 private:
  void check_size(const SparseCode& other) const;
  std::uint32_t units_;
  std::vector<std::uint64_t> words_;
};

/// Draws codes with exactly `active` of `units`, uniform over all of them.
class CodeSampler {
 public:
  /// \throws ValueError unless active <= units.
  CodeSampler(std::uint32_t units, std::uint32_t active);
  SparseCode next(Stream& stream);
  /// The active units of a new code, in no order, until the next call: without making the bits.
  std::span<const std::uint32_t> next_indices(Stream& stream);

 private:
  std::uint32_t active_;
  std::vector<std::uint32_t> order_;  ///< some permutation; each draw shuffles its beginning
};

/// `size` of a code's active units, without replacement. \throws ValueError when there are fewer.
SparseCode subsample(const SparseCode& code, std::uint32_t size, Stream& stream);

/// What becomes of the units that noise silences.
enum class Noise {
  keeps_active,  ///< as many others become active
  drops          ///< none do
};
/// The code with a fraction of its active units silenced: `active - round(active (1 - fraction))`
/// of them. \throws ValueError unless the fraction is in [0, 1) and there are units to take over.
SparseCode noisy(const SparseCode& code, double fraction, Stream& stream,
                 Noise noise = Noise::keeps_active);

/// The k largest values as a code, ties to the lower index. \throws ValueError unless k is at most
/// their number and none is NaN.
SparseCode k_winners(std::span<const float> values, std::uint32_t k);

}  // namespace callosum::nets
