#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "callosum/learn/spike_bits.h"

namespace callosum::learn {

/// Labelled samples, each the spikes of one input population over [step, unit]. A value: copies and
/// parts share the spikes.
class SpikeSamples {
 public:
  SpikeSamples() = default;
  /// All silent; fill `row`. Throws ShapeError for a size that is not positive or labels of another
  /// number, ValueError for a label outside 0 ... classes - 1, naming the sample.
  SpikeSamples(std::vector<std::int64_t> labels, std::int64_t classes, std::int64_t steps,
               std::uint32_t units, double dt_ms);

  std::int64_t size() const { return static_cast<std::int64_t>(order_.size()); }
  std::int64_t steps() const { return steps_; }
  std::uint32_t units() const { return units_; }
  std::int64_t classes() const { return classes_; }
  double dt_ms() const { return dt_ms_; }  ///< of a step
  std::int64_t label(std::int64_t sample) const {
    return (*labels_)[static_cast<std::size_t>(order_[static_cast<std::size_t>(sample)])];
  }
  std::size_t words() const { return (units_ + 63) / 64; }  ///< of a row
  std::uint64_t* row(std::int64_t sample, std::int64_t step);
  const std::uint64_t* row(std::int64_t sample, std::int64_t step) const;
  void set(std::int64_t sample, std::int64_t step, std::uint32_t unit) {
    row(sample, step)[unit / 64] |= std::uint64_t{1} << (unit % 64);
  }
  double mean_rate() const;  ///< spikes a unit and step

  /// These samples side by side, [step, sample, unit]. Throws ShapeError for none, or one beyond
  /// the last.
  SpikeBits batch(std::span<const std::int64_t> samples) const;
  SpikeSamples part(std::int64_t begin, std::int64_t end) const;
  /// Two parts, drawn from a stream of `seed`: the second holds `count` samples.
  std::pair<SpikeSamples, SpikeSamples> split(std::int64_t count, std::uint64_t seed) const;

 private:
  std::int64_t steps_ = 0, classes_ = 0;
  std::uint32_t units_ = 0;
  double dt_ms_ = 1;
  std::shared_ptr<std::vector<std::int64_t>> labels_;
  std::shared_ptr<std::vector<std::uint64_t>> bits_;  ///< [sample, step, word]
  std::vector<std::int64_t> order_;
};

}  // namespace callosum::learn
