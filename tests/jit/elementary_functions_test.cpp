#include <gtest/gtest.h>

#include <bit>

#include "callosum/model/builder.h"
#include "tests/jit/equality.h"
#include "tests/jit/special_values.h"

namespace callosum {
namespace {

using model::Op;
using model::SlotKind;
using test::Lanes;

constexpr std::int64_t size = 64 * 512;

/// Special values, then a dense sweep of [-30, 30], then numbers of any exponent.
template <class T>
void fill(std::span<T> column, std::uint64_t object) {
  const auto special = test::special_values<T>();
  Stream stream(StreamKey(11, object, Purpose::user), 0);
  for (std::size_t i = 0; i < column.size(); ++i) {
    const double sweep = -30 + 60 * stream.uniform();
    const auto bits = stream.bits64();
    const T any = sizeof(T) == 4 ? T(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                                 : T(std::bit_cast<double>(bits));
    column[i] = i < special.size() * special.size()
                    ? special[(object ? i / special.size() : i) % special.size()]
                : i % 2 ? static_cast<T>(sweep)
                        : any;
  }
}

template <class T>
void expect_function(Op op, int operands) {
  SCOPED_TRACE(name(op));
  model::Builder b{std::string(name(op))};
  std::vector<model::Value> in;
  for (int i = 0; i < operands; ++i)
    in.push_back(b.load(b.slot({i ? "y" : "x", SlotKind::parameter, true, Dimension{}})));
  b.store(b.slot({"out", SlotKind::state, true, Dimension{}}), b.emit(op, in));
  const auto program = model::lower_functions(b.finish(), test::precision_of<T>);
  Lanes<T> start(program, size);
  fill(start.column("x"), 0);
  if (operands == 2) fill(start.column("y"), 1);
  test::expect_as_interpreted(program, start);
}

template <class T>
class ElementaryFunctions : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ElementaryFunctions, Reals);

TYPED_TEST(ElementaryFunctions, GiveTheInterpretersBitsForAllKindsOfArguments) {
  for (auto op = Op::exp; op <= Op::ceil; op = Op{std::uint8_t(int(op) + 1)}) {
    const bool two = op == Op::power || op == Op::floor_div || op == Op::mod;
    expect_function<TypeParam>(op, two ? 2 : 1);
  }
}

}  // namespace
}  // namespace callosum
