#include "callosum/learn/samples.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum::learn {

SpikeSamples::SpikeSamples(std::vector<std::int64_t> labels, std::int64_t classes,
                           std::int64_t steps, std::uint32_t units, double dt_ms)
    : steps_(steps), classes_(classes), units_(units), dt_ms_(dt_ms) {
  if (!(steps >= 1 && units >= 1 && !labels.empty() && dt_ms > 0))
    throw ShapeError({.where = "samples",
                      .what = "there is nothing in them",
                      .got = std::to_string(labels.size()) + " samples, " + std::to_string(steps) +
                             " steps, " + std::to_string(units) + " units",
                      .expected = "at least one of each, and a time step"});
  for (std::size_t k = 0; k < labels.size(); ++k)
    if (!(labels[k] >= 0 && labels[k] < classes))
      throw ValueError({.where = "samples",
                        .what = "the label of sample " + std::to_string(k) + " is no class",
                        .got = std::to_string(labels[k]),
                        .expected = "0 to " + std::to_string(classes - 1)});
  order_.resize(labels.size());
  std::iota(order_.begin(), order_.end(), 0);
  bits_ = std::make_shared<std::vector<std::uint64_t>>(labels.size() *
                                                       static_cast<std::size_t>(steps) * words());
  labels_ = std::make_shared<std::vector<std::int64_t>>(std::move(labels));
}

const std::uint64_t* SpikeSamples::row(std::int64_t sample, std::int64_t step) const {
  const std::int64_t k = order_[static_cast<std::size_t>(sample)];
  return bits_->data() + static_cast<std::size_t>(k * steps_ + step) * words();
}

std::uint64_t* SpikeSamples::row(std::int64_t sample, std::int64_t step) {
  return const_cast<std::uint64_t*>(std::as_const(*this).row(sample, step));  // bits_ are ours
}

double SpikeSamples::mean_rate() const {
  std::uint64_t spikes = 0;
  const std::size_t words_of_sample = static_cast<std::size_t>(steps_) * words();
  for (std::int64_t k = 0; k < size(); ++k)
    spikes += std::transform_reduce(
        row(k, 0), row(k, 0) + words_of_sample, std::uint64_t{0}, std::plus<>(),
        [](std::uint64_t w) { return static_cast<std::uint64_t>(std::popcount(w)); });
  return static_cast<double>(spikes) /
         (static_cast<double>(size()) * static_cast<double>(steps_) * units_);
}

SpikeBits SpikeSamples::batch(std::span<const std::int64_t> samples) const {
  if (samples.empty())
    throw ShapeError({.where = "samples", .what = "the batch is empty", .expected = "a sample"});
  SpikeBits bits(steps_, static_cast<std::int64_t>(samples.size()), units_);
  for (std::size_t b = 0; b < samples.size(); ++b) {
    if (!(samples[b] >= 0 && samples[b] < size()))
      throw ShapeError({.where = "samples",
                        .what = "no sample of this number",
                        .got = std::to_string(samples[b]),
                        .expected = "0 to " + std::to_string(size() - 1)});
    for (std::int64_t t = 0; t < steps_; ++t)
      std::copy_n(row(samples[b], t), words(), bits.row(t, static_cast<std::int64_t>(b)));
  }
  return bits;
}

SpikeSamples SpikeSamples::part(std::int64_t begin, std::int64_t end) const {
  if (!(begin >= 0 && begin < end && end <= size()))
    throw ShapeError({.where = "samples",
                      .what = "the part is empty or goes beyond the last sample",
                      .got = std::to_string(begin) + " to " + std::to_string(end),
                      .expected = "within 0 to " + std::to_string(size())});
  SpikeSamples result = *this;
  result.order_.assign(order_.begin() + begin, order_.begin() + end);
  return result;
}

std::pair<SpikeSamples, SpikeSamples> SpikeSamples::split(std::int64_t count,
                                                          std::uint64_t seed) const {
  if (!(count >= 1 && count < size()))
    throw ShapeError({.where = "samples",
                      .what = "a split leaves one part empty",
                      .got = std::to_string(count) + " of " + std::to_string(size()),
                      .expected = "1 to " + std::to_string(size() - 1)});
  SpikeSamples mixed = *this;
  Stream stream(StreamKey(seed, name_hash("samples.split"), Purpose::user), 0);
  for (std::size_t k = mixed.order_.size(); k-- > 1;)
    std::swap(
        mixed.order_[k],
        mixed.order_[static_cast<std::size_t>(stream.uniform() * static_cast<double>(k + 1))]);
  return {mixed.part(0, size() - count), mixed.part(size() - count, size())};
}

}  // namespace callosum::learn
