#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "callosum/core/random.h"
#include "callosum/core/scalar_arithmetic.h"
#include "callosum/model/builder.h"
#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"
#include "callosum/model/matrix_exponential.h"
#include "tests/jit/lanes.h"

namespace callosum::model {
namespace {

// One lane of a lowered program, instruction by instruction; booleans are 0 and 1.
template <class T>
std::vector<T> evaluate_lane(const Program& p, const std::vector<T>& slots) {
  using A = elementary::ScalarArithmetic<T>;
  std::vector<T> v;
  for (const Instruction& x : p.code) {
    const auto in = [&](std::size_t k) { return v[x.operands[k]]; };
    const auto is = [&](std::size_t k) { return v[x.operands[k]] != 0; };
    const auto value = [&]() -> T {
      switch (x.op) {
        case Op::constant:
          return static_cast<T>(x.constant);
        case Op::load:
          return slots[x.variable];
        case Op::add:
          return A::add(in(0), in(1));
        case Op::sub:
          return A::sub(in(0), in(1));
        case Op::mul:
          return A::mul(in(0), in(1));
        case Op::div:
          return A::div(in(0), in(1));
        case Op::neg:
          return A::neg(in(0));
        case Op::abs:
          return A::abs(in(0));
        case Op::sqrt:
          return A::sqrt(in(0));
        case Op::fma:
          return A::fma(in(0), in(1), in(2));
        case Op::minimum:
          return A::minimum(in(0), in(1));
        case Op::maximum:
          return A::maximum(in(0), in(1));
        case Op::floor:
          return A::floor(in(0));
        case Op::round:
          return A::round(in(0));
        case Op::exponent:
          return A::exponent(in(0));
        case Op::mantissa:
          return A::mantissa(in(0));
        case Op::power_of_two:
          return A::power_of_two(in(0));
        case Op::less:
          return A::less(in(0), in(1));
        case Op::less_equal:
          return A::less_equal(in(0), in(1));
        case Op::equal:
          return A::equal(in(0), in(1));
        case Op::not_equal:
          return A::not_equal(in(0), in(1));
        case Op::logical_and:
          return A::logical_and(is(0), is(1));
        case Op::logical_or:
          return A::logical_or(is(0), is(1));
        case Op::logical_not:
          return A::logical_not(is(0));
        case Op::select:
          return A::select(is(0), in(1), in(2));
        default:
          ADD_FAILURE() << name(x.op);
          return 0;
      }
    }();
    v.push_back(value);
  }
  return v;
}

// Every primitive on random operands, written without builder so that nothing folds.
Program random_primitives(std::uint64_t seed, Precision precision) {
  Stream draw(StreamKey(seed, 1, Purpose::user), 0);
  Program p;
  p.name = "primitives";
  p.lowered = true;
  p.precision = precision;
  std::vector<Value> reals, booleans;
  const auto push = [&](Op op, std::vector<Value> in, std::uint32_t slot = 0, double c = 0) {
    p.code.push_back({op, slot, c, std::move(in)});
    const Value v = static_cast<Value>(p.code.size() - 1);
    (is_boolean(op) ? booleans : reals).push_back(v);
    return v;
  };
  for (std::uint32_t s = 0; s < 4; ++s) {
    p.slots.push_back({"x" + std::to_string(s), SlotKind::state, s != 3, {}});
    push(Op::load, {}, s);
  }
  const bool narrow = precision == Precision::single;
  const Value low = push(Op::constant, {}, 0, narrow ? -126 : -1022);
  const Value high = push(Op::constant, {}, 0, narrow ? 127 : 1023);
  push(Op::less, {0, 1});
  const auto real = [&] { return reals[draw.below(reals.size())]; };
  const auto boolean = [&] { return booleans[draw.below(booleans.size())]; };
  for (int i = 0; i < 60; ++i) {
    const Op op = static_cast<Op>(2 + draw.below(static_cast<std::uint64_t>(Op::select) - 1));
    if (op == Op::power_of_two) {
      const Value whole = push(Op::round, {real()});
      const Value held = push(Op::maximum, {push(Op::minimum, {whole, high}), low});
      push(op, {held});
    } else if (op == Op::exponent || op == Op::mantissa) {
      // The sign of a NaN is nobody's promise, and these would show it.
      push(op, {push(Op::minimum, {real(), high})});
    } else if (op == Op::select) {
      push(op, {boolean(), real(), real()});
    } else if (op == Op::logical_not) {
      push(op, {boolean()});
    } else if (op == Op::logical_and || op == Op::logical_or) {
      push(op, {boolean(), boolean()});
    } else if (op == Op::fma) {
      push(op, {real(), real(), real()});
    } else if (op == Op::add || op == Op::sub || op == Op::mul || op == Op::div ||
               op == Op::minimum || op == Op::maximum || is_boolean(op)) {
      push(op, {real(), real()});
    } else {
      push(op, {real()});
    }
  }
  for (int k = 0; k < 8; ++k) {
    p.slots.push_back({"y" + std::to_string(k), SlotKind::state, true, {}});
    p.stores.push_back({static_cast<std::uint32_t>(4 + k), reals[reals.size() - 1 - k]});
  }
  p.masks = {{"first", booleans.back()}, {"second", booleans[booleans.size() / 2]}};
  verify(p);
  return p;
}

template <class T>
class Interpreted : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Interpreted, Reals);

TYPED_TEST(Interpreted, EqualsEveryLaneEvaluatedAloneToTheBit) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  using Bits = typename elementary::ScalarArithmetic<T>::Bits;
  const T special[] = {0,
                       -T{0},
                       1,
                       -1,
                       Limits::infinity(),
                       -Limits::infinity(),
                       Limits::quiet_NaN(),
                       Limits::max(),
                       Limits::min(),
                       Limits::denorm_min(),
                       -Limits::denorm_min(),
                       T(0.5),
                       T(1.5),
                       T(2.5)};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Program p = random_primitives(seed, elementary::ScalarArithmetic<T>::precision());
    test::Lanes<T> lanes(p, 128);
    Stream draw(StreamKey(seed, 2, Purpose::user), 0);
    const auto number = [&] {
      return draw.below(2) ? special[draw.below(std::size(special))]
                           : static_cast<T>(draw.normal() * std::exp(3 * draw.normal()));
    };
    for (std::uint32_t s = 0; s < 3; ++s)
      for (T& x : lanes.column(s)) x = number();
    lanes.uniform(3) = number();
    const test::Lanes<T> start = lanes;
    lanes.with([&](const Arguments& a) { interpret(p, a, 0, 128); });
    const FlushSubnormals flush;
    for (int i = 0; i < 128; ++i) {
      std::vector<T> slots;
      for (std::uint32_t s = 0; s < 3; ++s) slots.push_back(lanes.column(s)[i]);
      slots.push_back(lanes.uniform(3));
      const auto values = evaluate_lane<T>(p, slots);
      for (const Store& s : p.stores) {
        const T got = lanes.column(s.slot)[i], expected = values[s.value];
        if (std::isnan(got) && std::isnan(expected)) continue;
        ASSERT_EQ(std::bit_cast<Bits>(got), std::bit_cast<Bits>(expected))
            << "seed " << seed << ", lane " << i << ", " << p.slots[s.slot].name;
      }
      for (std::size_t m = 0; m < p.masks.size(); ++m)
        ASSERT_EQ(lanes.mask(m)[i / 64] >> (i % 64) & 1, values[p.masks[m].value] != 0);
    }
  }
}

