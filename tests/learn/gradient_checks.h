#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/learn/spike_bits.h"

namespace callosum::learn_tests {

/// Normal numbers of unit variance, keyed by the seed.
inline std::vector<double> noise(std::uint64_t seed, std::size_t size) {
  std::vector<double> x(size);
  for (std::size_t k = 0; k < size; ++k)
    x[k] = Stream(StreamKey(seed, 3, Purpose::user), k).normal();
  return x;
}

/// Every unit fires with probability p in a step.
inline learn::SpikeBits random_bits(std::uint64_t seed, std::int64_t n, std::int64_t samples,
                                    std::uint32_t units, double p) {
  learn::SpikeBits bits(n, samples, units);
  for (std::int64_t t = 0; t < n; ++t)
    for (std::int64_t b = 0; b < samples; ++b)
      for (std::uint32_t i = 0; i < units; ++i)
        if (Stream(StreamKey(seed, static_cast<std::uint64_t>(b), Purpose::user), i,
                   static_cast<std::uint64_t>(t))
                .uniform() < p)
          bits.set(t, b, i);
  return bits;
}

/// Within a tolerance of the largest entry, which must not be zero.
template <class X, class Y>
void expect_close(const X& got, const Y& expected, double tolerance, const std::string& what) {
  ASSERT_EQ(std::size(got), std::size(expected)) << what;
  double largest = 0, gap = 0;
  for (std::size_t k = 0; k < std::size(got); ++k) {
    largest = std::max(largest, std::abs(static_cast<double>(expected[k])));
    gap = std::max(gap, std::abs(static_cast<double>(got[k] - expected[k])));
  }
  EXPECT_GT(largest, 0) << what << ": nothing is shown";
  EXPECT_LE(gap, tolerance * largest) << what;
}

}  // namespace callosum::learn_tests
