#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "callosum/model/adjoint.h"
#include "callosum/model/builder.h"
#include "callosum/model/lower.h"
#include "callosum/model/program.h"

namespace callosum::model {
namespace {

// A small neuron: V decays, a spike resets it.
Program leaky() {
  Builder b("leaky");
  const auto V = b.slot({"V_m", SlotKind::state, true, dimension::voltage});
  const auto P = b.slot({"P", SlotKind::derived, false, {}});
  const auto in = b.slot({"in(V_m)", SlotKind::input, true, dimension::voltage});
  const Value p = b.load(P), v = b.load(V), arrived = b.load(in);
  const Value next = b.add(b.mul(p, v), arrived);
  const Value spike = b.emit(Op::less, {b.constant(-50), next});
  b.store(V, b.select(spike, b.constant(-65.1), next));
  b.mask("spike", spike);
  return b.finish();
}

TEST(Program, HasAGoldenText) {
  EXPECT_EQ(to_string(leaky()), R"(program leaky
  state lane V_m : mV
  derived shared P : 1
  input lane in(V_m) : mV
  %0 = load P
  %1 = load V_m
  %2 = load in(V_m)
  %3 = mul %0 %1
  %4 = add %2 %3
  %5 = constant -50
  %6 = less %5 %4
  %7 = constant -65.1
  %8 = select %6 %7 %4
  store V_m %8
  mask spike %6
)");
}

TEST(Program, HasAGoldenTextWhenLowered) {
  EXPECT_EQ(to_string(lower_functions(simplify(leaky()), Precision::single)),
            R"(program leaky lowered float
  state lane V_m : mV
  derived shared P : 1
  input lane in(V_m) : mV
  %0 = load P
  %1 = load V_m
  %2 = load in(V_m)
  %3 = fma %0 %1 %2
  %4 = constant -50
  %5 = less %4 %3
  %6 = constant -65.0999984741211
  %7 = select %5 %6 %3
  store V_m %7
  mask spike %5
)");
}

TEST(Program, HasAGoldenTextOfItsAdjoint) {
  EXPECT_EQ(to_string(simplify(
                adjoint(simplify(leaky()), {.surrogate = Surrogate::triangle, .width = 2}))),
            R"(program leaky.adjoint
  state lane V_m : mV
  derived shared P : 1
  input lane in(V_m) : mV
  cotangent lane bar(V_m) : 1
  cotangent lane bar(spike) : 1
  gradient lane grad(V_m) : 1
  gradient lane grad(P) : 1
  gradient lane grad(in(V_m)) : 1
  %0 = load P
  %1 = load V_m
  %2 = load in(V_m)
  %3 = fma %0 %1 %2
  %4 = constant -50
  %5 = less %4 %3
  %6 = constant -65.1
  %7 = load bar(V_m)
  %8 = load bar(spike)
  %9 = constant 0
  %10 = select %5 %9 %7
  %11 = sub %6 %3
  %12 = fma %7 %11 %8
  %13 = constant 0.5
  %14 = sub %3 %4
  %15 = mul %13 %14
  %16 = constant 1
  %17 = abs %15
  %18 = sub %16 %17
  %19 = maximum %18 %9
  %20 = mul %12 %19
  %21 = fma %13 %20 %10
  %22 = mul %1 %21
  %23 = mul %0 %21
  store grad(V_m) %23
  store grad(P) %22
  store grad(in(V_m)) %21
)");
}

TEST(Program, WritesConstantsThatReadBackToTheSameBits) {
  Builder b("constants");
  for (double x : {0.1, -0.0, 1e300, 5e-324, 1.0 / 3, std::numeric_limits<double>::infinity()}) {
    const std::string text = to_string([&] {
      Builder one("one");
      one.store(one.slot({"x", SlotKind::state, true, {}}), one.constant(x));
      return one.finish();
    }());
    const std::string number = text.substr(text.find("constant ") + 9);
    const double back = std::strtod(number.c_str(), nullptr);
    EXPECT_EQ(back, x);
    EXPECT_EQ(std::signbit(back), std::signbit(x));
  }
}

TEST(Program, FindsSlotsByName) {
  const Program p = leaky();
  EXPECT_EQ(p.index("P"), 1);
  EXPECT_EQ(p.find("P")->kind, SlotKind::derived);
  EXPECT_EQ(p.index("Q"), -1);
  EXPECT_EQ(p.find("Q"), nullptr);
}

struct Breakage {
  std::string name;
  std::function<void(Program&)> damage;
  const char* message;
};

const Breakage breakages[] = {
    {"OperandFromBehind", [](Program& p) { p.code[3].operands[0] = 4; }, "does not stand before"},
    {"OperandOfItself", [](Program& p) { p.code[3].operands[0] = 3; }, "does not stand before"},
    {"OperandBeyondTheEnd", [](Program& p) { p.code[3].operands[0] = 99; }, "%3"},
    {"TooFewOperands", [](Program& p) { p.code[3].operands.pop_back(); }, "number of operands"},
    {"TooManyOperands", [](Program& p) { p.code[0].operands = {0}; }, "number of operands"},
    {"BooleanSum",
     [](Program& p) {
       p.code[8] = {Op::add, 0, 0, {6, 4}};
     },
     "wrong type"},
    {"RealChoice", [](Program& p) { p.code[8].operands[0] = 4; }, "wrong type"},
    {"LoadOfNoSlot", [](Program& p) { p.code[0].variable = 3; }, "no such slot"},
    {"StoreToNoSlot", [](Program& p) { p.stores[0].slot = 3; }, "store to no slot"},
    {"StoreOfNoValue", [](Program& p) { p.stores[0].value = 9; }, "store of no value"},
    {"StoreOfABoolean", [](Program& p) { p.stores[0].value = 6; }, "no real value"},
    {"SecondStore", [](Program& p) { p.stores.push_back(p.stores[0]); }, "second store"},
    {"MaskOfAReal", [](Program& p) { p.masks[0].value = 4; }, "no boolean value"},
    {"MaskOfNoValue", [](Program& p) { p.masks[0].value = 9; }, "no boolean value"},
    {"SecondMask", [](Program& p) { p.masks.push_back(p.masks[0]); }, "second mask"},
    {"NoOperation", [](Program& p) { p.code[3].op = static_cast<Op>(200); }, "no such operation"},
    {"FunctionInALoweredProgram",
     [](Program& p) {
       p.lowered = true;
       p.code[3] = {Op::exp, 0, 0, {1}};
     },
     "exp is no primitive"},
    {"ConstantFinerThanFloat",
     [](Program& p) {
       p.lowered = true;
       p.precision = Precision::single;
     },
     "not a normal number"},
    {"SubnormalConstant",
     [](Program& p) {
       p.lowered = true;
       p.code[5].constant = 5e-324;
     },
     "not a normal number"},
    {"MatrixInAStep",
     [](Program& p) {
       p.code[3] = {Op::expm, 1, 0, {1}};
       p.code[4] = {Op::element, 0, 0, {3}};
     },
     "program with masks"},
    {"MatrixInAProgramOfStates",
     [](Program& p) {
       p.masks.clear();
       p.code[3] = {Op::expm, 1, 0, {1}};
       p.code[4] = {Op::element, 0, 0, {3}};
     },
     "more than derived"},
    {"MatrixThatIsNotSquare",
     [](Program& p) {
       p.masks.clear();
       p.code[3] = {Op::expm, 2, 0, {1, 1}};
     },
     "n*n"},
    {"MatrixUsedAsANumber",
     [](Program& p) {
       p.masks.clear();
       p.slots[0].kind = SlotKind::derived;
       p.code[3] = {Op::expm, 1, 0, {1}};
     },
     "expm goes with element"},
    {"NoSuchElement",
     [](Program& p) {
       p.masks.clear();
       p.slots[0].kind = SlotKind::derived;
       p.code[3] = {Op::expm, 1, 0, {1}};
       p.code[4] = {Op::element, 1, 0, {3}};
     },
     "no such element"},
};

void PrintTo(const Breakage& b, std::ostream* out) { *out << b.name; }

class Verify : public testing::TestWithParam<Breakage> {};

TEST_P(Verify, RefusesIt) {
  Program p = leaky();
  ASSERT_NO_THROW(verify(p));
  GetParam().damage(p);
  try {
    verify(p);
    FAIL() << "no error";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().message), std::string::npos)
        << error.what();
    EXPECT_EQ(std::string(error.what()).find("program leaky, %"), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Verify, testing::ValuesIn(breakages),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace callosum::model
