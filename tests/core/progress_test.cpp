#include "callosum/core/progress.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>

namespace callosum {
namespace {

TEST(Progress, DurationsReadWell) {
  EXPECT_EQ(readable_duration(3), "3 s");
  EXPECT_EQ(readable_duration(0.35), "0.35 s");
  EXPECT_EQ(readable_duration(59.4), "59 s");
  EXPECT_EQ(readable_duration(59.7), "1 min");
  EXPECT_EQ(readable_duration(130), "2 min 10 s");
  EXPECT_EQ(readable_duration(3900), "1 h 5 min");
  EXPECT_EQ(readable_duration(90000), "1 d 1 h");
  EXPECT_EQ(readable_duration(NAN), "an unknown time");
}

TEST(Progress, SizesReadWell) {
  EXPECT_EQ(readable_bytes(0), "0 B");
  EXPECT_EQ(readable_bytes(640 * 1024), "640 KiB");
  EXPECT_EQ(readable_bytes(1.3 * (1 << 30)), "1.3 GiB");
  EXPECT_EQ(readable_bytes(1023), "1.0 KiB");
}

TEST(ProgressPrinter, WritesNoControlCharactersAndNothingForShortTasksToALog) {
  std::array<int, 2> ends;
  ASSERT_EQ(pipe(ends.data()), 0);
  {
    ProgressPrinter printer(ends[1]);
    for (int i = 0; i <= 100; ++i) EXPECT_TRUE(printer({"simulating", double(i), 100, "1 s"}));
  }
  close(ends[1]);
  std::array<char, 64> buffer;
  EXPECT_EQ(read(ends[0], buffer.data(), buffer.size()), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace callosum
