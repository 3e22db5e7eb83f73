#include "callosum/core/team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <limits>
#include <thread>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/precision.h"

namespace callosum {
namespace {

TEST(Team, RunsEveryMemberOncePerTask) {
  for (int size : {1, 2, 3, 7}) {
    Team team(size);
    EXPECT_EQ(team.size(), size);
    std::vector<int> runs(size);
    for (int i = 0; i < 200; ++i) team.run([&](int member) { ++runs[member]; });
    EXPECT_EQ(runs, std::vector<int>(size, 200));
  }
}

TEST(Team, BarrierSeparatesPhases) {
  for (int size : {2, 7}) {
    Team team(size);
    std::vector<int> phase(size);
    std::atomic<int> broken = 0;
    team.run([&](int member) {
      for (int i = 0; i < 500; ++i) {
        phase[member] = i;
        team.barrier();
        for (int other : phase)
          if (other != i) ++broken;
        team.barrier();
      }
    });
    EXPECT_EQ(broken, 0);
  }
}

TEST(Team, RethrowsTheFirstMembersExceptionAfterAllHaveFinished) {
  Team team(4);
  std::atomic<int> finished = 0;
  try {
    team.run([&](int member) {
      if (member == 2 || member == 1) throw ValueError({.what = std::to_string(member)});
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++finished;
    });
    FAIL();
  } catch (const ValueError& e) {
    EXPECT_STREQ(e.what(), "1");
    EXPECT_EQ(finished, 2);
  }
  std::atomic<int> again = 0;
  team.run([&](int) { ++again; });
  EXPECT_EQ(again, 4);
}

TEST(Team, AMemberThatThrowsDoesNotHoldUpABarrier) {
  Team team(3);
  EXPECT_THROW(team.run([&](int member) {
    for (int i = 0; i < 10; ++i) {
      if (member == 1 && i == 3) throw NameError({.what = "x"});
      team.barrier();
    }
  }),
               NameError);
}

TEST(Team, AnIdleTeamUsesNoTime) {
  Team team(4);
  team.run([](int) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(double(std::clock() - before) / CLOCKS_PER_SEC, 0.05);
}

TEST(Team, RefusesSizesOutOfRange) {
  EXPECT_THROW(Team(0), ValueError);
  EXPECT_THROW(Team(-3), ValueError);
  EXPECT_GE(available_cores(), 1);
}

TEST(Team, EveryMemberFlushesSubnormals) {
  volatile double smallest = std::numeric_limits<double>::min();
  Team team(2);
  std::vector<double> halves(2, 1.0);
  team.run([&](int member) { halves[member] = smallest * 0.5; });
  EXPECT_EQ(halves, std::vector<double>(2, 0.0));
  EXPECT_GT(smallest * 0.5, 0.0) << "the caller's own mode comes back";
}

TEST(FlushSubnormals, FlushesResultsAndOperandsWhileItLives) {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float subnormal = smallest * 0.5f;
  volatile float large = 0x1p100f;
  {
    const FlushSubnormals flush;
    EXPECT_EQ(smallest * 0.5f, 0.0f);
    EXPECT_EQ(subnormal * large, 0.0f);
  }
  EXPECT_GT(subnormal * large, 0.0f);
}

}  // namespace
}  // namespace callosum
