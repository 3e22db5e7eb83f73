#pragma once

#include <array>

namespace callosum {

/// The layers of equal area under exp(-x^2/2), for the ziggurat method.
/// G. Marsaglia and W. W. Tsang, The ziggurat method for generating random variables (2000).
struct NormalTable {
  static constexpr int layers = 256;
  /// The right end of the lowest layer's box, and the area of each layer.
  static constexpr double tail = 3.654152885361008771645429720399516;
  static constexpr double area = 0.004928673233974655347361775402336;

  std::array<double, layers + 1> edge;    ///< edge[0]: area / height of the lowest; edge[256] = 0
  std::array<double, layers + 1> height;  ///< exp(-edge^2/2)
  NormalTable();
};

/// Computed once, without libm.
const NormalTable& normal_table();

}  // namespace callosum
