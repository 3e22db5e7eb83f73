#include <gtest/gtest.h>

#include <set>

#include "callosum/model/builder.h"
#include "tests/jit/equality.h"
#include "tests/jit/special_values.h"

namespace callosum {
namespace {

using model::Op;
using model::SlotKind;
using test::Lanes;

std::size_t operands(Op op) {
  switch (op) {
    case Op::fma:
    case Op::select:
      return 3;
    case Op::neg:
    case Op::abs:
    case Op::sqrt:
    case Op::floor:
    case Op::round:
    case Op::exponent:
    case Op::mantissa:
    case Op::power_of_two:
    case Op::logical_not:
      return 1;
    default:
      return 2;
  }
}

bool takes_boolean(Op op, std::size_t operand) {
  return op == Op::logical_and || op == Op::logical_or || op == Op::logical_not ||
         (op == Op::select && operand == 0);
}

/// out = op(x0, x1, x2), also as a mask when boolean; bit i of `shared`: all lanes share xi.
model::Program one_operation(Op op, Precision precision, unsigned shared) {
  model::Builder b(std::string(name(op)) + std::to_string(shared));
  const auto zero = b.constant(0);
  std::vector<model::Value> in;
  for (std::size_t i = 0; i < operands(op); ++i) {
    const auto slot =
        b.slot({"x" + std::to_string(i), SlotKind::parameter, (shared >> i & 1) == 0, Dimension{}});
    in.push_back(b.load(slot));
    if (takes_boolean(op, i)) in.back() = b.emit(Op::less, {zero, in.back()});
  }
  auto out = b.emit(op, in);
  if (is_boolean(op)) {
    b.mask("is", out);
    out = b.select(out, b.constant(1), b.constant(2));
  }
  b.store(b.slot({"out", SlotKind::state, true, Dimension{}}), out);
  return model::lower_functions(b.finish(), precision);
}

template <class T>
std::vector<T> arguments(Op op) {
  if (op != Op::power_of_two) return test::special_values<T>();
  std::vector<T> whole;
  for (int k = std::numeric_limits<T>::min_exponent - 1; k < std::numeric_limits<T>::max_exponent;
       ++k)
    whole.push_back(static_cast<T>(k));
  return whole;
}

template <class T>
class Primitives : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Primitives, Reals);

TYPED_TEST(Primitives, GiveTheInterpretersBitsForAllCombinationsOfSpecialValues) {
  using T = TypeParam;
  for (auto op = Op::add; op <= Op::select; op = Op{std::uint8_t(int(op) + 1)}) {
    SCOPED_TRACE(name(op));
    const auto values = arguments<T>(op);
    const auto program = one_operation(op, test::precision_of<T>, 0);
    std::size_t combinations = 1;
    for (std::size_t i = 0; i < operands(op); ++i) combinations *= values.size();
    Lanes<T> start(program, static_cast<std::int64_t>((combinations + 63) / 64 * 64));
    std::size_t divisor = 1;
    for (std::size_t i = 0; i < operands(op); ++i) {
      auto column = start.column("x" + std::to_string(i));
      for (std::size_t lane = 0; lane < column.size(); ++lane)
        column[lane] = values[lane / divisor % values.size()];
      divisor *= values.size();
    }
    test::expect_as_interpreted(program, start);
    if (this->HasFatalFailure()) return;
  }
}

TYPED_TEST(Primitives, DoNotDependOnWhetherAnOperandIsSharedByAllLanes) {
  using T = TypeParam;
  for (auto op = Op::add; op <= Op::select; op = Op{std::uint8_t(int(op) + 1)}) {
    const auto values = op == Op::power_of_two ? std::vector<T>{-3, 0, 100}
                                               : std::vector<T>{T(-1.75), T(0), T(2.5)};
    for (unsigned shared = 0; shared < 1u << operands(op); ++shared) {
      SCOPED_TRACE(std::string(name(op)) + " shared " + std::to_string(shared));
      const auto program = one_operation(op, test::precision_of<T>, shared);
      const jit::Kernel kernel(program, {.use_cache = false});
      for (const T first : values)
        for (const T second : values) {
          const std::vector<T> x{first, second, T(0.3)};
          Lanes<T> by_code(program, 64);
          for (std::size_t i = 0; i < operands(op); ++i) {
            const std::string slot = "x" + std::to_string(i);
            by_code.uniform(slot) = x[i];
            if ((shared >> i & 1) == 0)
              std::fill(by_code.column(slot).begin(), by_code.column(slot).end(), x[i]);
          }
          Lanes<T> by_oracle = by_code;
          by_code.with([&](const auto& a) { kernel.run(a, 0, 64); });
          by_oracle.with([&](const auto& a) { model::interpret(program, a, 0, 64); });
          ASSERT_TRUE(test::same(program, by_code, by_oracle));
        }
    }
  }
}

TYPED_TEST(Primitives, ConstantsMeanWhatTheInterpreterMakesOfThem) {
  using T = TypeParam;
  model::Builder b("constants");
  std::vector<double> numbers{1e-40, -1e-40, 1e-310, 1e-50, 0.1, 1e300, -0.0};
  for (const T x : test::special_values<T>()) numbers.push_back(x);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    b.store(b.slot({"x" + std::to_string(i), SlotKind::state, true, Dimension{}}),
            b.constant(numbers[i]));
  const auto program = model::lower_functions(b.finish(), test::precision_of<T>);
  test::expect_as_interpreted(program, Lanes<T>(program, 64));
}

}  // namespace
}  // namespace callosum
