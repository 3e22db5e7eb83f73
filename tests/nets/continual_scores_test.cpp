#include "callosum/nets/continual_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"

namespace callosum::nets {
namespace {

TEST(ContinualScores, AverageIsTheLastRowAndTransferWhatWasLost) {
  ContinualScores r(3);
  r.set(0, 0, 0.9);
  r.set(1, 0, 0.8);
  r.set(1, 1, 0.7);
  r.set(2, 0, 0.6);
  r.set(2, 1, 0.75);
  EXPECT_TRUE(std::isnan(r.average()));
  r.set(2, 2, 0.9);
  EXPECT_DOUBLE_EQ(r.average(), 0.75);
  EXPECT_DOUBLE_EQ(r.backward_transfer(), ((0.6 - 0.9) + (0.75 - 0.7)) / 2);
}

TEST(ContinualScores, RefusesWhatIsNoPairOfTasksAndNoAccuracy) {
  ContinualScores r(2);
  EXPECT_THROW(r.set(0, 1, 0.5), ValueError);
  EXPECT_THROW(r.set(2, 0, 0.5), ValueError);
  EXPECT_THROW(r.set(0, 0, std::nan("")), ValueError);
  EXPECT_THROW(r.set(0, 0, 1.1), ValueError);
  EXPECT_THROW(r.at(2, 0), ValueError);
  EXPECT_THROW(ContinualScores(0), ValueError);
}

}  // namespace
}  // namespace callosum::nets
