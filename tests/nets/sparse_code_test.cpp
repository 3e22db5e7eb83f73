#include "callosum/nets/sparse_code.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/analysis/hypergeometric.h"
#include "callosum/core/error.h"

namespace callosum::nets {
namespace {

Stream stream_of(const char* name) {
  return Stream(StreamKey(1, name_hash(name), Purpose::user), 0);
}

TEST(SparseCode, OverlapAndUnionCountLikeSets) {
  const std::vector<std::uint32_t> first = {0, 63, 64, 129}, second = {63, 65, 129};
  SparseCode a(130, first), b(130, second);
  EXPECT_EQ(a.active(), 4u);
  EXPECT_EQ(a.indices(), first);
  EXPECT_EQ(a.overlap(b), 2u);
  a.unite(b);
  EXPECT_EQ(a.active(), 5u);
  EXPECT_THROW(a.overlap(SparseCode(131)), ShapeError);
  EXPECT_THROW(a.set(130, true), ValueError);
}

TEST(CodeSampler, EveryUnitIsEquallyOftenActiveAndOverlapsAreHypergeometric) {
  Stream stream = stream_of("sampler");
  CodeSampler sampler(50, 8);
  const SparseCode fixed = sampler.next(stream);
  std::vector<int> hits(50), overlaps(9);
  const int draws = 20000;
  for (int k = 0; k < draws; ++k) {
    const SparseCode code = sampler.next(stream);
    ASSERT_EQ(code.active(), 8u);
    for (std::uint32_t i : code.indices()) ++hits[i];
    ++overlaps[code.overlap(fixed)];
  }
  for (int h : hits) EXPECT_NEAR(h, draws * 0.16, 5 * std::sqrt(draws * 0.16 * 0.84));
  for (int o = 0; o <= 5; ++o) {
    const double p = std::pow(10, analysis::Hypergeometric{50, 8, 8}.log10_probability(o));
    EXPECT_NEAR(overlaps[o], draws * p, 5 * std::sqrt(draws * p) + 1) << o;
  }
  EXPECT_THROW(CodeSampler(5, 6), ValueError);
}

TEST(SparseCode, NoiseSilencesTheRoundedShare) {
  Stream stream = stream_of("noise");
  CodeSampler sampler(500, 40);
  const SparseCode code = sampler.next(stream);
  const SparseCode kept = noisy(code, 0.3, stream),
                   dropped = noisy(code, 0.3, stream, Noise::drops);
  EXPECT_EQ(kept.active(), 40u);
  EXPECT_EQ(kept.overlap(code), 28u);
  EXPECT_EQ(dropped.active(), 28u);
  EXPECT_EQ(dropped.overlap(code), 28u);
  EXPECT_EQ(noisy(code, 0, stream), code);
  for (double bad : {1.0, -0.1, std::nan("")}) EXPECT_THROW(noisy(code, bad, stream), ValueError);
  const SparseCode part = subsample(code, 15, stream);
  EXPECT_EQ(part.active(), 15u);
  EXPECT_EQ(part.overlap(code), 15u);
  EXPECT_THROW(subsample(code, 41, stream), ValueError);
}

TEST(KWinners, AreTheLargestAndTiesTheLower) {
  const std::vector<float> values = {1, 3, 3, 2, 3};
  EXPECT_EQ(k_winners(values, 2).indices(), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(k_winners(values, 5).active(), 5u);
  EXPECT_THROW(k_winners(values, 6), ValueError);
  EXPECT_THROW(k_winners(std::vector<float>{NAN}, 1), ValueError);
}

}  // namespace
}  // namespace callosum::nets
