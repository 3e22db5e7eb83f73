#pragma once

#include <limits>
#include <vector>

namespace callosum::test {

/// Numbers at which arithmetic bends: zeros, subnormals, ends of the range, infinities, NaN, ties.
template <class T>
std::vector<T> special_values() {
  using Limits = std::numeric_limits<T>;
  const T tie = T{1} / Limits::epsilon();  // here the distance of neighbours is 1
  std::vector<T> values;
  for (const T x : {T{0}, Limits::denorm_min(), Limits::min() / 2, Limits::min(), Limits::epsilon(),
                    T(0.1), T(0.5), T{1}, T(1.5), T(2.5), T{3}, T(65.25), tie / 2 + T(0.5), tie,
                    Limits::max(), Limits::infinity(), Limits::quiet_NaN()}) {
    values.push_back(x);
    values.push_back(-x);
  }
  return values;
}

}  // namespace callosum::test
