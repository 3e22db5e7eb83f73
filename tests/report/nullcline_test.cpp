#include "callosum/report/nullcline.h"

#include <gtest/gtest.h>

#include "callosum/library/library.h"

namespace callosum::report {
namespace {

TEST(Nullcline, OfFitzHughNagumoAreItsCubicAndItsLine) {
  const model::Model m = library::neuron("fitzhugh_nagumo");
  const std::string v = m.variables()[0].name, w = m.variables()[1].name;
  const auto value = [&](const char* name) { return *m.at(name).value; };
  const auto cubic = nullcline(m, v, {v, -2.2, 2.2}, {w, -2, 3}, "I_e", 0.5);
  ASSERT_TRUE(cubic);
  for (std::size_t k = 0; k < cubic->x.size(); ++k) {
    const double x = cubic->x[k];
    EXPECT_NEAR(cubic->y[k], x - x * x * x / 3 + value("I_e") + 0.5, 1e-9);
  }
  const auto line = nullcline(m, w, {v, -2.2, 2.2}, {w, -2, 3}, "I_e", 0.5);
  ASSERT_TRUE(line);
  for (std::size_t k = 0; k < line->x.size(); ++k)
    EXPECT_NEAR(line->y[k], (line->x[k] + value("a")) / value("b"), 1e-9);
}

TEST(Nullcline, IsLeftOutWhereTheDerivativeIsNoFunctionOfTheTwoStates) {
  model::ModelText t;
  t.name = "noisy";
  t.equations.text = "dx/dt = -x/ms + xi*ms**-0.5 : 1\ndy/dt = sin(t/ms)/ms : 1";
  const model::Model m(t);
  EXPECT_FALSE(nullcline(m, "x", {"x", -1, 1}, {"y", -1, 1}, "", 0));
  EXPECT_FALSE(nullcline(m, "y", {"x", -1, 1}, {"y", -1, 1}, "", 0));
}

}  // namespace
}  // namespace callosum::report
