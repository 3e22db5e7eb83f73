#include "callosum/core/error.h"

#include <gtest/gtest.h>

namespace callosum {
namespace {

TEST(ErrorMessage, ShowsEveryPartInOneOrder) {
  const ErrorDetail detail{.where = "population 'exc'",
                           .what = "unknown parameter",
                           .got = "'tau_mm'",
                           .expected = "a parameter of 'lif'",
                           .nearest = "tau_m",
                           .location = SourceLocation{"net.toml", 12, 3, "\t tau_mm = 3"}};
  EXPECT_EQ(message(detail),
            "[population 'exc'] unknown parameter: got 'tau_mm', expected a parameter of 'lif'; "
            "did you mean 'tau_m'?\n"
            "  net.toml:12:3\n"
            "    \t tau_mm = 3\n"
            "    \t ^");
  EXPECT_EQ(message({.what = "empty network"}), "empty network");
  EXPECT_EQ(message({.what = "no time", .expected = "a time"}), "no time: expected a time");
}

TEST(ErrorMessage, PutsTheCaretBelowTheCharacterBehindUmlauts) {
  const ErrorDetail detail{.what = "x", .location = SourceLocation{"", 1, 5, "äö x"}};
  EXPECT_EQ(message(detail), "x\n  1:5\n    äö x\n      ^");
}

TEST(ErrorMessage, IsSafeForColumnsOutsideTheLine) {
  EXPECT_NO_THROW(message({.what = "x", .location = SourceLocation{"", 1, 500, "abc"}}));
  EXPECT_NO_THROW(message({.what = "x", .location = SourceLocation{"", 0, -3, "abc"}}));
}

TEST(ErrorKinds, AreCaughtByTypeAndNamedForMachines) {
  try {
    throw UnitError({.what = "volt is not second"});
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), "unit");
    EXPECT_STREQ(e.what(), "volt is not second");
  }
}

TEST(ErrorList, ListsAllAndKeepsDetails) {
  const ErrorList list({{.what = "one"}, {.what = "two"}});
  EXPECT_STREQ(list.what(), "2 errors:\none\ntwo");
  EXPECT_EQ(list.details().size(), 2u);
  EXPECT_STREQ(ErrorList({{.what = "one"}}).what(), "one");
}

TEST(NearestName, FindsSlipsOfThePen) {
  const std::vector<std::string> names{"tau_m", "tau_syn_ex", "tau_syn_in", "V_th", "E_L", "C_m"};
  EXPECT_EQ(nearest_name("tau_n", names), "tau_m");
  EXPECT_EQ(nearest_name("tua_m", names), "tau_m");  // transposed
  EXPECT_EQ(nearest_name("TAU_M", names), "tau_m");
  EXPECT_EQ(nearest_name("tau_syn_xe", names), "tau_syn_ex");
  EXPECT_EQ(nearest_name("V_thr", names), "V_th");
  EXPECT_EQ(nearest_name("weight", names), "");
  EXPECT_EQ(nearest_name("x", std::vector<std::string>{"y"}), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

}  // namespace
}  // namespace callosum
