#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "callosum/core/scalar_arithmetic.h"
#include "callosum/model/builder.h"

namespace callosum::model {
namespace {

class Folding : public testing::Test {
 protected:
  Value load(const char* name) { return b.load(b.slot({name, SlotKind::state, true, {}})); }
  double constant(Value v) {
    double x = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(b.constant_value(v, x)) << name(b.program().code[v].op);
    return x;
  }
  Op op(Value v) { return b.program().code[v].op; }

  Builder b{"folding"};
  Value x = load("x"), y = load("y");
  Value zero = b.constant(0), one = b.constant(1), two = b.constant(2);
};

TEST_F(Folding, MakesEqualInstructionsOne) {
  EXPECT_EQ(b.add(x, y), b.add(x, y));
  EXPECT_EQ(b.add(x, y), b.add(y, x));
  EXPECT_EQ(b.mul(x, y), b.mul(y, x));
  EXPECT_EQ(b.fma(x, y, one), b.fma(y, x, one));
  EXPECT_EQ(b.constant(0.1), b.constant(0.1));
  EXPECT_EQ(load("x"), x);
  EXPECT_NE(b.sub(x, y), b.sub(y, x));
  EXPECT_NE(b.constant(0.0), b.constant(-0.0));
  EXPECT_NE(b.emit(Op::minimum, {x, y}), b.emit(Op::minimum, {y, x})) << "differ for NaN";
}

TEST_F(Folding, DropsWhatChangesNothing) {
  EXPECT_EQ(b.add(x, zero), x);
  EXPECT_EQ(b.add(zero, x), x);
  EXPECT_EQ(b.sub(x, zero), x);
  EXPECT_EQ(b.mul(x, one), x);
  EXPECT_EQ(b.div(x, one), x);
  EXPECT_EQ(b.neg(b.neg(x)), x);
  EXPECT_EQ(b.sub(zero, x), b.neg(x));
  EXPECT_EQ(b.mul(x, b.constant(-1)), b.neg(x));
  EXPECT_EQ(b.fma(x, one, y), b.add(x, y));
  EXPECT_EQ(b.fma(b.constant(-1), x, y), b.sub(y, x));
  EXPECT_EQ(b.fma(x, y, zero), b.mul(x, y));
}

TEST_F(Folding, KeepsWhatCouldHideANaN) {
  EXPECT_EQ(op(b.mul(x, zero)), Op::mul);
  EXPECT_EQ(op(b.sub(x, x)), Op::sub);
  EXPECT_EQ(op(b.div(x, x)), Op::div);
  EXPECT_EQ(op(b.div(zero, x)), Op::div);
  EXPECT_EQ(op(b.fma(x, zero, y)), Op::fma);
  EXPECT_EQ(op(b.emit(Op::equal, {x, x})), Op::equal);
}

TEST_F(Folding, DecidesSelectsAndLogicOfKnownConditions) {
  const Value yes = b.boolean(true), no = b.boolean(false);
  const Value c = b.emit(Op::less, {x, y});
  EXPECT_EQ(b.select(yes, x, y), x);
  EXPECT_EQ(b.select(no, x, y), y);
  EXPECT_EQ(b.select(c, x, x), x);
  EXPECT_EQ(b.emit(Op::logical_and, {c, yes}), c);
  EXPECT_EQ(b.emit(Op::logical_and, {no, c}), no);
  EXPECT_EQ(b.emit(Op::logical_or, {c, yes}), yes);
  EXPECT_EQ(b.emit(Op::logical_or, {no, c}), c);
  EXPECT_EQ(b.emit(Op::logical_not, {yes}), no);
  EXPECT_EQ(b.emit(Op::logical_not, {b.emit(Op::logical_not, {c})}), c);
  EXPECT_EQ(b.emit(Op::less, {one, two}), yes);
  EXPECT_EQ(b.emit(Op::less_equal, {two, one}), no);
  EXPECT_EQ(b.emit(Op::equal, {two, two}), yes);
  EXPECT_EQ(b.emit(Op::not_equal, {one, two}), yes);
  EXPECT_EQ(b.emit(Op::equal, {one, two}), no);
  const Value nan = b.constant(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(b.emit(Op::equal, {nan, nan}), no);
  EXPECT_EQ(b.emit(Op::not_equal, {nan, nan}), yes);
  EXPECT_EQ(b.emit(Op::less, {nan, one}), no);
}

TEST_F(Folding, OfConstantsIsTheArithmeticOfTheProgram) {
  const Value third = b.constant(1.0 / 3);
  EXPECT_EQ(constant(b.add(one, third)), 1 + 1.0 / 3);
  EXPECT_EQ(constant(b.div(one, b.constant(3))), 1.0 / 3);
  EXPECT_EQ(constant(b.fma(third, b.constant(3), b.constant(-1))), std::fma(1.0 / 3, 3.0, -1.0));
  EXPECT_EQ(constant(b.emit(Op::round, {b.constant(2.5)})), 2);
  EXPECT_EQ(constant(b.emit(Op::floor, {b.constant(-0.5)})), -1);
  EXPECT_EQ(constant(b.emit(Op::exponent, {b.constant(-10)})), 3);
  EXPECT_EQ(constant(b.emit(Op::mantissa, {b.constant(-10)})), -1.25);
  EXPECT_EQ(constant(b.emit(Op::power_of_two, {b.constant(-3)})), 0.125);
  EXPECT_EQ(op(b.emit(Op::power_of_two, {b.constant(5000)})), Op::power_of_two);
  EXPECT_EQ(op(b.emit(Op::exp, {one})), Op::exp) << "functions fold once they are lowered";
}

TEST_F(Folding, AtSinglePrecisionRoundsToFloat) {
  b.fold_at(Precision::single);
  EXPECT_EQ(constant(b.div(one, b.constant(3))), static_cast<double>(1.0f / 3.0f));
  const double big = std::numeric_limits<float>::max();
  EXPECT_EQ(constant(b.add(b.constant(big), b.constant(big))), HUGE_VAL);
}

TEST_F(Folding, FlushesSubnormalsAsTheRunWould) {
  const Value tiny = b.constant(1e-200);
  EXPECT_EQ(constant(b.mul(tiny, tiny)), 0);
  const Value negative = b.mul(b.constant(-1e-160), b.constant(1e-160));
  EXPECT_TRUE(std::signbit(constant(negative)));
  EXPECT_EQ(constant(negative), 0);
  EXPECT_EQ(constant(b.mul(b.constant(5e-324), b.constant(1e300))), 0);
  b.fold_at(Precision::single);
  EXPECT_EQ(constant(b.mul(b.constant(0x1p-100), b.constant(0x1p-30))), 0);
}

TEST_F(Folding, LeavesOutWhatNothingUses) {
  b.add(x, two);
  const auto slot = b.slot({"z", SlotKind::state, true, {}});
  b.store(slot, b.mul(y, two));
  const Program p = b.finish();
  EXPECT_EQ(p.code.size(), 3u);  // y, 2, product
  EXPECT_EQ(p.slots.size(), 3u) << "slots stay";
}

TEST_F(Folding, KeepsTheLastOfSeveralStores) {
  const auto slot = b.slot({"z", SlotKind::state, true, {}});
  b.store(slot, x);
  b.store(slot, y);
  const Program p = b.finish();
  ASSERT_EQ(p.stores.size(), 1u);
  EXPECT_EQ(p.slots[p.code[p.stores[0].value].variable].name, "y");
}

TEST_F(Folding, FindsSlotsOfOneNameAndKind) {
  const auto state = b.slot({"V", SlotKind::state, true, {}});
  EXPECT_EQ(b.slot({"V", SlotKind::state, true, {}}), state);
  EXPECT_NE(b.slot({"V", SlotKind::input, true, {}}), state);
  EXPECT_NE(b.add_slot({"V", SlotKind::state, true, {}}), state);
}

}  // namespace
}  // namespace callosum::model
