#include "callosum/core/time_grid.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"

namespace callosum {
namespace {

using namespace literals;

TEST(TimeGrid, CountsDecimalTimesExactly) {
  const TimeGrid grid(0.1_ms);
  EXPECT_EQ(grid.steps(0.3_ms, "delay"), 3);
  EXPECT_EQ(grid.steps(1_s, "run"), 10000);
  EXPECT_EQ(grid.steps(Quantity(86400.0, dimension::time), "run"), 864000000);
  EXPECT_EQ(grid.steps(0_ms, "delay"), 0);
  EXPECT_EQ(TimeGrid(parse_quantity("0.025 ms")).steps(2_ms, "t_ref"), 80);
}

TEST(TimeGrid, WritesTimesWithTheDecimalsOfTheStep) {
  EXPECT_EQ(to_string(TimeGrid(0.1_ms).time(43754)), "4.3754 s");
  EXPECT_EQ(to_string(TimeGrid(0.1_ms).time(3)), "0.3 ms");
  EXPECT_EQ(to_string(TimeGrid(parse_quantity("0.025 ms")).time(40001)), "1.000025 s");
  EXPECT_EQ(to_string(TimeGrid(parse_quantity("25 ms")).time(7)), "175 ms");
  // Nothing is lost where dt has more decimals than a number holds.
  const TimeGrid third(Quantity(1e-3 / 3, dimension::time));
  EXPECT_NEAR(third.time(3).si, 1e-3, 1e-18);
}

TEST(TimeGrid, NamesTheNeighboursOfATimeOffTheGrid) {
  try {
    TimeGrid(0.1_ms).steps(0.25_ms, "delay of 'exc -> inh'");
    FAIL();
  } catch (const ValueError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("delay of 'exc -> inh'"), std::string::npos) << text;
    EXPECT_NE(text.find("0.2 ms or 0.3 ms"), std::string::npos) << text;
  }
}

TEST(TimeGrid, RefusesWhatIsNoTimeOrNoNumber) {
  EXPECT_THROW(TimeGrid(0_ms), ValueError);
  EXPECT_THROW(TimeGrid(Quantity(NAN, dimension::time)), ValueError);
  EXPECT_THROW(TimeGrid(Quantity(INFINITY, dimension::time)), ValueError);
  EXPECT_THROW(TimeGrid(Quantity(-1e-3, dimension::time)), ValueError);
  EXPECT_THROW(TimeGrid(1_mV), UnitError);
  const TimeGrid grid(0.1_ms);
  EXPECT_THROW(grid.steps(1_mV, "x"), UnitError);
  EXPECT_THROW(grid.steps(Quantity(NAN, dimension::time), "x"), ValueError);
  EXPECT_THROW(grid.steps(Quantity(-1e-3, dimension::time), "x"), ValueError);
}

TEST(TimeGrid, RoundsDrawnTimes) {
  const TimeGrid grid(0.1_ms);
  EXPECT_EQ(grid.nearest_steps(1.46), 15);
  EXPECT_EQ(grid.nearest_steps(0.04), 0);
  EXPECT_EQ(grid.ms(15), 1.5);
}

}  // namespace
}  // namespace callosum
