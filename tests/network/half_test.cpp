#include "callosum/network/half.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/network/connectivity.h"
#include "tests/network/example_network.h"

namespace callosum {
namespace {

// Every finite half, positive ones ascending.
TEST(Half, RoundsToTheNearestOfAllHalvesTiesToEven) {
  for (std::uint16_t bits = 0; bits < 0x7bff; ++bits) {
    const double x = half_value(bits), next = half_value(static_cast<std::uint16_t>(bits + 1));
    ASSERT_LT(x, next);
    ASSERT_EQ(rounded_to_half(x), x);
    ASSERT_EQ(half_bits(x), bits);
    ASSERT_EQ(half_bits(-x), bits | 0x8000);
    const double middle = (x + next) / 2, even = bits % 2 == 0 ? x : next;
    ASSERT_EQ(rounded_to_half(middle), even);
    ASSERT_EQ(rounded_to_half(-middle), -even);
    ASSERT_EQ(rounded_to_half(std::nextafter(middle, 0)), x);
    ASSERT_EQ(rounded_to_half(std::nextafter(middle, 1e9)), next);
  }
  EXPECT_EQ(half_value(0x7bff), 65504);
  EXPECT_EQ(rounded_to_half(1e9), 65504);
  EXPECT_EQ(rounded_to_half(-1e9), -65504);
}

TEST(Half, ScaleIsAPowerOfTwoThatKeepsDrawsInRange) {
  for (const double mean : {1e-9, 0.3, 87.81, 4e5}) {
    const double scale = scale_of_half(Values::normal(mean, 0.1 * mean));
    int exponent = 0;
    EXPECT_EQ(std::frexp(scale, &exponent), 0.5);
    EXPECT_LT(mean * 1.8 / scale, 65504);
    EXPECT_GT(mean / scale, 4096);
  }
}

}  // namespace
}  // namespace callosum
