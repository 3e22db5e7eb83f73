#include "callosum/network/normal_table.h"

#include <cmath>

#include "callosum/core/elementary.h"

namespace callosum {

NormalTable::NormalTable() {
  elementary::ScalarArithmetic<double> a;
  const auto density = [&](double x) { return elementary::exp(a, -0.5 * x * x); };
  edge[0] = area / density(tail);
  edge[1] = tail;
  for (int i = 2; i < layers; ++i)
    edge[i] = std::sqrt(-2 * elementary::log(a, area / edge[i - 1] + density(edge[i - 1])));
  edge[layers] = 0;
  for (int i = 0; i <= layers; ++i) height[i] = density(edge[i]);
}

const NormalTable& normal_table() {
  static const NormalTable table;
  return table;
}

}  // namespace callosum
