#include "callosum/nets/sparse_code.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "sparse code";

/// Moves `count` random entries to the front.
void shuffle_front(std::vector<std::uint32_t>& order, std::uint32_t count, Stream& stream) {
  for (std::uint32_t i = 0; i < count; ++i)
    std::swap(order[i], order[i + stream.below(order.size() - i)]);
}

}  // namespace

SparseCode::SparseCode(std::uint32_t units, std::span<const std::uint32_t> active)
    : SparseCode(units) {
  for (std::uint32_t i : active) set(i, true);
}

void SparseCode::set(std::uint32_t i, bool on) {
  if (i >= units_)
    throw ValueError({.where = std::string(where),
                      .what = "no such unit",
                      .got = std::to_string(i),
                      .expected = "below " + std::to_string(units_)});
  const std::uint64_t bit = std::uint64_t{1} << (i % 64);
  words_[i / 64] = on ? words_[i / 64] | bit : words_[i / 64] & ~bit;
}

std::uint32_t SparseCode::active() const {
  std::uint32_t sum = 0;
  for (std::uint64_t w : words_) sum += static_cast<std::uint32_t>(std::popcount(w));
  return sum;
}

std::vector<std::uint32_t> SparseCode::indices() const {
  std::vector<std::uint32_t> out;
  for (std::size_t k = 0; k < words_.size(); ++k)
    for (std::uint64_t w = words_[k]; w; w &= w - 1)
      out.push_back(static_cast<std::uint32_t>(64 * k) +
                    static_cast<std::uint32_t>(std::countr_zero(w)));
  return out;
}

void SparseCode::check_size(const SparseCode& other) const {
  if (units_ == other.units_) return;
  throw ShapeError({.where = std::string(where),
                    .what = "the codes are of other sizes",
                    .got = std::to_string(other.units_),
                    .expected = std::to_string(units_)});
}

std::uint32_t SparseCode::overlap(const SparseCode& other) const {
  check_size(other);
  std::uint32_t sum = 0;
  for (std::size_t k = 0; k < words_.size(); ++k)
    sum += static_cast<std::uint32_t>(std::popcount(words_[k] & other.words_[k]));
  return sum;
}

void SparseCode::unite(const SparseCode& other) {
  check_size(other);
  for (std::size_t k = 0; k < words_.size(); ++k) words_[k] |= other.words_[k];
}

CodeSampler::CodeSampler(std::uint32_t units, std::uint32_t active)
    : active_(active), order_(units) {
  check::within(where, "active", active, 0, units);
  std::iota(order_.begin(), order_.end(), 0u);
}

std::span<const std::uint32_t> CodeSampler::next_indices(Stream& stream) {
  shuffle_front(order_, active_, stream);
  return {order_.data(), active_};
}

SparseCode CodeSampler::next(Stream& stream) {
  return SparseCode(static_cast<std::uint32_t>(order_.size()), next_indices(stream));
}

SparseCode subsample(const SparseCode& code, std::uint32_t size, Stream& stream) {
  std::vector<std::uint32_t> all = code.indices();
  check::within(where, "size of the sample", size, 0, static_cast<double>(all.size()));
  shuffle_front(all, size, stream);
  return SparseCode(code.units(), std::span<const std::uint32_t>(all.data(), size));
}

SparseCode noisy(const SparseCode& code, double fraction, Stream& stream, Noise noise) {
  if (!(fraction >= 0 && fraction < 1))
    check::within(where, "noise", fraction, 0, std::nextafter(1.0, 0.0));
  const std::uint32_t active = code.active();
  const auto silenced =
      active - static_cast<std::uint32_t>(std::floor(active * (1 - fraction) + 0.5));
  SparseCode out = code;
  for (std::uint32_t i : subsample(code, silenced, stream).indices()) out.set(i, false);
  if (noise == Noise::drops) return out;
  check::within(where, "units to take over", silenced, 0, code.units() - active);
  for (std::uint32_t left = silenced; left > 0;) {
    const auto i = static_cast<std::uint32_t>(stream.below(code.units()));
    if (code[i] || out[i]) continue;
    out.set(i, true);
    --left;
  }
  return out;
}

SparseCode k_winners(std::span<const float> values, std::uint32_t k) {
  check::within(where, "k", k, 0, static_cast<double>(values.size()));
  for (float v : values)
    if (std::isnan(v))
      throw ValueError({.where = std::string(where), .what = "a value is NaN, and cannot win"});
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
  return SparseCode(static_cast<std::uint32_t>(values.size()),
                    std::span<const std::uint32_t>(order.data(), k));
}

}  // namespace callosum::nets