TYPED_TEST(Interpreted, LeavesInputsZeroAndOtherLanesAlone) {
  using T = TypeParam;
  Builder b("input");
  const auto in = b.slot({"in", SlotKind::input, true, {}});
  const auto x = b.slot({"x", SlotKind::state, true, {}});
  const auto unread = b.slot({"unread", SlotKind::input, true, {}});
  b.store(x, b.add(b.load(x), b.load(in)));
  b.mask("some", b.emit(Op::less, {b.constant(2), b.load(in)}));
  const Program p = lower_functions(b.finish(), elementary::ScalarArithmetic<T>::precision());
  test::Lanes<T> lanes(p, 192);
  for (std::uint32_t s : {in, x, unread})
    for (T& value : lanes.column(s)) value = 3;
  for (auto& word : lanes.mask(0)) word = 0x55;
  lanes.with([&](const Arguments& a) { interpret(p, a, 64, 128); });
  for (int i = 0; i < 192; ++i) {
    const bool ran = i >= 64 && i < 128;
    EXPECT_EQ(lanes.column(in)[i], ran ? 0 : 3);
    EXPECT_EQ(lanes.column(unread)[i], ran ? 0 : 3);
    EXPECT_EQ(lanes.column(x)[i], ran ? 6 : 3);
  }
  EXPECT_EQ(lanes.mask(0)[0], 0x55u);
  EXPECT_EQ(lanes.mask(0)[1], ~std::uint64_t{0});
  EXPECT_EQ(lanes.mask(0)[2], 0x55u);
}

