#pragma once

#include <cstdint>
#include <vector>

#include "callosum/network/network.h"

namespace callosum {

/// The sources and targets of a projection, the targets cut into blocks of their population.
class Pairing {
 public:
  explicit Pairing(const Network& network, const Projection& projection);

  std::uint32_t sources() const { return sources_; }
  std::uint32_t targets() const { return static_cast<std::uint32_t>(local_.size()); }
  std::uint32_t blocks() const { return static_cast<std::uint32_t>(begin_.size() - 1); }
  /// Targets of the view in a block: positions begin(b) .. begin(b+1) of the view.
  std::uint32_t begin(std::uint32_t block) const { return begin_[block]; }
  std::uint32_t size(std::uint32_t block) const { return begin_[block + 1] - begin_[block]; }
  /// Index within its block of each target of the view.
  const std::uint16_t* local(std::uint32_t block) const { return local_.data() + begin_[block]; }
  std::uint32_t block_of(std::uint32_t target) const;
  std::uint16_t local_of(std::uint32_t target) const { return local_[target]; }

  /// Whether the targets are neighbours, so that place i of a block's targets is local(b)[0] + i.
  bool contiguous() const { return contiguous_; }

  static constexpr std::uint32_t none = 0xffffffff;
  /// Whether a source must not reach itself, and where in the target view it stands (or `none`).
  bool excludes_self() const { return !self_.empty(); }
  std::uint32_t self(std::uint32_t source) const { return self_.empty() ? none : self_[source]; }
  /// The same as a position within the block's targets.
  std::uint32_t self_in(std::uint32_t block, std::uint32_t source) const {
    const std::uint32_t at = self(source);
    return at != none && at >= begin_[block] && at < begin_[block + 1] ? at - begin_[block] : none;
  }
  /// Pairs that may be connected between sources [first, last) and a block.
  std::uint64_t pairs(std::uint32_t first, std::uint32_t last, std::uint32_t block) const;
  std::uint64_t pairs(std::uint32_t block) const { return pairs(0, sources_, block); }
  std::uint64_t pairs() const;

 private:
  std::uint32_t sources_;
  bool contiguous_;
  std::vector<std::uint16_t> local_;
  std::vector<std::uint32_t> begin_;
  std::vector<std::uint32_t> self_;  ///< by source; empty when autapses are allowed
  std::vector<std::uint32_t>
      self_sources_;  ///< sources that have one, ascending; so are the targets
};

/// Position of a neuron (index within the population) in a view, or Pairing::none.
std::uint32_t position_in(const View& view, std::uint32_t neuron);

}  // namespace callosum
