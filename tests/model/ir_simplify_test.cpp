#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "callosum/model/builder.h"
#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"
#include "tests/jit/lanes.h"
#include "tests/model/ir_random_program.h"

namespace callosum::model {
namespace {

struct Terms {
  Builder b{"terms"};
  Value x = load("x"), y = load("y"), z = load("z");

  Value load(const char* name) { return b.load(b.slot({name, SlotKind::state, true, {}})); }
  // The text of the last instructions, after storing `v`.
  std::string simplified(Value v) {
    b.store(b.slot({"out", SlotKind::state, true, {}}), v);
    const Program p = simplify(b.finish());
    std::string text;
    for (const Instruction& i : p.code)
      if (i.op != Op::load) text += std::string(name(i.op)) + " ";
    return text;
  }
};

TEST(Simplify, FusesAProductOfOneUseIntoTheSum) {
  Terms sum, difference, reversed, both;
  EXPECT_EQ(sum.simplified(sum.b.add(sum.b.mul(sum.x, sum.y), sum.z)), "fma ");
  EXPECT_EQ(difference.simplified(
                difference.b.sub(difference.b.mul(difference.x, difference.y), difference.z)),
            "neg fma ");
  EXPECT_EQ(reversed.simplified(reversed.b.sub(reversed.z, reversed.b.mul(reversed.x, reversed.y))),
            "neg fma ");
  EXPECT_EQ(both.simplified(both.b.add(both.b.mul(both.x, both.y), both.b.mul(both.x, both.z))),
            "mul fma ");
}

TEST(Simplify, LeavesAProductThatIsUsedTwice) {
  Terms t;
  const Value product = t.b.mul(t.x, t.y);
  t.b.store(t.b.slot({"product", SlotKind::state, true, {}}), product);
  EXPECT_EQ(t.simplified(t.b.add(product, t.z)), "mul add ");
}

TEST(Simplify, CountsOnlyUsesThatReachAResult) {
  Program p;
  p.name = "dead";
  p.slots = {{"x", SlotKind::state, true, {}}, {"y", SlotKind::state, true, {}}};
  p.code = {{Op::load, 0, 0, {}},
            {Op::load, 1, 0, {}},
            {Op::mul, 0, 0, {0, 1}},
            {Op::neg, 0, 0, {2}},  // nothing uses it
            {Op::add, 0, 0, {0, 2}}};
  p.stores = {{0, 4}};
  EXPECT_EQ(simplify(p).code.back().op, Op::fma);
  EXPECT_EQ(simplify(p).code.size(), 3u);
}

TEST(Simplify, TurnsDivisionsByPowersOfTwoIntoProducts) {
  for (double two : {0.5, -4.0, 0x1p100}) {
    Terms t;
    EXPECT_EQ(t.simplified(t.b.div(t.x, t.b.constant(two))), "constant mul ") << two;
  }
  for (double other : {3.0, 0x1p127, 0.0, HUGE_VAL}) {
    Terms t;
    EXPECT_EQ(t.simplified(t.b.div(t.x, t.b.constant(other))), "constant div ") << other;
  }
}

TEST(Simplify, IsIdempotent) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Program once = simplify(RandomProgram(seed, 40).finish());
    EXPECT_EQ(to_string(simplify(once)), to_string(once));
    const Program lowered = lower_functions(once, Precision::single);
    EXPECT_EQ(to_string(simplify(lowered)), to_string(lowered));
  }
}

// The outputs' bits of a program at a precision.
std::vector<std::uint64_t> bits(const Program& program) {
  test::Lanes<double> lanes(program, 64);
  for (int i = 0; i < RandomProgram::inputs; ++i) {
    Stream draw(StreamKey(2, static_cast<std::uint64_t>(i), Purpose::user), 0);
    for (double& x : lanes.column("x" + std::to_string(i))) x = 2 * draw.uniform() - 1;
  }
  lanes.with([&](const Arguments& a) { interpret(program, a, 0, 64); });
  std::vector<std::uint64_t> all;
  for (int i = 0; i < RandomProgram::outputs; ++i)
    for (double y : lanes.column("y" + std::to_string(i)))
      all.push_back(std::bit_cast<std::uint64_t>(y));
  return all;
}

// The same instructions, written without builder: nothing shared, folded or left out.
Program as_written(const Program& program) {
  Program p = program;
  p.lowered = true;
  return p;
}

TEST(Simplify, KeepsTheBitsOfALoweredProgram) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Program lowered = lower_functions(RandomProgram(seed, 25).finish(), Precision::twofold);
    // Undo what a builder did: a copy of every constant and load for every use, dead code, and
    // divisions written out.
    Program loose = as_written(lowered);
    loose.code.clear();
    std::vector<Value> moved;
    const auto push = [&](Instruction x) {
      loose.code.push_back(std::move(x));
      return static_cast<Value>(loose.code.size() - 1);
    };
    for (const Instruction& x : lowered.code) {
      Instruction y = x;
      for (Value& v : y.operands) {
        const Instruction& source = lowered.code[v];
        v = source.op == Op::constant || source.op == Op::load ? push(source) : moved[v];
      }
      if (!is_boolean(x.op) && !y.operands.empty()) {
        push({Op::neg, 0, 0, {y.operands.back()}});
        const Value half = push({Op::constant, 0, 0.5, {}});
        const Value halved = push({Op::div, 0, 0, {push(y), half}});
        moved.push_back(push({Op::mul, 0, 0, {halved, half}}));
      } else {
        moved.push_back(push(y));
      }
    }
    for (Store& s : loose.stores) s.value = moved[s.value];
    for (Mask& m : loose.masks) m.value = moved[m.value];
    verify(loose);
    EXPECT_EQ(bits(simplify(loose)), bits(loose));
    EXPECT_EQ(bits(loose), bits(lowered));
  }
}

TEST(Simplify, NeverFusesALoweredProgram) {
  Builder b("sum");
  const auto load = [&](const char* name) {
    return b.load(b.slot({name, SlotKind::state, true, {}}));
  };
  b.store(b.slot({"y", SlotKind::state, true, {}}), b.add(b.mul(load("x"), load("y")), load("z")));
  const Program lowered = lower_functions(b.finish(), Precision::twofold);
  EXPECT_EQ(to_string(simplify(lowered)).find("fma"), std::string::npos);
}

}  // namespace
}  // namespace callosum::model
