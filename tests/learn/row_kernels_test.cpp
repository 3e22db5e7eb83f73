#include "callosum/learn/row_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/sim/aligned.h"

namespace callosum::learn {
namespace {

template <class T>
sim::Aligned<T> noise(std::size_t size, std::uint64_t seed) {
  sim::Aligned<T> x(size);
  for (std::size_t k = 0; k < size; ++k)
    x[k] = static_cast<T>(Stream(StreamKey(seed, 1, Purpose::user), k).normal());
  return x;
}

/// Both widths on rows of 320 numbers of which 300 count, and the sums by hand.
template <class T>
void expect_same(const RowKernels<T>& narrow, const RowKernels<T>& wide) {
  constexpr std::size_t rows = 40, inner = 300, n = 320, samples = 11;
  const auto W = noise<T>(rows * n, 1), g = noise<T>(n * samples, 2);
  const std::vector<std::uint32_t> ids = {3, 4, 9, 17, 20, 31, 39};
  sim::Aligned<T> a = noise<T>(n, 3), b = noise<T>(n, 3);
  const sim::Aligned<T> start = noise<T>(n, 3);
  constexpr std::size_t part = 208;  // whole vectors, but no whole group of them
  narrow.add_rows(a.data(), ids.data(), ids.size(), W.data(), n, part);
  wide.add_rows(b.data(), ids.data(), ids.size(), W.data(), n, part);
  EXPECT_TRUE(std::equal(a.data(), a.data() + n, b.data()));
  T sum = start[part - 1];
  for (const std::uint32_t id : ids) sum += W[id * n + part - 1];
  EXPECT_EQ(a[part - 1], sum);
  EXPECT_EQ(a[part], start[part]);
  a = noise<T>(n * samples, 4), b = noise<T>(n * samples, 4);
  narrow.product(a.data(), n, g.data(), n, samples, W.data(), rows, n);
  wide.product(b.data(), n, g.data(), n, samples, W.data(), rows, n);
  EXPECT_TRUE(std::equal(a.data(), a.data() + n * samples, b.data()));
  a = noise<T>(rows, 5), b = noise<T>(rows, 5);
  const sim::Aligned<T> before = noise<T>(rows, 5);
  narrow.dots(a.data(), ids.data(), nullptr, ids.size(), g.data(), W.data(), inner, n);
  wide.dots(b.data(), ids.data(), nullptr, ids.size(), g.data(), W.data(), inner, n);
  EXPECT_TRUE(std::equal(a.data(), a.data() + rows, b.data()));
  std::size_t changed = 0;
  for (std::size_t i = 0; i < rows; ++i) changed += a[i] != before[i];
  EXPECT_EQ(changed, ids.size());
  double expected = static_cast<double>(before[17]);
  for (std::size_t j = 0; j < inner; ++j)
    expected += static_cast<double>(W[17 * n + j]) * static_cast<double>(g[j]);
  EXPECT_NEAR(static_cast<double>(a[17]), expected, sizeof(T) == 4 ? 1e-4 : 1e-12);
}

TEST(RowKernels, GiveTheSameBitsAtEveryWidth) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx512f")) GTEST_SKIP() << "no 512-bit vectors here";
  expect_same(detail::row_kernels_float_baseline(), detail::row_kernels_float_wide());
  expect_same(detail::row_kernels_double_baseline(), detail::row_kernels_double_wide());
#else
  GTEST_SKIP() << "one width here";
#endif
}

}  // namespace
}  // namespace callosum::learn