TYPED_TEST(Interpreted, LoadsSeeTheStartOfTheStep) {
  using T = TypeParam;
  Builder b("swap");
  const auto x = b.slot({"x", SlotKind::state, true, {}});
  const auto y = b.slot({"y", SlotKind::state, true, {}});
  b.store(x, b.load(y));
  b.store(y, b.load(x));
  const Program p = lower_functions(b.finish(), elementary::ScalarArithmetic<T>::precision());
  test::Lanes<T> lanes(p, 64);
  for (T& value : lanes.column(x)) value = 1;
  lanes.with([&](const Arguments& a) { interpret(p, a, 0, 64); });
  EXPECT_EQ(lanes.column(x)[63], 0);
  EXPECT_EQ(lanes.column(y)[63], 1);
}

TYPED_TEST(Interpreted, StoresASharedSlotFromTheFirstLaneAfterTheLast) {
  using T = TypeParam;
  Builder b("shared");
  const auto k = b.slot({"k", SlotKind::derived, false, {}});
  const auto x = b.slot({"x", SlotKind::state, true, {}});
  b.store(k, b.add(b.load(k), b.load(x)));
  b.store(x, b.load(k));
  const Program p = lower_functions(b.finish(), elementary::ScalarArithmetic<T>::precision());
  test::Lanes<T> lanes(p, 192);
  for (int i = 0; i < 192; ++i) lanes.column(x)[i] = static_cast<T>(i + 1);
  lanes.uniform(k) = 100;
  lanes.with([&](const Arguments& a) { interpret(p, a, 64, 192); });
  EXPECT_EQ(lanes.uniform(k), 165);
  EXPECT_EQ(lanes.column(x)[64], 100);
  EXPECT_EQ(lanes.column(x)[191], 100);
}

TYPED_TEST(Interpreted, FlushesSubnormalsAndRestoresTheCallersMode) {
  using T = TypeParam;
  Builder b("tiny");
  const auto x = b.slot({"x", SlotKind::state, true, {}});
  b.store(x, b.mul(b.load(x), b.constant(0.5)));
  const Program p = lower_functions(b.finish(), elementary::ScalarArithmetic<T>::precision());
  test::Lanes<T> lanes(p, 64);
  for (T& value : lanes.column(x)) value = std::numeric_limits<T>::min();
  lanes.with([&](const Arguments& a) { interpret(p, a, 0, 64); });
  EXPECT_EQ(lanes.column(x)[0], 0);
  volatile T smallest = std::numeric_limits<T>::min();
  EXPECT_GT(smallest * T(0.5), 0);
}

TEST(Interpret, RunsMatricesLaneByLane) {
  Builder b("constants");
  const Value x = b.load(b.slot({"x", SlotKind::parameter, true, {}}));
  const Value k = b.load(b.slot({"k", SlotKind::parameter, false, {}}));
  const Value e = b.emit(Op::expm, {x, k, b.constant(0), b.neg(x)}, 2);
  for (std::uint32_t i = 0; i < 4; ++i)
    b.store(b.slot({"e" + std::to_string(i), SlotKind::derived, true, {}}),
            b.emit(Op::element, {e}, i));
  const Program p = lower_functions(b.finish(), Precision::twofold);
  test::Lanes<double> lanes(p, 128);
  lanes.uniform("k") = 0.75;
  for (int i = 0; i < 128; ++i) lanes.column("x")[i] = 0.01 * (i / 2);
  lanes.with([&](const Arguments& a) { interpret(p, a, 0, 128); });
  for (int i = 0; i < 128; ++i) {
    const double x_i = 0.01 * (i / 2);
    const auto expected = matrix_exponential({x_i, 0.75, 0, -x_i}, 2);
    for (int j = 0; j < 4; ++j)
      EXPECT_EQ(lanes.column("e" + std::to_string(j))[i], expected[j]) << i;
  }
}

TEST(Interpret, RefusesWhatIsNotLoweredAndRangesOfPartsOfABlock) {
  Builder b("raw");
  b.store(b.slot({"x", SlotKind::state, true, {}}), b.constant(1));
  const Program raw = b.finish(), lowered = lower_functions(raw, Precision::twofold);
  test::Lanes<double> lanes(lowered, 64);
  lanes.with([&](const Arguments& a) {
    EXPECT_THROW(interpret(raw, a, 0, 64), std::logic_error);
    EXPECT_THROW(interpret(lowered, a, 0, 32), std::logic_error);
    EXPECT_THROW(interpret(lowered, a, 16, 64), std::logic_error);
    EXPECT_NO_THROW(interpret(lowered, a, 64, 64));
  });
  EXPECT_EQ(lanes.column("x")[0], 0);
}

}  // namespace
}  // namespace callosum::model
