#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <type_traits>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/jit/kernel.h"
#include "callosum/model/lower.h"
#include "tests/jit/lanes.h"

namespace callosum::test {

/// Equal to the bit, all NaN counting as one.
template <class T>
bool same(T a, T b) {
  using Bits = std::conditional_t<std::is_same_v<T, float>, std::uint32_t, std::uint64_t>;
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
}

/// The first difference between two sets of lanes of `program`, as an assertion.
template <class T>
::testing::AssertionResult same(const model::Program& program, Lanes<T>& a, Lanes<T>& b) {
  for (std::size_t s = 0; s < program.slots.size(); ++s) {
    if (!same(a.uniform(s), b.uniform(s)))
      return ::testing::AssertionFailure() << "shared " << program.slots[s].name;
    for (std::size_t i = 0; i < a.column(s).size(); ++i)
      if (!same(a.column(s)[i], b.column(s)[i]))
        return ::testing::AssertionFailure()
               << program.slots[s].name << " of lane " << i << ": " << std::hexfloat
               << a.column(s)[i] << " against " << b.column(s)[i];
  }
  for (std::size_t m = 0; m < program.masks.size(); ++m)
    for (std::size_t i = 0; i < a.mask(m).size(); ++i)
      if (a.mask(m)[i] != b.mask(m)[i])
        return ::testing::AssertionFailure()
               << "mask " << program.masks[m].name << " word " << i << ": " << std::hex
               << a.mask(m)[i] << " against " << b.mask(m)[i];
  return ::testing::AssertionSuccess();
}

/// Runs `program` as machine code of every width and in the interpreter from the state `start`, all
/// lanes, `steps` times; reports the first difference.
template <class T>
void expect_as_interpreted(const model::Program& program, const Lanes<T>& start, int steps = 1) {
  for (const int width : {4, 8, 16}) {
    const jit::Kernel kernel(program, {.lanes = width, .use_cache = false});
    Lanes<T> by_code = start;
    Lanes<T> by_oracle = start;
    for (int n = 0; n < steps; ++n) {
      by_code.with([&](const auto& a) { kernel.run(a, 0, start.size()); });
      by_oracle.with([&](const auto& a) { model::interpret(program, a, 0, start.size()); });
      const auto equal = same(program, by_code, by_oracle);
      ASSERT_TRUE(equal) << "width " << width << ", step " << n << "\n"
                         << model::to_string(program);
    }
  }
}

template <class T>
constexpr Precision precision_of =
    std::is_same_v<T, float> ? Precision::single : Precision::twofold;

}  // namespace callosum::test
