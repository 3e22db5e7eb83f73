#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "callosum/library/library.h"
#include "callosum/model/adjoint.h"
#include "callosum/model/builder.h"
#include "callosum/model/step.h"
#include "tests/model/ir_gradient.h"

namespace callosum::model {
namespace {

struct Form {
  Surrogate surrogate;
  const char* name;
  double (*slope)(double);
  double integral;
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

const Form forms[] = {
    {Surrogate::fast_sigmoid, "fast_sigmoid",
     [](double x) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); }, 2},
    {Surrogate::arctan, "arctan",
     [](double x) { return 1 / (1 + std::pow(std::numbers::pi * x, 2)); }, 1},
    {Surrogate::triangle, "triangle",
     [](double x) { return std::abs(x) < 1 ? 1 - std::abs(x) : 0.0; }, 1},
    {Surrogate::gaussian, "gaussian",
     [](double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }, 1},
    {Surrogate::sigmoid, "sigmoid", [](double x) { return logistic(x) * logistic(-x); }, 1},
    {Surrogate::rectangle, "rectangle", [](double x) { return std::abs(x) < 0.5 ? 1.0 : 0.0; }, 1},
};

// V' = P V + I; spike where V' > V_th and not refractory; V := spike ? V_reset : V'.
Program neuron() {
  Builder b("neuron");
  const auto state = [&](const char* name) { return b.slot({name, SlotKind::state, true, {}}); };
  const Value V = b.load(state("V_m")), P = b.load(state("P")), I = b.load(state("I"));
  const Value V_th = b.load(state("V_th")), V_reset = b.load(state("V_reset"));
  const Value counter = b.load(state("refractory_steps"));
  const Value next = b.fma(P, V, I);
  const Value refractory = b.emit(Op::less, {b.constant(0), counter});
  const Value crossed = b.emit(Op::less, {V_th, next});
  const Value spike = b.emit(Op::logical_and, {crossed, b.emit(Op::logical_not, {refractory})});
  b.store(state("V_m"), b.select(spike, V_reset, next));
  b.mask("spike", spike);
  return b.finish();
}

Columns neuron_start() {
  Columns at;
  for (const char* name : {"V_m", "P", "I", "bar(V_m)", "bar(spike)"})
    at[name] = random_column(3, name);
  at["V_m"][0] = 0, at["I"][0] = 0.25;  // on the threshold
  at["V_th"] = std::vector<double>(64, 0.25);
  at["V_reset"] = std::vector<double>(64, -0.5);
  at["refractory_steps"] = std::vector<double>(64, 0);
  for (int i = 48; i < 64; ++i) at["refractory_steps"][i] = 2;
  return at;
}

class SurrogateSlope : public testing::TestWithParam<Form> {};

TEST_P(SurrogateSlope, StandsInForTheStepOfTheThresholdAndOfTheReset) {
  for (bool detach : {false, true})
    for (double width : {1.0, 0.3}) {
      const AdjointOptions options{GetParam().surrogate, width, detach};
      const Columns at = neuron_start();
      const Columns out = run(adjoint(neuron(), options), at);
      for (int i = 0; i < 64; ++i) {
        const double V = at.at("V_m")[i], P = at.at("P")[i], next = std::fma(P, V, at.at("I")[i]);
        const bool free = at.at("refractory_steps")[i] == 0, spike = free && next > 0.25;
        const double bar = at.at("bar(V_m)")[i];
        const double to_spike = at.at("bar(spike)")[i] + (detach ? 0 : bar * (-0.5 - next));
        const double by_step =
            free ? to_spike * GetParam().slope((next - 0.25) / width) / width : 0;
        const double to_next = (spike ? 0 : bar) + by_step;
        const double tolerance = 1e-14;
        EXPECT_NEAR(out.at("grad(I)")[i], to_next, tolerance) << "lane " << i;
        EXPECT_NEAR(out.at("grad(V_m)")[i], to_next * P, tolerance) << "lane " << i;
        EXPECT_NEAR(out.at("grad(P)")[i], to_next * V, tolerance) << "lane " << i;
        EXPECT_NEAR(out.at("grad(V_th)")[i], -by_step, tolerance) << "lane " << i;
        EXPECT_EQ(out.at("grad(V_reset)")[i], spike ? bar : 0) << "lane " << i;
        EXPECT_EQ(out.at("grad(refractory_steps)")[i], 0) << "lane " << i;
      }
    }
}

TEST_P(SurrogateSlope, IntegratesToWhatIsDocumented) {
  // By its closed form, which the test above ties to the program; tails in 1/x.
  const auto slope = GetParam().slope;
  if (!std::isfinite(GetParam().integral)) return;
  const int n = 200000;
  double sum = 0;
  for (int k = 0; k < n; ++k) {  // x = u / (1 - u), dx = du / (1 - u)^2
    const double u = (k + 0.5) / n;
    sum += 2 * slope(u / (1 - u)) / ((1 - u) * (1 - u)) / n;
  }
  EXPECT_NEAR(sum, GetParam().integral, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Each, SurrogateSlope, testing::ValuesIn(forms),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Surrogate, NoneLeavesTheMaskWithoutCotangent) {
  const Program backward = adjoint(neuron());
  EXPECT_EQ(backward.find("bar(spike)"), nullptr);
  const Columns at = neuron_start(), out = run(backward, at);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(out.at("grad(V_th)")[i], 0);
}

TEST(Surrogate, PassesThroughLogicWithTheOtherSideHeld) {
  Builder b("logic");
  const auto state = [&](const char* name) { return b.slot({name, SlotKind::state, true, {}}); };
  const Value x = b.load(state("x")), y = b.load(state("y")), zero = b.constant(0);
  const Value above = b.emit(Op::less, {zero, x}), high = b.emit(Op::less_equal, {zero, y});
  b.mask("either", b.emit(Op::logical_or, {above, high}));
  b.mask("neither", b.emit(Op::logical_and,
                           {b.emit(Op::logical_not, {above}), b.emit(Op::logical_not, {high})}));
  const Program backward = adjoint(b.finish(), {.surrogate = Surrogate::triangle});
  Columns at;
  at["x"].assign(64, 0.5), at["y"].assign(64, 0.5);
  at["x"][1] = -0.5, at["y"][2] = -0.5, at["x"][3] = at["y"][3] = -0.5;
  at["bar(either)"].assign(64, 1), at["bar(neither)"].assign(64, 10);
  const Columns out = run(backward, at);
  // either = 1 - (1 - x)(1 - y), neither = (1 - x)(1 - y) in the steps of x and y: only where the
  // other is down do they matter.
  const double expected_x[] = {0, 0, 0.5 - 5, 0.5 - 5}, expected_y[] = {0, 0.5 - 5, 0, 0.5 - 5};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(out.at("grad(x)")[i], expected_x[i]) << i;
    EXPECT_EQ(out.at("grad(y)")[i], expected_y[i]) << i;
  }
}

TEST(Surrogate, ReachesSelectsThatAnEventDecidesTogetherWithSomethingElse) {
  Builder b("together");
  const auto state = [&](const char* name) { return b.slot({name, SlotKind::state, true, {}}); };
  const Value x = b.load(state("x")), y = b.load(state("y")), zero = b.constant(0);
  const Value spike = b.emit(Op::less, {zero, x}), other = b.emit(Op::less, {zero, y});
  b.mask("spike", spike);
  b.store(state("z"),
          b.select(b.emit(Op::logical_and, {spike, other}), b.constant(3), b.constant(1)));
  const Program backward = adjoint(b.finish(), {.surrogate = Surrogate::rectangle});
  Columns at;
  at["x"].assign(64, 0.25), at["y"].assign(64, 0.25), at["bar(z)"].assign(64, 1);
  at["y"][1] = -0.25;
  const Columns out = run(backward, at);
  EXPECT_EQ(out.at("grad(x)")[0], 2);
  EXPECT_EQ(out.at("grad(x)")[1], 0);
  EXPECT_EQ(out.at("grad(y)")[0], 0) << "no event's comparison";
}

TEST(Surrogate, OfEveryLibraryNeuronPullsAtItsThreshold) {
  int with_threshold = 0;
  for (const std::string& name : library::names(ModelKind::neuron)) {
    const Model m = library::neuron(name);
    const StepProgram compiled = compile_step(m, {});
    const std::string condition = m.events().empty() ? "" : to_string(*m.events()[0].condition);
    if (condition != "V_m > V_th" && condition != "V_m >= V_th") continue;
    ++with_threshold;
    const Program backward =
        adjoint(all_lanes(compiled.step), {.surrogate = Surrogate::triangle, .width = 100});
    Columns at;
    for (const Slot& s : compiled.step.slots) {
      const Variable* v = m.find(s.name);
      at[s.name].assign(64, v && v->value ? *v->value : 0);
    }
    at["V_m"] = at["V_th"];
    at["bar(spike)"].assign(64, 1);
    const double pull = run(backward, at).at("grad(V_th)")[0];
    EXPECT_LT(pull, 0) << name;
    EXPECT_GE(pull, -0.01) << name;
  }
  EXPECT_GT(with_threshold, 3);
}

}  // namespace
}  // namespace callosum::model
