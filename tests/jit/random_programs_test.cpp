#include <gtest/gtest.h>

#include "callosum/model/builder.h"
#include "tests/jit/equality.h"
#include "tests/jit/special_values.h"

namespace callosum {
namespace {

using model::Op;
using model::SlotKind;
using model::Value;
using test::Lanes;

constexpr std::int64_t size = 256;

/// A program of random primitives: lane, shared and input slots, several stores and masks.
class RandomProgram {
 public:
  RandomProgram(std::uint64_t seed, Precision precision)
      : stream_(StreamKey(seed, 0, Purpose::user), 0),
        precision_(precision),
        b_("random" + std::to_string(seed)) {}

  model::Program make() {
    for (int i = 0; i < 6; ++i) {
      const SlotKind kind = i < 2 ? SlotKind::state : i < 4 ? SlotKind::parameter : SlotKind::input;
      const bool lane = kind != SlotKind::parameter || i == 2;
      reals_.push_back(b_.load(b_.slot({"x" + std::to_string(i), kind, lane, Dimension{}})));
    }
    reals_.push_back(b_.constant(stream_.normal()));
    booleans_.push_back(b_.emit(Op::less, {reals_[0], reals_[1]}));
    for (int i = 0; i < 60; ++i) add();
    for (int i = 0; i < 2; ++i) b_.store(static_cast<std::uint32_t>(i), any(reals_));
    for (int i = 0; i < 3; ++i)
      b_.store(b_.slot({"out" + std::to_string(i), SlotKind::state, true, Dimension{}}),
               reals_[reals_.size() - 1 - static_cast<std::size_t>(i)]);
    b_.mask("last", booleans_.back());
    b_.mask("any", any(booleans_));
    return model::lower_functions(b_.finish(), precision_);
  }

 private:
  Value any(const std::vector<Value>& values) { return values[stream_.below(values.size())]; }
  Value real() { return any(reals_); }

  // NaN of either sign and payload are one to us, but not to an operation that reads bits.
  Value number() {
    const Value x = real();
    return b_.select(b_.emit(Op::equal, {x, x}), x, b_.constant(1));
  }
  Value whole() {
    const bool single = precision_ == Precision::single;
    const Value top =
        b_.emit(Op::minimum, {b_.emit(Op::round, {real()}), b_.constant(single ? 127 : 1023)});
    return b_.emit(Op::maximum, {top, b_.constant(single ? -126 : -1022)});
  }

  void add() {
    const auto first = static_cast<int>(Op::add);
    const auto count = static_cast<std::uint64_t>(Op::select) - first + 1;
    const Op op{static_cast<std::uint8_t>(first + static_cast<int>(stream_.below(count)))};
    switch (op) {
      case Op::neg:
      case Op::abs:
      case Op::sqrt:
      case Op::floor:
      case Op::round:
        return reals_.push_back(b_.emit(op, {real()}));
      case Op::exponent:
      case Op::mantissa:
        return reals_.push_back(b_.emit(op, {number()}));
      case Op::power_of_two:
        return reals_.push_back(b_.emit(op, {whole()}));
      case Op::fma:
        return reals_.push_back(b_.emit(op, {real(), real(), real()}));
      case Op::select:
        return reals_.push_back(b_.emit(op, {any(booleans_), real(), real()}));
      case Op::less:
      case Op::less_equal:
      case Op::equal:
      case Op::not_equal:
        return booleans_.push_back(b_.emit(op, {real(), real()}));
      case Op::logical_and:
      case Op::logical_or:
        return booleans_.push_back(b_.emit(op, {any(booleans_), any(booleans_)}));
      case Op::logical_not:
        return booleans_.push_back(b_.emit(op, {any(booleans_)}));
      default:
        return reals_.push_back(b_.emit(op, {real(), real()}));
    }
  }

  Stream stream_;
  Precision precision_;
  model::Builder b_;
  std::vector<Value> reals_, booleans_;
};

template <class T>
class RandomPrograms : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(RandomPrograms, Reals);

TYPED_TEST(RandomPrograms, GiveTheInterpretersBits) {
  using T = TypeParam;
  const auto special = test::special_values<T>();
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto program = RandomProgram(seed, test::precision_of<T>).make();
    Stream draw(StreamKey(seed, 1, Purpose::user), 0);
    const auto value = [&] {
      return draw.below(4) == 0 ? special[draw.below(special.size())]
                                : static_cast<T>(3 * draw.normal());
    };
    Lanes<T> start(program, size);
    for (std::size_t s = 0; s < program.slots.size(); ++s) {
      start.uniform(s) = static_cast<T>(3 * draw.normal());
      for (T& x : start.column(s)) x = value();
    }
    test::expect_as_interpreted(program, start, 2);
    if (this->HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace callosum
