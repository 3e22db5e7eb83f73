#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace callosum::data {

/// Spikes of some channels on a time grid: what encoders make and decoders read. A channel may
/// spike more than once in a step.
struct SpikeRaster {
  struct Spike {
    std::int32_t step = 0;
    std::uint32_t channel = 0;
    auto operator<=>(const Spike&) const = default;
  };
  std::size_t channels = 0, steps = 0;
  std::vector<Spike> spikes;  ///< by step, then channel

  /// Spikes a step and channel, [step][channel].
  std::vector<float> dense() const;
  /// From counts [step][channel]; every entry a whole number >= 0.
  /// \throws ShapeError, ValueError.
  static SpikeRaster from_dense(std::span<const float> counts, std::size_t channels);
  /// Brings `spikes` into order. \throws ValueError for a step or channel outside.
  void sort();
};

}  // namespace callosum::data
