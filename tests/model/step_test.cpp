#include "callosum/model/step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "tests/model/one_neuron.h"

namespace callosum::model {
namespace {

using namespace literals;

TEST(Step, SynapticPotentialOfAnExponentialCurrentIsAnalytic) {
  const double tau_m = 10, tau_s = 2, C = 250, J = 100;
  for (double dt : {0.1, 0.5}) {
    OneNeuron n(library::neuron("lif_psc_exp").with({{"E_L", 0_mV}, {"V_th", 1000_mV}}),
                {.dt_ms = dt, .inputs = {"I_ex"}});
    n.arrive("I_ex", J);
    n.step();
    for (int k = 1; k <= 400; ++k) {
      n.step();
      const double t = k * dt;
      const double v =
          J / C * tau_m * tau_s / (tau_m - tau_s) * (std::exp(-t / tau_m) - std::exp(-t / tau_s));
      ASSERT_NEAR(n.get("V_m"), v, 1e-12 * std::abs(v) + 1e-300) << t;
      ASSERT_NEAR(n.get("I_ex"), J * std::exp(-t / tau_s), 2e-13 * J * std::exp(-t / tau_s));
      if (t > 40) break;
    }
  }
}

TEST(Step, SynapticPotentialOfAnAlphaCurrentIsAnalytic) {
  const Model m =
      model_of("dv/dt = -v/tau + s/C : volt\nds/dt = y - s/ts : amp\ndy/dt = -y/ts : amp/second",
               {{"tau", "10 ms"}, {"C", "250 pF"}, {"ts", "2 ms"}});
  const double tau = 10, ts = 2, C = 250, y0 = 100;
  for (double dt : {0.1, 0.5}) {
    OneNeuron n(m, {.dt_ms = dt, .inputs = {"y"}});
    n.arrive("y", y0);
    n.step();
    for (int k = 1; k * dt <= 40; ++k) {
      n.step();
      const double t = k * dt, b = 1 / ts - 1 / tau;
      const double v = y0 / C * std::exp(-t / tau) * (1 - std::exp(-b * t) * (1 + b * t)) / (b * b);
      // At small t the closed form itself cancels: bt^2/2 of 1.
      const double slack = 1e-12 + 4e-16 / (b * t * b * t);
      ASSERT_NEAR(n.get("v") / v, 1, slack) << t;
    }
  }
}

TEST(Step, LeakyNeuronFiresAtTheAnalyticInterval) {
  const Model m = library::neuron("lif_psc_exp").with({{"I_e", 400_pA}, {"t_ref", 2_ms}});
  OneNeuron n(m, {.dt_ms = 0.1});
  // V_inf = E_L + I tau/C = -54: reached -55 after tau ln(16/1).
  const int charge = static_cast<int>(std::ceil(10 * std::log(16.0) / 0.1));
  std::vector<int> spikes;
  for (int k = 1; k <= 3000; ++k)
    if (n.step()) spikes.push_back(k);
  ASSERT_GT(spikes.size(), 5u);
  EXPECT_EQ(spikes[0], charge);
  for (std::size_t i = 1; i < spikes.size(); ++i) EXPECT_EQ(spikes[i] - spikes[i - 1], charge + 20);
}

TEST(Step, ConditionsAreKeptInVariables) {
  // Every second crossing makes a spike: `armed` turns with each of the other event.
  OneNeuron n(model_of("dv/dt = 1/ms : 1\narmed : boolean\nready = armed and v > 0.95 : boolean\n"
                       "count : integer",
                       {{"armed", "0"}, {"count", "0"}}, "v > 0.95",
                       "count += int(ready); armed = not armed; v = 0"),
              {.dt_ms = 0.1});
  for (int k = 1; k <= 60; ++k) n.step();
  EXPECT_EQ(n.get("count"), 3);
  EXPECT_EQ(n.get("armed"), 0);
  // As a parameter that nothing assigns, it is a condition as well.
  for (const auto& [allowed, spikes] : {std::pair{"1", 6}, {"0", 0}}) {
    OneNeuron m(model_of("dv/dt = 1/ms : 1\nallowed : boolean", {{"allowed", allowed}},
                         "v > 0.95 and allowed", "v = 0"),
                {.dt_ms = 0.1});
    int count = 0;
    for (int k = 1; k <= 60; ++k) count += m.step();
    EXPECT_EQ(count, spikes);
  }
}

TEST(Step, RefractoryTimeCountsWholeSteps) {
  for (const auto& [t_ref, steps] : {std::pair{2.0, 20}, {0.0, 0}, {0.1, 1}, {0.3, 3}}) {
    const Model m = library::neuron("lif_psc_exp")
                        .with({{"t_ref", Quantity::from_internal(t_ref, dimension::time)},
                               {"V_reset", -65_mV},
                               {"E_L", -70_mV}});
    OneNeuron n(m, {.dt_ms = 0.1, .inputs = {"V_m"}});
    n.arrive("V_m", 20);
    ASSERT_TRUE(n.step());
    EXPECT_EQ(n.get("V_m"), -65);
    int clamped = 0;
    while (n.get("V_m") == -65 && clamped < 100) {
      n.step();
      clamped += n.get("V_m") == -65;
    }
    EXPECT_EQ(clamped, steps);
  }
}

TEST(Step, ArrivalsOnAClampedStateAreLost) {
  OneNeuron n(library::neuron("lif_psc_exp"), {.dt_ms = 0.1, .inputs = {"V_m", "I_ex"}});
  n.arrive("V_m", 20);
  ASSERT_TRUE(n.step());
  for (int k = 0; k < 20; ++k) {
    n.arrive("V_m", 50);
    n.arrive("I_ex", 1);
    EXPECT_FALSE(n.step());
    EXPECT_EQ(n.get("V_m"), -70);
  }
  EXPECT_GT(n.get("I_ex"), 10);  // not clamped: keeps its arrivals
  n.arrive("V_m", 50);
  EXPECT_TRUE(n.step());
}

TEST(Step, InputsAreLeftZero) {
  OneNeuron n(library::neuron("lif_psc_exp"), {.inputs = {"I_ex"}});
  n.arrive("I_ex", 7);
  n.step();
  EXPECT_EQ(n.get("in(I_ex)"), 0);
  EXPECT_EQ(n.get("I_ex"), 7);
}

TEST(Step, ExponentialEulerIsExactOnItsLinearCase) {
  const Model m = model_of("dv/dt = (E - v)/tau : volt", {{"E", "30 mV"}, {"tau", "7 ms"}});
  for (double dt : {0.1, 1.0, 20.0}) {
    OneNeuron n(m, {.dt_ms = dt, .method = "exponential_euler"});
    for (int k = 1; k <= 20; ++k) {
      n.step();
      EXPECT_NEAR(n.get("v"), -30 * std::expm1(-k * dt / 7), 1e-12);
    }
  }
}

// Error at t = 4 ms of dx/dt = (1 - x^2) * x / tau + drive(t), against a fine step by rk4.
double nonlinear(const std::string& method, double dt) {
  const Model m = model_of("dx/dt = x*(1 - x*x)/tau + 0.3*sin(t/tau)/tau : 1", {{"tau", "2 ms"}});
  OneNeuron n(m, {.dt_ms = dt, .method = method});
  n.set("x", 0.25);
  for (int k = 0; k < static_cast<int>(std::lround(4 / dt)); ++k) n.step();
  return n.get("x");
}

TEST(Step, IntegratorsConvergeAtTheirOrder) {
  const double truth = nonlinear("rk4", 1.0 / 512);
  for (const auto& [method, order] :
       {std::pair{"euler", 1.0}, {"heun", 2.0}, {"rk2", 2.0}, {"rk4", 4.0}}) {
    const double coarse = std::abs(nonlinear(method, 1.0 / 8) - truth);
    const double fine = std::abs(nonlinear(method, 1.0 / 16) - truth);
    EXPECT_NEAR(std::log2(coarse / fine), order, 0.15) << method;
  }
}

// dx/dt = -(1 + y) x, dy/dt = x - y: each linear in itself, the pair not.
double pair_by(const std::string& method, double dt) {
  const Model m =
      model_of("dx/dt = (0.5 - (1 + y)*x)/tau : 1\ndy/dt = (x - y)/tau : 1", {{"tau", "2 ms"}});
  OneNeuron n(m, {.dt_ms = dt, .method = method});
  n.set("x", 2);
  for (int k = 0; k < static_cast<int>(std::lround(4 / dt)); ++k) n.step();
  return n.get("x");
}

TEST(Step, ExponentialEulerConvergesAtOrderOne) {
  const double truth = pair_by("rk4", 1.0 / 256);
  const double coarse = std::abs(pair_by("exponential_euler", 1.0 / 16) - truth);
  const double fine = std::abs(pair_by("exponential_euler", 1.0 / 32) - truth);
  EXPECT_NEAR(std::log2(coarse / fine), 1, 0.1);
}

TEST(Step, MethodsAreChosenByAnalysis) {
  const StepProgram p =
      compile_step(model_of("dv/dt = (E - v)/tau + g*(E - v)/tau : volt\ndg/dt = -g/tau : 1\n"
                            "dx/dt = -x**3/tau : 1\ndy/dt = -y/tau + xi/tau**0.5 : 1",
                            {{"E", "1 mV"}, {"tau", "5 ms"}}),
                   {});
  EXPECT_EQ(p.integrator.at("v"), "exponential_euler");
  EXPECT_EQ(p.integrator.at("g"), "exact");
  EXPECT_EQ(p.integrator.at("x"), "euler");
  EXPECT_EQ(p.integrator.at("y"), "euler");
}

TEST(Step, ClampedStatesHaveASecondPropagator) {
  // w feels v, which stands still for 3 ms after the spike.
  const Model m =
      model_of("dv/dt = (E - v)/tau : volt (unless refractory)\ndw/dt = (v - w)/tw : volt",
               {{"E", "20 mV"}, {"tau", "10 ms"}, {"tw", "4 ms"}}, "v > 15*mV", "v = 5*mV", "3*ms");
  OneNeuron n(m, {.dt_ms = 0.1, .method = "exact"});
  double w = 0, v = 0;  // by closed forms between the spikes
  int held = 0;
  for (int k = 0; k < 600; ++k) {
    const bool spike = n.step();
    if (held > 0) {
      w = v + (w - v) * std::exp(-0.1 / 4);
      --held;
    } else {
      const double a = v - 20;  // v = 20 + a e^(-t/10); w has the mode a/(1 - 4/10)
      const double mode = a / (1 - 4.0 / 10);
      w = 20 + mode * std::exp(-0.1 / 10) + (w - 20 - mode) * std::exp(-0.1 / 4);
      v = 20 + a * std::exp(-0.1 / 10);
    }
    if (spike) {
      v = 5;
      held = 30;
    }
    ASSERT_NEAR(n.get("w"), w, 1e-11) << k;
    ASSERT_NEAR(n.get("v"), v, 1e-11) << k;
  }
}

TEST(Step, PerNeuronParametersGiveTheSameBitsAsUniformOnes) {
  for (const std::string& name : library::names(ModelKind::neuron)) {
    const Model m = library::neuron(name);
    StepOptions uniform, spread;
    for (const Variable& v : m.variables())
      if (v.kind == VariableKind::parameter) spread.per_neuron.insert(v.name);
    OneNeuron a(m, uniform), b(m, spread);
    for (int k = 0; k < 50; ++k) {
      const bool first = a.step(), second = b.step();
      ASSERT_EQ(first, second);
      for (const Variable& v : m.variables())
        if (v.kind == VariableKind::state) {
          ASSERT_EQ(a.get(v.name), b.get(v.name)) << name << v.name;
        }
    }
  }
}

TEST(Step, Brian2ScheduleAddsArrivalsAfterTheThreshold) {
  const Model m = model_of("dv/dt = -v/tau : 1", {{"tau", "10 ms"}}, "v > 1", "v = 0");
  OneNeuron ours(m, {.inputs = {"v"}});
  OneNeuron theirs(m, {.inputs = {"v"}, .schedule = Schedule::brian2});
  ours.arrive("v", 2);
  theirs.arrive("v", 2);
  EXPECT_TRUE(ours.step());
  EXPECT_FALSE(theirs.step());
  EXPECT_EQ(theirs.get("v"), 2);
  EXPECT_TRUE(theirs.step());
}

TEST(Step, LastspikeIsTheTimeOfTheLastSpike) {
  const Model m = model_of("dv/dt = 1/ms : 1 (unless refractory)", {}, "v > 0.95", "v = 0",
                           "(t - lastspike) < 1*ms");
  OneNeuron n(m, {.dt_ms = 0.1});
  std::vector<int> spikes;
  for (int k = 1; k <= 60; ++k)
    if (n.step()) {
      spikes.push_back(k);
      EXPECT_NEAR(n.get("lastspike"), k * 0.1, 1e-12);
    }
  ASSERT_GE(spikes.size(), 2u);
  EXPECT_EQ(spikes[0], 10);
  EXPECT_EQ(spikes[1] - spikes[0], 20);
}

TEST(Step, RefractoryConditionsHoldAsLongAsTheyAreTrue) {
  // The spike of a Hodgkin-Huxley neuron counts once: refractory while v > 0.
  const Model m = model_of("dv/dt = cos(t/ms)/ms : 1", {}, "v > 0.5", "", "v > 0.5");
  OneNeuron n(m, {.dt_ms = 0.1, .method = "rk4"});
  int spikes = 0;
  for (int k = 0; k < 126; ++k) spikes += n.step();  // two periods of sin t
  EXPECT_EQ(spikes, 2);
}

TEST(Step, ExtraEventsActOnTheirOwnCondition) {
  ModelText text = text_of("dv/dt = 1/ms : 1\ndn/dt = 0/ms : 1", {}, "v > 0.95", "v = 0");
  text.events.push_back({"half", {"", "v > 0.45 and v < 0.55", 1}, {"", "n += 1", 1}});
  OneNeuron n(Model(text), {.dt_ms = 0.1});
  for (int k = 0; k < 30; ++k) n.step();
  EXPECT_EQ(n.get("n"), 3);
  ASSERT_EQ(n.written.step.masks.size(), 2u);
  EXPECT_EQ(n.written.step.masks[1].name, "half");
}

TEST(Step, RemovableHolesAreClosedAndTheValueElsewhereStays) {
  const struct {
    const char* text;
    double (*value)(double);
    double at_zero;
  } forms[] = {
      {"x/(exp(x) - 1)", [](double x) { return x / std::expm1(x); }, 1},
      {"x/(1 - exp(-x))", [](double x) { return -x / std::expm1(-x); }, 1},
      {"0.1*(x)/(1 - exp(-x/10))", [](double x) { return -0.1 * x / std::expm1(-x / 10); }, 1},
      {"(0 - x)/(exp((0 - x)/5) - 1.)", [](double x) { return -x / std::expm1(-x / 5); }, 5},
  };
  for (const auto& form : forms) {
    const Model m =
        model_of("dy/dt = (f - y)/ms : 1\nf = " + std::string(form.text) + " : 1\nx : 1");
    for (double x : {0.0, 1e-300, 1e-12, -1e-9, 1e-4, 0.3, -3.0, 20.0, -20.0}) {
      OneNeuron n(m, {.dt_ms = 1, .method = "euler", .driven = {"x"}});
      n.set("x", x);
      n.step();
      const double expected = x == 0 ? form.at_zero : form.value(x);
      EXPECT_NEAR(n.get("y"), expected, 1e-14 * std::max(1.0, std::abs(expected)))
          << form.text << " at " << x;
    }
  }
}

void expect_refused(const std::string& equations, const std::string& method,
                    const std::string& part) {
  try {
    (void)compile_step(model_of(equations, {{"tau", "5 ms"}}), {.method = method});
    ADD_FAILURE() << "accepted: " << equations << " by " << method;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Step, MethodsRefuseWhatTheyCannotIntegrateAndNameIt) {
  expect_refused("dv/dt = -v*v/tau : 1", "exact", "dv/dt");
  expect_refused("dv/dt = -v*v/tau : 1", "exponential_euler", "v*v");
  expect_refused("dv/dt = -v/tau + xi/tau**0.5 : 1", "exact", "xi");
  expect_refused("dv/dt = -v/tau + xi/tau**0.5 : 1", "rk4", "heun or milstein");
  expect_refused("dv/dt = -v/tau + xi/tau**0.5 : 1", "exponential_euler", "xi");
  expect_refused("dv/dt = -v/tau + xi*xi : 1", "euler", "linearly");
  expect_refused("dv/dt = -v/tau : 1", "eular", "'euler'");
}

TEST(Step, SubexpressionsThatDoubleAreRefusedInsteadOfFillingTheMemory) {
  std::string equations = "dv/dt = -v/tau + x40/ms : 1\nx0 = v : 1\n";
  for (int i = 1; i <= 40; ++i) {
    const std::string before = "x" + std::to_string(i - 1);
    equations += "x" + std::to_string(i) + " = " + before + "*" + before + " : 1\n";
  }
  EXPECT_THROW(compile_step(model_of(equations, {{"tau", "5 ms"}}), {}), UnsupportedError);
}

TEST(Step, SubstepsDivideTheStepOfExplicitMethods) {
  const Model m = model_of("dx/dt = x*(1 - x*x)/tau : 1", {{"tau", "2 ms"}});
  for (const char* method : {"euler", "heun", "rk2", "rk4"}) {
    OneNeuron divided(m, {.dt_ms = 0.4, .method = method, .substeps = {{"x", 4}}});
    OneNeuron fine(m, {.dt_ms = 0.1, .method = method});
    divided.set("x", 0.25);
    fine.set("x", 0.25);
    for (int k = 0; k < 10; ++k) divided.step();
    for (int k = 0; k < 40; ++k) fine.step();
    EXPECT_NEAR(divided.get("x"), fine.get("x"), 1e-14) << method;
  }
}

TEST(Step, SubstepsAreRefusedWhereTheyMeanNothing) {
  const Model linear = model_of("dx/dt = -x/tau : 1", {{"tau", "2 ms"}});
  EXPECT_THROW(compile_step(linear, {.substeps = {{"x", 4}}}), UnsupportedError);
  EXPECT_THROW(compile_step(linear, {.method = "euler", .substeps = {{"x", 0}}}), ValueError);
  EXPECT_THROW(compile_step(linear, {.method = "euler", .substeps = {{"x", 1000000}}}), ValueError);
  EXPECT_THROW(compile_step(linear, {.method = "euler", .substeps = {{"y", 2}}}), NameError);
  const Model noisy = model_of("dx/dt = -x/tau + xi/tau**0.5 : 1", {{"tau", "2 ms"}});
  EXPECT_THROW(compile_step(noisy, {.substeps = {{"x", 2}}}), UnsupportedError);
}

}  // namespace
}  // namespace callosum::model
