#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/model/adjoint.h"
#include "callosum/model/builder.h"
#include "callosum/model/step.h"
#include "tests/model/ir_gradient.h"
#include "tests/model/ir_random_program.h"

namespace callosum::model {
namespace {

TEST(Adjoint, AgreesWithDifferencesOnRandomProgramsOfAllFunctions) {
  GradientCheck total;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    const Program program = RandomProgram(seed, 3 + static_cast<int>(seed % 12)).finish();
    Columns start;
    for (int i = 0; i < RandomProgram::inputs; ++i) {
      const std::string name = "x" + std::to_string(i);
      start[name] = random_column(seed, name);
    }
    const GradientCheck check = expect_gradient(program, start);
    total.compared += check.compared;
    total.jumped += check.jumped;
    if (HasFailure()) FAIL() << to_string(program);
  }
  EXPECT_GT(total.compared, 10000);
  EXPECT_LT(total.jumped, total.compared / 4);
}

// Slot values near which a model lives: its parameters' defaults, states spread around theirs.
Columns model_values(const Model& m, const Program& program, double dt) {
  Columns at;
  for (const Slot& s : program.slots) {
    const Variable* v = m.find(s.name);
    const double value = v && v->value ? *v->value : 0;
    double low = value, high = value;
    if (s.kind == SlotKind::state || s.kind == SlotKind::normal) {
      low = value - 1;
      high = value + 1;
    }
    if (v && v->minimum && low < *v->minimum) low = *v->minimum;
    if (s.kind == SlotKind::uniform || s.kind == SlotKind::input) low = 0.1, high = 0.9;
    if (s.name == "dt") low = high = dt;
    at[s.name] = random_column(5, s.name, low, high);
    if (s.name == "refractory_steps")  // half of the neurons are refractory
      for (std::size_t i = 0; i < at[s.name].size(); ++i) at[s.name][i] = i % 2 == 0 ? 0 : 3;
  }
  return at;
}

class LibraryAdjoint : public testing::TestWithParam<std::string> {};

TEST_P(LibraryAdjoint, AgreesWithDifferencesOfTheStepAndOfItsConstants) {
  const Model m = library::neuron(GetParam());
  StepOptions options;
  for (const Variable& v : m.variables())
    if (v.kind == VariableKind::state) options.inputs.insert(v.name);
  const StepProgram compiled = compile_step(m, options);
  const Columns parameters = model_values(m, compiled.constants, 0.1);
  if (!compiled.constants.stores.empty()) {
    const Program constants = all_lanes(compiled.constants);
    expect_gradient(constants, parameters, 1e-6);
  }
  Columns at = model_values(m, compiled.step, 0.1);
  if (!compiled.constants.code.empty())
    for (const auto& [name, values] : run(all_lanes(compiled.constants), parameters))
      at[name] = values;
  if (!compiled.step.code.empty()) {
    const GradientCheck check = expect_gradient(compiled.step, at, 1e-6);
    EXPECT_GT(check.compared, check.jumped);
  }
}

INSTANTIATE_TEST_SUITE_P(Neurons, LibraryAdjoint,
                         testing::ValuesIn(library::names(ModelKind::neuron)),
                         [](const auto& info) { return info.param; });

TEST(Adjoint, PassesThroughTheMatrixExponential) {
  Builder b("constants");
  const auto load = [&](const char* name) {
    return b.load(b.slot({name, SlotKind::parameter, true, {}}));
  };
  const Value p = load("p"), q = load("q"), r = load("r"), zero = b.constant(0);
  const Value e = b.emit(Op::expm, {b.neg(p), q, r, zero, b.mul(p, q), q, r, zero, b.neg(r)}, 3);
  for (std::uint32_t k : {0u, 1u, 2u, 4u, 6u, 8u})
    b.store(b.slot({"P" + std::to_string(k), SlotKind::derived, true, {}}),
            b.emit(Op::element, {e}, k));
  const Columns at{{"p", random_column(1, "p", 0.1, 2)},
                   {"q", random_column(1, "q", -1, 1)},
                   {"r", random_column(1, "r", 0.1, 3)}};
  EXPECT_EQ(expect_gradient(b.finish(), at).compared, 3 * gradient_lanes);
}

TEST(Adjoint, OfTheMatrixExponentialIsLinearInTheCotangentAtAnySize) {
  Builder b("constants");
  const auto load = [&](const char* name) {
    return b.load(b.slot({name, SlotKind::parameter, true, {}}));
  };
  const Value p = load("p"), q = load("q"), zero = b.constant(0);
  const Value e = b.emit(Op::expm, {b.neg(p), q, zero, b.neg(q)}, 2);
  b.store(b.slot({"P", SlotKind::derived, true, {}}), b.emit(Op::element, {e}, 1));
  const Program backward = adjoint(b.finish());
  Columns at{{"p", random_column(1, "p", 0.1, 2)}, {"q", random_column(1, "q", 0.1, 2)}};
  at["bar(P)"] = std::vector<double>(64, 1);
  const auto once = run(backward, at);
  for (double scale : {1e-30, 1e9, 1e30}) {
    at["bar(P)"] = std::vector<double>(64, scale);
    const auto scaled = run(backward, at);
    for (const char* name : {"grad(p)", "grad(q)"})
      for (int i = 0; i < 64; ++i)
        EXPECT_NEAR(scaled.at(name)[i] / scale, once.at(name)[i],
                    1e-13 * std::abs(once.at(name)[i]) + 1e-15);
  }
}

TEST(Adjoint, SumsTheSharesOfASlotReadTwiceAndOfOneUsedTwice) {
  Program p;
  p.name = "twice";
  p.slots = {{"x", SlotKind::state, true, {}}, {"y", SlotKind::state, true, {}}};
  p.code = {{Op::load, 0, 0, {}}, {Op::load, 0, 0, {}}, {Op::mul, 0, 0, {0, 1}}};
  p.stores = {{1, 2}};
  const auto out =
      run(adjoint(p), {{"x", std::vector<double>(64, 3)}, {"bar(y)", std::vector<double>(64, 1)}});
  EXPECT_EQ(out.at("grad(x)")[0], 6);
}

TEST(Adjoint, HasLaneSlotsAlsoForWhatAllLanesShare) {
  Builder b("shared");
  const Value k = b.load(b.slot({"k", SlotKind::parameter, false, {}}));
  const Value x = b.load(b.slot({"x", SlotKind::state, true, {}}));
  b.store(b.slot({"x", SlotKind::state, true, {}}), b.mul(k, x));
  const Program backward = adjoint(b.finish());
  ASSERT_NE(backward.find("grad(k)"), nullptr);
  EXPECT_TRUE(backward.find("grad(k)")->lane);
  EXPECT_EQ(backward.find("grad(k)")->kind, SlotKind::gradient);
  EXPECT_TRUE(backward.find("bar(x)")->lane);
  EXPECT_FALSE(backward.find("k")->lane);
  Columns at{{"x", random_column(1, "x")}, {"bar(x)", random_column(1, "bar")}};
  const auto out = run(backward, at);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(out.at("grad(k)")[i], at["x"][i] * at["bar(x)"][i]);
}

TEST(Adjoint, OfABranchNotTakenIsZeroWhereItsSlopeIsNotFinite) {
  Builder b("branch");
  const auto state = [&](const char* name) { return b.slot({name, SlotKind::state, true, {}}); };
  const Value x = b.load(state("x")), z = b.load(state("z"));
  const Value positive = b.emit(Op::less, {b.constant(0), x});
  const Value root = b.mul(z, b.emit(Op::sqrt, {x}));
  const Value low = b.select(positive, root, z);
  const Value few = b.emit(Op::minimum, {b.emit(Op::exp, {b.mul(x, z)}), b.constant(5)});
  b.store(state("y"), b.add(low, few));
  std::vector<double> xs(64, 0), zs(64, 2);
  xs[1] = -4, xs[2] = 4, xs[3] = 1e4;
  const auto out =
      run(adjoint(b.finish()), {{"x", xs}, {"z", zs}, {"bar(y)", std::vector<double>(64, 1)}});
  EXPECT_EQ(out.at("grad(x)")[0], 2);  // of exp alone
  EXPECT_NEAR(out.at("grad(x)")[1], 2 * std::exp(-8.0), 1e-15);
  EXPECT_EQ(out.at("grad(x)")[2], 0.5);  // 2 / (2 sqrt(4))
  EXPECT_NEAR(out.at("grad(x)")[3], 0.01, 1e-15);
  EXPECT_EQ(out.at("grad(z)")[3], 100);
  EXPECT_NEAR(out.at("grad(z)")[1], 1 - 4 * std::exp(-8.0), 1e-15);
}

TEST(Adjoint, OfExprelKeepsItsAccuracyAroundZeroAndFarOut) {
  Builder b("exprel");
  const Value x = b.load(b.slot({"x", SlotKind::state, true, {}}));
  b.store(b.slot({"y", SlotKind::state, true, {}}), b.emit(Op::exprel, {x}));
  const Program backward = adjoint(b.finish());
  std::vector<double> xs;
  for (int i = 0; i < 32; ++i) {
    xs.push_back(std::ldexp(1.3, 8 - 2 * i));
    xs.push_back(-xs.back());
  }
  const auto out = run(backward, {{"x", xs}, {"bar(y)", std::vector<double>(64, 1)}});
  for (int i = 0; i < 64; ++i) {
    const long double at = xs[i];
    long double expected = 0, term = 1;  // sum of (k+1) x^k / (k+2)!
    if (std::abs(at) > 1) {
      expected = (std::exp(at) * (at - 1) + 1) / (at * at);
    } else {
      for (int k = 0; k < 40; ++k) {
        term = k == 0 ? 0.5L : term * at * (k + 1) / (k * (k + 2.0L));
        expected += term;
      }
    }
    EXPECT_NEAR(out.at("grad(x)")[i] / static_cast<double>(expected), 1, 1e-14) << xs[i];
  }
}

TEST(Adjoint, OfAPowerOfZeroIsFinite) {
  Builder b("power");
  const auto state = [&](const char* name) { return b.slot({name, SlotKind::state, true, {}}); };
  const Value x = b.load(state("x")), n = b.load(state("n"));
  b.store(state("y"), b.emit(Op::power, {x, n}));
  b.store(state("z"), b.emit(Op::power, {x, b.constant(0)}));
  b.store(state("s"), b.emit(Op::power, {x, b.constant(2)}));
  const auto out = run(adjoint(b.finish()), {{"n", std::vector<double>(64, 2)},
                                             {"bar(y)", std::vector<double>(64, 1)},
                                             {"bar(z)", std::vector<double>(64, 1)},
                                             {"bar(s)", std::vector<double>(64, 1)}});
  EXPECT_EQ(out.at("grad(x)")[0], 0);
  EXPECT_EQ(out.at("grad(n)")[0], 0);
}

TEST(Adjoint, NamesAnOperationWithoutDerivative) {
  Builder b("bits");
  const Value x = b.load(b.slot({"x", SlotKind::state, true, {}}));
  b.store(b.slot({"y", SlotKind::state, true, {}}), b.emit(Op::exponent, {x}));
  try {
    adjoint(b.finish());
    FAIL() << "no error";
  } catch (const UnsupportedError& error) {
    EXPECT_EQ(error.detail().got, "exponent");
    EXPECT_EQ(error.detail().where, "program bits");
  }
}

TEST(Adjoint, WantsAPositiveWidth) {
  Builder b("width");
  for (double width : {0.0, -1.0, std::nan(""), HUGE_VAL})
    EXPECT_THROW(adjoint(b.finish(), {.width = width}), ValueError) << width;
}

}  // namespace
}  // namespace callosum::model
