#include "callosum/core/eight_draws.h"

#include <gtest/gtest.h>

#include <bit>

namespace callosum {
namespace {

TEST(EightDraws, AreThoseOfEightStreamsToTheBit) {
  Stream places(StreamKey(1, name_hash("places"), Purpose::user), 0);
  for (int round = 0; round < 2000; ++round) {
    const StreamKey key(places.bits64(), places.bits64(), Purpose::user);
    std::array<std::uint32_t, 8> index;
    for (auto& i : index) i = places.bits32() >> places.below(32);
    const std::uint64_t step = places.bits64() >> (16 + places.below(48));  // below 2^48
    std::array<double, 8> normals, uniforms;
    eight_normals(key, index, step, normals);
    eight_uniforms(key, index, step, uniforms);
    for (std::size_t k = 0; k < 8; ++k) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(normals[k]),
                std::bit_cast<std::uint64_t>(Stream(key, index[k], step).normal()));
      EXPECT_EQ(uniforms[k], Stream(key, index[k], step).uniform());
    }
  }
}

}  // namespace
}  // namespace callosum
