#include "callosum/nets/recognition.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/sparse_code.h"

namespace callosum::nets {
namespace {

TEST(Recognition, ErrorsAreTheExactRationals) {
  EXPECT_NEAR(log10_false_positive({2048, 40, 20, 8}), -8.9662382675994788, 1e-12);
  EXPECT_NEAR(log10_false_negative({20000, 200, 20, 10}, 0.3), -1.9002850978601046, 1e-12);
  EXPECT_NEAR(log10_false_negative({20000, 200, 30, 10}, 0.4), -3.4882195911907752, 1e-12);
}

TEST(Recognition, AUnionOfOneIsASegmentAndMoreErrMore) {
  const Segment s{2000, 40, 15, 8};
  EXPECT_NEAR(expected_union(s, 1), 15, 1e-12);
  EXPECT_EQ(log10_union_false_positive(s, 1), log10_false_positive(s));
  double before = -100;
  for (std::int64_t m : {1, 4, 8, 16, 32}) {
    EXPECT_GT(log10_union_false_positive(s, m), before);
    before = log10_union_false_positive(s, m);
  }
  // The expected size against drawn unions.
  Stream stream(StreamKey(1, name_hash("union"), Purpose::user), 0);
  CodeSampler sampler(2000, 15);
  double mean = 0;
  for (int k = 0; k < 400; ++k) {
    SparseCode all(2000);
    for (int m = 0; m < 32; ++m) all.unite(sampler.next(stream));
    mean += all.active() / 400.0;
  }
  EXPECT_NEAR(mean, expected_union(s, 32), 1.5);
}

TEST(Recognition, TheBestThresholdBalancesBothErrors) {
  Segment s{20000, 200, 20, 1};
  s.threshold = best_threshold(s, 0.3);
  const auto larger = [](Segment one) {
    return std::max(log10_false_positive(one), log10_false_negative(one, 0.3));
  };
  Segment lower = s, higher = s;
  --lower.threshold;
  ++higher.threshold;
  EXPECT_LT(larger(s), larger(lower));
  EXPECT_LT(larger(s), larger(higher));
}

TEST(Recognition, ImpossibleSegmentsAreRefusedByArgument) {
  EXPECT_THROW(log10_false_positive({100, 10, 5, 0}), ValueError) << "always matches";
  EXPECT_THROW(log10_false_positive({100, 10, 5, 6}), ValueError);
  EXPECT_THROW(log10_false_positive({100, 101, 5, 3}), ValueError);
  EXPECT_THROW(log10_false_positive({100, 10, 101, 3}), ValueError);
  for (double noise : {-0.1, 1.0, std::nan("")})
    EXPECT_THROW(log10_false_negative({100, 10, 5, 3}, noise), ValueError);
  EXPECT_THROW(expected_union({100, 10, 5, 3}, 0), ValueError);
}

}  // namespace
}  // namespace callosum::nets
