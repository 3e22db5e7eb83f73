#include "callosum/network/pairing.h"

#include <algorithm>

namespace callosum {

std::uint32_t View::size() const {
  if (!list.empty()) return static_cast<std::uint32_t>(list.size());
  return end > begin && step > 0 ? (end - begin - 1) / step + 1 : 0;
}

std::uint32_t View::index(std::uint32_t i) const {
  return list.empty() ? begin + i * step : list[i];
}

std::uint32_t position_in(const View& view, std::uint32_t neuron) {
  if (view.list.empty()) {
    if (neuron < view.begin || neuron >= view.end || (neuron - view.begin) % view.step != 0)
      return Pairing::none;
    return (neuron - view.begin) / view.step;
  }
  const auto at = std::lower_bound(view.list.begin(), view.list.end(), neuron);
  if (at == view.list.end() || *at != neuron) return Pairing::none;
  return static_cast<std::uint32_t>(at - view.list.begin());
}

Pairing::Pairing(const Network& network, const Projection& projection)
    : sources_(projection.from.size()),
      contiguous_(projection.to.list.empty() && projection.to.step == 1) {
  const View& to = projection.to;
  const std::uint32_t targets = to.size();
  const std::uint32_t neurons = network.populations()[to.population].size;
  local_.resize(targets);
  begin_.assign((neurons - 1) / block_size + 2, 0);
  for (std::uint32_t i = 0; i < targets; ++i) {
    const std::uint32_t neuron = to.index(i);
    local_[i] = static_cast<std::uint16_t>(neuron % block_size);
    ++begin_[neuron / block_size + 1];
  }
  for (std::size_t b = 1; b < begin_.size(); ++b) begin_[b] += begin_[b - 1];
  if (projection.rule.autapses || projection.from.population != to.population) return;
  self_.resize(sources_);
  for (std::uint32_t i = 0; i < sources_; ++i) {
    self_[i] = position_in(to, projection.from.index(i));
    if (self_[i] != none) self_sources_.push_back(i);
  }
}

std::uint32_t Pairing::block_of(std::uint32_t target) const {
  const auto after = std::upper_bound(begin_.begin(), begin_.end(), target);
  return static_cast<std::uint32_t>(after - begin_.begin() - 1);
}

std::uint64_t Pairing::pairs(std::uint32_t first, std::uint32_t last, std::uint32_t block) const {
  const std::uint64_t all = std::uint64_t{last - first} * size(block);
  if (self_sources_.empty()) return all;
  // Both views ascend, so the sources that have a self in this block are neighbours.
  const auto by_source = [&](std::uint32_t bound) {
    return std::lower_bound(self_sources_.begin(), self_sources_.end(), bound);
  };
  const auto by_target = [&](std::uint32_t bound) {
    return std::lower_bound(self_sources_.begin(), self_sources_.end(), bound,
                            [&](std::uint32_t s, std::uint32_t t) { return self_[s] < t; });
  };
  const auto low = std::max(by_source(first), by_target(begin_[block]));
  const auto high = std::min(by_source(last), by_target(begin_[block + 1]));
  return all - static_cast<std::uint64_t>(high > low ? high - low : 0);
}

std::uint64_t Pairing::pairs() const {
  return std::uint64_t{sources_} * targets() - self_sources_.size();
}

}  // namespace callosum
