#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "tests/model/one_neuron.h"

// Statements of events as Brian2 has them: names of their own, all of Python's assignments.
namespace callosum::model {
namespace {

TEST(Statements, ANewNameHoldsAValueForTheStatementsAfterIt) {
  const Model m = model_of("dv/dt = 2/second : 1\ndu/dt = 0/second : 1\nw : 1", {}, "v > 0.001",
                           "jump = 3*v; v = 0; u += jump; jump *= 2; w = jump + v");
  ASSERT_EQ(m.events()[0].actions[0].op, ":=");
  OneNeuron neuron(m, {.dt_ms = 1});
  ASSERT_TRUE(neuron.step());
  EXPECT_EQ(neuron.get("v"), 0);
  EXPECT_DOUBLE_EQ(neuron.get("u"), 3 * 0.002);
  EXPECT_DOUBLE_EQ(neuron.get("w"), 6 * 0.002);
  EXPECT_LT(neuron.lowered().index("jump"), 0) << "it is no state";
}

TEST(Statements, NamesOfAnEventEndWithIt) {
  ModelText text = text_of("dv/dt = 2/second : 1\ndu/dt = 0/second : 1", {}, "v > 0.001",
                           "high = v > 0.0015; v = 0; u += int(high)");
  text.events.push_back({"other", {"condition", "v < 1", 1}, {"action", "u += high", 1}});
  EXPECT_THROW(Model{text}, ErrorList);
  text.events[0].action.text = "high = 5; u += high";
  OneNeuron neuron(Model{text}, {.dt_ms = 1});
  ASSERT_TRUE(neuron.step());
  EXPECT_EQ(neuron.get("u"), 6);
}

TEST(Statements, ANewNameThatNobodyReadsIsATypingError) {
  try {
    (void)model_of("dv/dt = 2/second : 1\ndvalue/dt = 0/second : 1", {}, "v > 1",
                   "v = 0; vlaue = 3");
    FAIL();
  } catch (const ErrorList& errors) {
    ASSERT_EQ(errors.details().size(), 1u);
    EXPECT_EQ(errors.details()[0].what, "unknown name");
    EXPECT_EQ(errors.details()[0].nearest, "value");
  }
}

TEST(Statements, AReservedNameCannotHoldAValue) {
  EXPECT_THROW((void)model_of("dv/dt = 2/second : 1", {}, "v > 1", "exp = v; v = 2*exp"),
               ErrorList);
}

TEST(Statements, AssignPowersQuotientsAndRemainders) {
  const Model m = model_of("dv/dt = 2/second : 1\na : 1\nb : 1\nc : 1", {}, "v > 0.001",
                           "v = 7; a = 7; a **= 2 + 1; b = -7; b //= 2; c = -7; c %= 4");
  OneNeuron neuron(m, {.dt_ms = 1});
  ASSERT_TRUE(neuron.step());
  EXPECT_EQ(neuron.get("a"), 343);
  EXPECT_EQ(neuron.get("b"), -4);  // rounded down, as Python does
  EXPECT_EQ(neuron.get("c"), 1);
}

TEST(Statements, AssignmentsAreCheckedForUnits) {
  EXPECT_THROW((void)model_of("dv/dt = 2*volt/second : volt", {}, "v > 1*volt", "v **= 2"),
               ErrorList);
  EXPECT_THROW((void)model_of("dv/dt = 2*volt/second : volt", {}, "v > 1*volt", "v &= 2"),
               ErrorList);
}

// Brian2 2.5.1: timestep(t, dt) = int((t + 0.001*dt)/dt).
TEST(Functions, TimestepIsTheStepATimeBelongsTo) {
  const Model m = model_of("n = timestep(t - 0.5*ms, dt) : integer\ndv/dt = n/second : 1");
  OneNeuron neuron(m, {.dt_ms = 0.1});
  double sum = 0;
  for (int k = 0; k < 40; ++k) {
    neuron.step();
    sum += std::trunc((0.1 * k - 0.5 + 1e-4) / 0.1) * 1e-4;
    ASSERT_NEAR(neuron.get("v"), sum, 1e-15) << k;
  }
  EXPECT_THROW((void)model_of("n = timestep(t, 3) : integer\ndv/dt = n/second : 1"), ErrorList);
  EXPECT_THROW((void)model_of("n = timestep(t) : integer\ndv/dt = n/second : 1"), ErrorList);
}

}  // namespace
}  // namespace callosum::model
