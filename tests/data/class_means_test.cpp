#include "callosum/data/class_means.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"

namespace callosum::data {
namespace {

TEST(ClassMeans, AreThoseOfTheSignsAndCentredOnesHaveOneNorm) {
  // Pixel 0 is never lit, pixel 1 in class 0, pixel 2 in half of each class, pixel 3 in class 1.
  const Images images{
      1, 4, {0, 255, 200, 0, 0, 255, 0, 0, 0, 100, 255, 128, 0, 0, 0, 255}, {0, 0, 1, 1}};
  const auto kept = lit_pixels(images, 0.02);
  EXPECT_EQ(kept, (std::vector<std::size_t>{1, 2, 3}));
  const BinaryImages codes = binary_images(images, kept);
  EXPECT_EQ(codes.codes, (std::vector<std::int8_t>{1, 1, -1, 1, -1, -1, -1, 1, 1, -1, -1, 1}));
  EXPECT_EQ(class_means(codes, 2, false), (std::vector<float>{1, 0, -1, -1, 0, 1}));
  const auto centred = class_means(codes, 2, true);
  for (std::size_t c = 0; c < 2; ++c) {
    double square = 0;
    for (std::size_t u = 0; u < 3; ++u) square += centred[3 * c + u] * centred[3 * c + u];
    EXPECT_NEAR(square, 3, 1e-5);
  }
  EXPECT_THROW(class_means(codes, 3, false), ValueError);
}

}  // namespace
}  // namespace callosum::data
