#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "callosum/core/elementary.h"
#include "callosum/core/random.h"
#include "callosum/model/builder.h"
#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"
#include "tests/jit/lanes.h"

namespace callosum::model {
namespace {

constexpr std::int64_t size = 4096;

// y = op(x) or op(x, second), lowered at T's precision and interpreted.
template <class T>
std::vector<T> lowered(Op op, const std::vector<T>& x, const std::vector<T>* second = nullptr) {
  Builder b("function");
  std::vector<Value> in{b.load(b.slot({"x", SlotKind::state, true, {}}))};
  if (second) in.push_back(b.load(b.slot({"z", SlotKind::state, true, {}})));
  b.store(b.slot({"y", SlotKind::state, true, {}}), b.emit(op, in));
  const Precision precision = elementary::ScalarArithmetic<T>::precision();
  const Program p = lower_functions(b.finish(), precision);
  test::Lanes<T> lanes(p, static_cast<std::int64_t>(x.size()));
  std::copy(x.begin(), x.end(), lanes.column("x").begin());
  if (second) std::copy(second->begin(), second->end(), lanes.column("z").begin());
  lanes.with([&](const Arguments& a) { interpret(p, a, 0, lanes.size()); });
  const auto y = lanes.column("y");
  return {y.begin(), y.end()};
}

template <class T>
std::vector<T> spread(double low, double high, std::uint64_t seed = 1) {
  Stream draw(StreamKey(seed, 1, Purpose::user), 0);
  std::vector<T> x;
  for (int i = 0; i < size; ++i) x.push_back(static_cast<T>(low + (high - low) * draw.uniform()));
  return x;
}

// Distance from the correctly rounded result, in units of its last place.
template <class T>
double ulps(T got, long double expected) {
  const T rounded = static_cast<T>(expected);
  if (got == rounded || (std::isnan(got) && std::isnan(rounded))) return 0;
  const T size = std::max(std::abs(rounded), std::numeric_limits<T>::min());
  const T ulp = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
  return static_cast<double>(std::abs(static_cast<long double>(got) - expected) / ulp);
}

using L = long double;
struct Function {
  Op op;
  L (*reference)(L);
  float (*narrow)(elementary::ScalarArithmetic<float>&, float);
  double (*wide)(elementary::ScalarArithmetic<double>&, double);
  double low, high;
};

#define FUNCTION(f, reference, low, high)                                                          \
  {                                                                                                \
    Op::f, [](L x) -> L { return reference; }, elementary::f<elementary::ScalarArithmetic<float>>, \
        elementary::f<elementary::ScalarArithmetic<double>>, low, high                             \
  }
const Function functions[] = {
    FUNCTION(exp, std::exp(x), -30, 30),
    FUNCTION(expm1, std::expm1(x), -3, 3),
    FUNCTION(exprel, x == 0 ? 1 : std::expm1(x) / x, -30, 30),
    FUNCTION(log, std::log(x), 1e-6, 100),
    FUNCTION(log1p, std::log1p(x), -0.9, 10),
    FUNCTION(log10, std::log10(x), 1e-6, 100),
    FUNCTION(sin, std::sin(x), -50, 50),
    FUNCTION(cos, std::cos(x), -50, 50),
    FUNCTION(tan, std::tan(x), -50, 50),
    FUNCTION(tanh, std::tanh(x), -5, 5),
    FUNCTION(sinh, std::sinh(x), -10, 10),
    FUNCTION(cosh, std::cosh(x), -10, 10),
    FUNCTION(arcsin, std::asin(x), -1, 1),
    FUNCTION(arccos, std::acos(x), -1, 1),
    FUNCTION(arctan, std::atan(x), -20, 20),
};
#undef FUNCTION

class LoweredFunction : public testing::TestWithParam<Function> {};

TEST_P(LoweredFunction, IsWithinTwoUlpOfLibmAndTheBitsOfTheElementaryFunction) {
  const Function& f = GetParam();
  const auto narrow = spread<float>(f.low, f.high);
  const auto by_float = lowered<float>(f.op, narrow);
  const auto wide = spread<double>(f.low, f.high);
  const auto by_double = lowered<double>(f.op, wide);
  elementary::ScalarArithmetic<float> a;
  elementary::ScalarArithmetic<double> d;
  const FlushSubnormals flush;
  for (int i = 0; i < size; ++i) {
    EXPECT_LE(ulps(by_float[i], f.reference(narrow[i])), 2) << narrow[i];
    EXPECT_LE(ulps(by_double[i], f.reference(wide[i])), 2) << wide[i];
    ASSERT_EQ(by_float[i], f.narrow(a, narrow[i]));
    ASSERT_EQ(by_double[i], f.wide(d, wide[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, LoweredFunction, testing::ValuesIn(functions),
                         [](const auto& info) { return std::string(name(info.param.op)); });

TEST(Lower, LeavesPrimitivesOnly) {
  Builder b("all");
  const Value x = b.load(b.slot({"x", SlotKind::state, true, {}}));
  Value sum = b.constant(0);
  for (int op = static_cast<int>(Op::exp); op <= static_cast<int>(Op::ceil); ++op) {
    const Op f = static_cast<Op>(op);
    const bool two = f == Op::power || f == Op::floor_div || f == Op::mod;
    sum = b.add(sum, two ? b.emit(f, {x, x}) : b.emit(f, {x}));
  }
  b.store(b.slot({"y", SlotKind::state, true, {}}), sum);
  for (Precision precision : {Precision::single, Precision::twofold}) {
    const Program p = lower_functions(b.finish(), precision);
    EXPECT_TRUE(p.lowered);
    EXPECT_EQ(p.precision, precision);
    for (const Instruction& i : p.code) EXPECT_TRUE(is_primitive(i.op)) << name(i.op);
    EXPECT_EQ(to_string(lower_functions(p, precision)), to_string(p));
  }
}

TEST(Lower, RoundsConstantsToThePrecisionAndSubnormalOnesToZero) {
  Builder b("constants");
  const Value x = b.load(b.slot({"x", SlotKind::state, true, {}}));
  Value sum = x;
  for (double c : {0.1, 1e-42, -1e-320}) sum = b.mul(sum, b.constant(c));
  b.store(b.slot({"y", SlotKind::state, true, {}}), sum);
  const auto constants = [&](Precision precision) {
    std::vector<double> all;
    for (const Instruction& i : lower_functions(b.finish(), precision).code)
      if (i.op == Op::constant) all.push_back(i.constant);
    return all;
  };
  EXPECT_EQ(constants(Precision::single),
            (std::vector<double>{static_cast<double>(0.1f), 0, -0.0}));
  EXPECT_EQ(constants(Precision::twofold), (std::vector<double>{0.1, 1e-42, -0.0}));
}

// Python's own answers, from its documentation: the remainder has the divisor's sign.
TEST(Lower, FloorDivisionAndRemainderArePythons) {
  struct Case {
    double a, b, quotient, remainder;
  };
  const Case cases[] = {{7, 3, 2, 1},       {-7, 3, -3, 2},    {7, -3, -3, -2},  {-7, -3, 2, -1},
                        {6, 3, 2, 0},       {-6, 3, -2, 0},    {0.5, 2, 0, 0.5}, {-0.5, 2, -1, 1.5},
                        {5.5, 0.25, 22, 0}, {-1e-20, 1, -1, 1}};
  std::vector<double> a, b;
  for (const Case& c : cases) a.push_back(c.a), b.push_back(c.b);
  a.resize(64, 1), b.resize(64, 1);
  const auto quotient = lowered<double>(Op::floor_div, a, &b);
  const auto remainder = lowered<double>(Op::mod, a, &b);
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_EQ(quotient[i], cases[i].quotient) << a[i] << " // " << b[i];
    EXPECT_EQ(remainder[i], cases[i].remainder) << a[i] << " % " << b[i];
  }
}

TEST(Lower, RemaindersStayBetweenZeroAndTheDivisorWhereTheQuotientRoundsUp) {
  std::vector<float> a, b;
  for (int k = 1; k <= 4096; ++k) {  // just below a multiple of b
    const float divisor = (k % 2 == 0 ? 1 : -1) * (0.1f + 1e-3f * static_cast<float>(k % 97));
    const float multiple = divisor * static_cast<float>(k);
    a.push_back(std::nextafter(multiple, 0.0f));
    b.push_back(divisor);
  }
  const auto remainder = lowered<float>(Op::mod, a, &b);
  const auto quotient = lowered<float>(Op::floor_div, a, &b);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_LE(std::abs(remainder[i]), std::abs(b[i]));
    EXPECT_GE(remainder[i] * b[i], 0) << a[i] << " % " << b[i];
    EXPECT_EQ(quotient[i], std::floor(static_cast<double>(a[i]) / b[i])) << a[i] << " // " << b[i];
  }
}

TEST(Lower, SignAndCeilingKeepZeroAndNaN) {
  std::vector<double> x{-2.5, -0.5, 0, 0.5, 2.5, std::nan("")};
  x.resize(64);
  const auto sign = lowered<double>(Op::sign, x), ceiling = lowered<double>(Op::ceil, x);
  const double signs[] = {-1, -1, 0, 1, 1}, ceilings[] = {-2, 0, 0, 1, 3};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(sign[i], signs[i]);
    EXPECT_EQ(ceiling[i], ceilings[i]);
  }
  EXPECT_TRUE(std::isnan(sign[5]));
  EXPECT_TRUE(std::isnan(ceiling[5]));
}

// x to a constant power n.
Program constant_power(double n) {
  Builder b("power");
  const Value x = b.load(b.slot({"x", SlotKind::state, true, {}}));
  b.store(b.slot({"y", SlotKind::state, true, {}}), b.emit(Op::power, {x, b.constant(n)}));
  return lower_functions(b.finish(), Precision::twofold);
}

TEST(Lower, ConstantWholePowersAreProducts) {
  const auto x = spread<double>(-2, 2);
  for (int n : {-64, -7, -1, 0, 1, 2, 3, 10, 64}) {
    const Program p = constant_power(n);
    int products = 0;
    for (const Instruction& i : p.code) {
      products += i.op == Op::mul;
      EXPECT_NE(i.op, Op::exponent);
    }
    EXPECT_LE(products, 11);
    test::Lanes<double> lanes(p, size);
    std::copy(x.begin(), x.end(), lanes.column("x").begin());
    lanes.with([&](const Arguments& a) { interpret(p, a, 0, size); });
    for (int i = 0; i < size; ++i) {
      const L expected = std::pow(static_cast<L>(x[i]), n);
      EXPECT_LE(ulps(lanes.column("y")[i], expected), std::abs(n) + 1) << x[i] << "^" << n;
    }
  }
  EXPECT_EQ(to_string(constant_power(0.5)).find("exponent"), std::string::npos);
  EXPECT_NE(to_string(constant_power(65)).find("exponent"), std::string::npos);
}

TEST(Lower, AnyOtherPowerIsWithinTwoUlp) {
  const auto x = spread<double>(0.1, 30, 1), n = spread<double>(-10, 10, 2);
  const auto y = lowered<double>(Op::power, x, &n);
  for (int i = 0; i < size; ++i)
    EXPECT_LE(ulps(y[i], std::pow(static_cast<L>(x[i]), static_cast<L>(n[i]))), 2);
}

TEST(Lower, KeepsMatricesForTheInterpreter) {
  Builder b("constants");
  const Value x = b.load(b.slot({"x", SlotKind::parameter, true, {}}));
  const Value e = b.emit(Op::expm, {b.emit(Op::exp, {x})}, 1);
  b.store(b.slot({"y", SlotKind::derived, true, {}}), b.emit(Op::element, {e}, 0));
  const Program p = lower_functions(b.finish(), Precision::twofold);
  EXPECT_NE(to_string(p).find(" = expm 1 "), std::string::npos);
  EXPECT_NO_THROW(verify(p));
}

}  // namespace
}  // namespace callosum::model
