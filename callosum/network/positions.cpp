#include "callosum/network/positions.h"

#include <algorithm>

#include "callosum/core/random.h"

namespace callosum {

namespace {

std::array<std::uint64_t, 3> lattice(const Space& space, std::uint32_t size) {
  std::array<std::uint64_t, 3> cells{1, 1, 1};
  while (cells[0] * cells[1] * cells[2] < size) {
    std::size_t widest = 0;
    for (std::size_t i = 1; i < static_cast<std::size_t>(space.dimensions); ++i)
      if (space.extent_um[i] / static_cast<double>(cells[i]) >
          space.extent_um[widest] / static_cast<double>(cells[widest]))
        widest = i;
    ++cells[widest];
  }
  return cells;
}

struct Range {
  double low, high;
};

Range range(const Space& space, int axis) {
  const auto i = static_cast<std::size_t>(axis);
  if (space.positions_um.empty()) return {0, space.extent_um[i]};
  Range r{space.positions_um[i], space.positions_um[i]};
  for (std::size_t k = i; k < space.positions_um.size();
       k += static_cast<std::size_t>(space.dimensions)) {
    r.low = std::min(r.low, space.positions_um[k]);
    r.high = std::max(r.high, space.positions_um[k]);
  }
  return r;
}

}  // namespace

Positions positions(const Population& population, std::uint64_t seed) {
  Positions result;
  if (!population.space) return result;
  const Space& space = *population.space;
  result.dimensions = space.dimensions;
  if (!space.positions_um.empty()) {
    result.coordinates = space.positions_um;
    return result;
  }
  const auto axes = static_cast<std::size_t>(space.dimensions);
  result.coordinates.resize(population.size * axes);
  const auto cells = space.grid ? lattice(space, population.size) : std::array<std::uint64_t, 3>{};
  const StreamKey key(seed, name_hash(population.name), Purpose::position);
  for (std::uint32_t neuron = 0; neuron < population.size; ++neuron) {
    double* x = result.coordinates.data() + neuron * axes;
    if (space.grid) {
      std::uint64_t rest = neuron;
      for (std::size_t i = 0; i < axes; ++i, rest /= cells[i - 1])
        x[i] = (static_cast<double>(rest % cells[i]) + 0.5) * space.extent_um[i] /
               static_cast<double>(cells[i]);
    } else {
      Stream stream(key, neuron);
      for (std::size_t i = 0; i < axes; ++i) x[i] = stream.uniform() * space.extent_um[i];
    }
  }
  return result;
}

double largest_distance(const Space& a, const Space& b) {
  double sum = 0;
  for (int i = 0; i < a.dimensions; ++i) {
    const Range x = range(a, i), y = range(b, i);
    double d = std::max(x.high - y.low, y.high - x.low);
    if (a.wrap) d = std::min(d, a.extent_um[static_cast<std::size_t>(i)] / 2);
    sum += d * d;
  }
  return std::sqrt(sum);
}

}  // namespace callosum
