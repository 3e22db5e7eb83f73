#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "callosum/network/network.h"

namespace callosum {

/// Where the neurons of a population are, micrometres: coordinates[neuron * dimensions + axis].
struct Positions {
  int dimensions = 0;
  std::vector<double> coordinates;
  const double* of(std::uint32_t neuron) const {
    return coordinates.data() + std::size_t{neuron} * static_cast<std::size_t>(dimensions);
  }
};

/// Explicit, on a lattice, or uniformly random (stream of the population's name, by neuron). Empty
/// when the population has no space.
///
/// The lattice: the axis with the widest spacing is divided once more until there are places
/// enough; neurons stand in the middle of cells, the first axis running fastest.
Positions positions(const Population& population, std::uint64_t seed);

/// Distances in a space, periodic or not.
class Metric {
 public:
  explicit Metric(const Space& space)
      : dimensions_(space.dimensions), wrap_(space.wrap), extent_(space.extent_um) {}

  double squared(const double* a, const double* b) const {
    double sum = 0;
    for (int i = 0; i < dimensions_; ++i) {
      double d = std::fabs(a[i] - b[i]);
      if (wrap_ && extent_[at(i)] - d < d) d = extent_[at(i)] - d;
      sum += d * d;
    }
    return sum;
  }
  double operator()(const double* a, const double* b) const { return std::sqrt(squared(a, b)); }
  /// Smallest squared distance from `a` to a box.
  double squared_to_box(const double* a, const double* low, const double* high) const {
    double sum = 0;
    for (int i = 0; i < dimensions_; ++i) {
      double below = low[i] - a[i], above = a[i] - high[i];
      if (below <= 0 && above <= 0) continue;
      if (wrap_ && below < 0) below += extent_[at(i)];
      if (wrap_ && above < 0) above += extent_[at(i)];
      const double d = wrap_ ? std::fmin(below, above) : std::fmax(below, above);
      sum += d * d;
    }
    return sum;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  int dimensions_;
  bool wrap_;
  std::array<double, 3> extent_;
};

/// The largest distance that two neurons of these populations can have, before positions are drawn.
double largest_distance(const Space& a, const Space& b);

}  // namespace callosum
