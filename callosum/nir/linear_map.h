#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/nir/graph.h"

namespace callosum::nir {

using Shape = std::vector<std::size_t>;
std::size_t elements(const Shape& shape);

/// y(t) = sum of weight * x(t - delay) + bias: what nodes without a state do, as a sparse matrix.
struct LinearMap {
  struct Entry {
    std::uint32_t target, source;
    double weight;
    std::int64_t delay;  ///< steps
  };
  std::size_t sources = 0, targets = 0;
  std::vector<Entry> entries = {};  ///< by target, source, delay, each once
  std::vector<double> bias = {};    ///< of each target

  static LinearMap identity(std::size_t n);
  bool is_identity() const;
};

/// y = second(first(x)). Throws ShapeError naming `where` when they do not fit.
LinearMap compose(const LinearMap& second, const LinearMap& first, const std::string& where);

/// True for nodes that have no state: Input and Output pass on what they get.
bool is_linear(const std::string& type);
/// The map of such a node for an input of this shape, and the shape of its output (in `shape`).
/// `dt`: the step in the unit of the graph's times. Throws ShapeError, ValueError.
LinearMap linear_map(const NirNode& node, Shape& shape, double dt, const std::string& where);

}  // namespace callosum::nir
