#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "callosum/core/error.h"
#include "callosum/model/step.h"
#include "tests/model/model_texts.h"

namespace callosum::model {
namespace {

using namespace literals;

TEST(Equations, HaveThreeFormsFlagsContinuationsAndComments) {
  const Model m = model_of(R"(
# a comment line
dv/dt = (E
         - v)/tau   # inside parentheses
        + x/tau : volt (unless refractory)
x = 2 *\
    E : volt (constant over dt)
dw/dt = -w
   /tau : 1
s : volt (constant, shared)
flag : boolean
count : integer
)",
                           {{"E", "1 mV"}, {"tau", "10 ms"}}, "v > s and flag and count > 0",
                           "v = 0*mV; w += 1\ncount = 0", "v > E");
  ASSERT_EQ(m.variables().size(), 8u);
  EXPECT_EQ(m.at("v").kind, VariableKind::state);
  EXPECT_TRUE(m.at("v").unless_refractory);
  EXPECT_EQ(m.at("v").dimension, dimension::voltage);
  EXPECT_EQ(m.at("x").kind, VariableKind::subexpression);
  EXPECT_TRUE(m.at("x").constant_over_dt);
  EXPECT_EQ(m.at("w").kind, VariableKind::state);
  EXPECT_EQ(m.at("s").kind, VariableKind::parameter);
  EXPECT_TRUE(m.at("s").constant && m.at("s").shared);
  EXPECT_EQ(m.at("flag").type, ValueType::boolean);
  EXPECT_EQ(m.at("count").type, ValueType::integer);
  ASSERT_EQ(m.events().size(), 1u);
  EXPECT_EQ(m.events()[0].actions.size(), 3u);
  EXPECT_TRUE(m.refractory_condition());
  EXPECT_FALSE(m.refractory_time());
}

TEST(Model, QuantitiesBecomeInternalNumbers) {
  const Model m = model_of("dv/dt = (E - v)/tau + I/C : volt",
                           {{"E", "-70 mV"}, {"tau", "0.01 s"}, {"I", "1 nA"}, {"C", "0.2 nF"}});
  EXPECT_EQ(m.at("E").value, -70);
  EXPECT_EQ(m.at("tau").value, 10);
  EXPECT_EQ(m.at("I").value, 1000);
  EXPECT_EQ(m.at("C").value, 200);
  EXPECT_EQ(m.at("v").value, 0);
}

ModelText ranged() {
  ModelText text = text_of("dv/dt = (p*E - v)/tau : volt", {{"E", "1 mV"}});
  text.parameters.push_back({"tau", "10 ms", "", "> 0 ms", {}});
  text.parameters.push_back({"p", "0.5", "", "[0, 1)", {}});
  text.parameter_aliases["tau"] = {"tau_m", "taum"};
  return text;
}

TEST(Model, WithChangesACopyOrNothing) {
  const Model m{ranged()};
  const Model n = m.with({{"tau", 20_ms}, {"v", 3_mV}});
  EXPECT_EQ(n.at("tau").value, 20);
  EXPECT_EQ(n.at("v").value, 3);
  EXPECT_EQ(m.at("tau").value, 10);
  EXPECT_THROW(m.with({{"tau", 20_mV}}), UnitError);
  EXPECT_THROW(m.with({{"E", 2_mV}, {"tau", -1_ms}}), ValueError);
  EXPECT_EQ(m.at("E").value, 1);
}

TEST(Model, UnknownNamesOfferTheNearest) {
  try {
    (void)Model(ranged()).with({{"tua", 20_ms}});
    FAIL();
  } catch (const NameError& error) {
    EXPECT_EQ(error.detail().nearest, "tau");
  }
}

TEST(Model, AliasesStandForParameters) {
  const Model m{ranged()};
  ASSERT_NE(m.find("taum"), nullptr);
  EXPECT_EQ(m.find("taum")->name, "tau");
  EXPECT_EQ(m.with({{"tau_m", 7_ms}}).at("tau").value, 7);
  EXPECT_EQ(m.find("taux"), nullptr);
}

TEST(Model, CheckedRefusesWhatIsOutsideTheRangeAndNaN) {
  const Model m{ranged()};
  EXPECT_EQ(m.checked("tau", 5_ms), 5);
  EXPECT_EQ(m.checked("p", 0.0), 0);
  EXPECT_THROW(m.checked("p", 1.0), ValueError);
  EXPECT_THROW(m.checked("tau", 0_ms), ValueError);
  EXPECT_THROW(m.checked("tau", Quantity(NAN, dimension::time)), ValueError);
  EXPECT_THROW(m.checked("E", Quantity(INFINITY, dimension::voltage)), ValueError);
  EXPECT_THROW(m.checked("tau", 5.0), UnitError);
}

TEST(Model, DefaultsOutsideTheRangeAreErrors) {
  ModelText text = ranged();
  text.parameters[1].value = "-1 ms";
  EXPECT_THROW(Model{text}, ErrorList);
  text.parameters[1].value = "10 ms";
  text.parameters[1].range = "> 0 mV";
  EXPECT_THROW(Model{text}, ErrorList);
  text.parameters[1].range = "positive";
  EXPECT_THROW(Model{text}, ErrorList);
}

TEST(Model, InitialValuesAreNumbersOrExpressionsOfParameters) {
  ModelText text = ranged();
  text.initial.push_back({"v", "E", "", "", {}});
  EXPECT_TRUE(Model(text).at("v").initial);
  text.initial[0].value = "3 mV";
  EXPECT_EQ(Model(text).at("v").value, 3);
  text.initial[0].value = "3 ms";
  EXPECT_THROW(Model{text}, ErrorList);
  text.initial[0].name = "u";
  EXPECT_THROW(Model{text}, ErrorList);
}

struct Published {
  const char* name;
  const char* equations;
  std::initializer_list<std::pair<const char*, const char*>> parameters;
  const char* threshold = "";
  const char* reset = "";
  const char* refractory = "";
};

// As people write them for Brian2.
const Published published[] = {
    {"leaky",
     "dv/dt = (I - v)/tau : volt (unless refractory)",
     {{"I", "20 mV"}, {"tau", "10 ms"}},
     "v > 15*mV",
     "v = 0*mV",
     "5*ms"},
    {"per-neuron input",
     "dv/dt = (v0 - v)/tau : volt (unless refractory)\nv0 : volt",
     {{"tau", "10 ms"}},
     "v > 10*mV",
     "v = 0*mV",
     "5*ms"},
    {"sinusoidal drive",
     "dv/dt = (A*sin(2*pi*f*t) - v)/tau : 1",
     {{"A", "2"}, {"f", "10 Hz"}, {"tau", "10 ms"}},
     "v > 1",
     "v = 0"},
    {"adaptive threshold",
     "dv/dt = -v/(10*ms) : volt\ndvt/dt = (10*mV - vt)/(15*ms) : volt",
     {},
     "v > vt",
     "v = 0*mV; vt += 3*mV"},
    {"adaptive current",
     "dv/dt = (E - v)/tau - w/C : volt\ndw/dt = -w/tau_w : amp",
     {{"E", "0 mV"}, {"tau", "10 ms"}, {"C", "100 pF"}, {"tau_w", "100 ms"}},
     "v > 15*mV",
     "v = 0*mV\nw += 50*pA"},
    {"Izhikevich",
     "dv/dt = (0.04/ms/mV)*v**2 + (5/ms)*v + 140*mV/ms - u + I : volt\ndu/dt = a*(b*v - u) : "
     "volt/second\nI : volt/second",
     {{"a", "0.02/ms"}, {"b", "0.2/ms"}},
     "v >= 30*mV",
     "v = -65*mV; u += 8*mV/ms"},
    {"Izhikevich without units",
     "dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1\ndu/dt = (a*(b*v - u))/ms : 1\nI : 1",
     {{"a", "0.02"}, {"b", "0.2"}},
     "v >= 30",
     "v = -65\nu += 8"},
    {"FitzHugh-Nagumo",
     "dv/dt = (v - v**3/3 - w + I)/tau : 1\ndw/dt = (v + a - b*w)/(tau_w) : 1",
     {{"I", "0.5"}, {"a", "0.7"}, {"b", "0.8"}, {"tau", "1 ms"}, {"tau_w", "12.5 ms"}}},
    {"van der Pol", "dx/dt = y : 1\ndy/dt = (mu*(1 - x**2)*y*Hz - x*Hz**2) : Hz", {{"mu", "2"}}},
    {"Hodgkin-Huxley",
     R"(dv/dt = (gl*(El-v) - g_na*(m*m*m)*h*(v-ENa) - g_kd*(n*n*n*n)*(v-EK) + I)/Cm : volt
dm/dt = alpham*(1-m) - betam*m : 1
dn/dt = alphan*(1-n) - betan*n : 1
dh/dt = alphah*(1-h) - betah*h : 1
alpham = (0.32/mV)*(13*mV - v + VT)/(exp((13*mV - v + VT)/(4*mV)) - 1.)/ms : Hz
betam = (0.28/mV)*(v - VT - 40*mV)/(exp((v - VT - 40*mV)/(5*mV)) - 1)/ms : Hz
alphah = 0.128*exp((17*mV - v + VT)/(18*mV))/ms : Hz
betah = 4./(1 + exp((40*mV - v + VT)/(5*mV)))/ms : Hz
alphan = (0.032/mV)*(15*mV - v + VT)/(exp((15*mV - v + VT)/(5*mV)) - 1.)/ms : Hz
betan = .5*exp((10*mV - v + VT)/(40*mV))/ms : Hz
I : amp)",
     {{"Cm", "200 pF"},
      {"gl", "10 nS"},
      {"El", "-60 mV"},
      {"EK", "-90 mV"},
      {"ENa", "50 mV"},
      {"g_na", "20 uS"},
      {"g_kd", "6 uS"},
      {"VT", "-63 mV"}},
     "v > -20*mV",
     "",
     "v > -20*mV"},
    {"with exprel",
     "dv/dt = -v/tau*alpha : volt\nalpha = 0.32*(4*mV)/exprel((13*mV - v)/(4*mV))/mV : 1",
     {{"tau", "10 ms"}}},
    {"AdEx",
     "dv/dt = (gL*(EL - v) + gL*DeltaT*exp((v - VT)/DeltaT) + I - w)/C : volt\ndw/dt = (a*(v - EL) "
     "- w)/tauw : amp\nI : amp",
     {{"C", "281 pF"},
      {"gL", "30 nS"},
      {"EL", "-70.6 mV"},
      {"VT", "-50.4 mV"},
      {"DeltaT", "2 mV"},
      {"tauw", "144 ms"},
      {"a", "4 nS"}},
     "v > -40*mV",
     "v = -70.6*mV; w += 80.5*pA"},
    {"exponential IF",
     "dv/dt = (EL - v + D*exp((v - VT)/D))/tau : volt",
     {{"EL", "-70 mV"}, {"VT", "-50 mV"}, {"D", "2 mV"}, {"tau", "10 ms"}},
     "v > 0*mV",
     "v = EL"},
    {"quadratic IF",
     "dv/dt = (v**2 + I)/tau : 1",
     {{"I", "0.5"}, {"tau", "10 ms"}},
     "v > 100",
     "v = -100"},
    {"noisy leaky",
     "dv/dt = (mu - v)/tau + sigma*sqrt(2/tau)*xi : volt",
     {{"mu", "15 mV"}, {"sigma", "2 mV"}, {"tau", "10 ms"}},
     "v > 20*mV",
     "v = 0*mV"},
    {"noise divided by root tau",
     "dv/dt = -v/tau + sigma*xi*tau**-0.5 : volt",
     {{"sigma", "2 mV"}, {"tau", "10 ms"}},
     "v > 20*mV",
     "v = 0*mV"},
    {"Ornstein-Uhlenbeck",
     "dx/dt = -x/tau + sigma*sqrt(2/tau)*xi_x : amp\ndy/dt = -y/tau + sigma*sqrt(2/tau)*xi_y : amp",
     {{"sigma", "10 pA"}, {"tau", "5 ms"}}},
    {"Morris-Lecar",
     R"(dv/dt = (I - gL*(v - VL) - gCa*m_inf*(v - VCa) - gK*w*(v - VK))/C : volt
dw/dt = phi*(w_inf - w)/tau_w : 1
m_inf = 0.5*(1 + tanh((v - V1)/V2)) : 1
w_inf = 0.5*(1 + tanh((v - V3)/V4)) : 1
tau_w = ms/cosh((v - V3)/(2*V4)) : second
I : amp)",
     {{"C", "20 uF"},
      {"gL", "2 mS"},
      {"gCa", "4.4 mS"},
      {"gK", "8 mS"},
      {"VL", "-60 mV"},
      {"VCa", "120 mV"},
      {"VK", "-84 mV"},
      {"V1", "-1.2 mV"},
      {"V2", "18 mV"},
      {"V3", "2 mV"},
      {"V4", "30 mV"},
      {"phi", "0.04"}}},
    {"Hindmarsh-Rose",
     "dx/dt = (y - a*x**3 + b*x**2 - z + I)/ms : 1\ndy/dt = (c - d*x**2 - y)/ms : 1\ndz/dt = "
     "r*(s*(x - xR) - z)/ms : 1",
     {{"a", "1"},
      {"b", "3"},
      {"c", "1"},
      {"d", "5"},
      {"r", "0.001"},
      {"s", "4"},
      {"xR", "-1.6"},
      {"I", "2"}}},
    {"CUBA",
     "dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)\ndge/dt = -ge/taue : "
     "volt\ndgi/dt = -gi/taui : volt",
     {{"taum", "20 ms"}, {"taue", "5 ms"}, {"taui", "10 ms"}, {"El", "-49 mV"}},
     "v > -50*mV",
     "v = -60*mV",
     "5*ms"},
    {"COBA without units",
     "dv/dt = (-(v + 60*mV) + ge*(0*mV - v) + gi*(-80*mV - v) + I)/(20*ms) : volt (unless "
     "refractory)\ndge/dt = -ge/(5*ms) : 1\ndgi/dt = -gi/(10*ms) : 1\nI : volt",
     {},
     "v > -50*mV",
     "v = -60*mV",
     "5*ms"},
    {"alpha current",
     "dv/dt = (E - v)/tau + s/C : volt\nds/dt = (y - s)/ts : amp\ndy/dt = -y/ts : amp",
     {{"E", "-70 mV"}, {"tau", "10 ms"}, {"C", "250 pF"}, {"ts", "2 ms"}},
     "v > -55*mV",
     "v = E"},
    {"NMDA",
     "dv/dt = (EL - v)/tau - gN*s*v/(1 + Mg/mM*exp(-0.062*v/mV)/3.57)/C : volt\nds/dt = -s/t_decay "
     "+ alpha*x*(1 - s) : 1\ndx/dt = -x/t_rise : 1",
     {{"EL", "-70 mV"},
      {"tau", "20 ms"},
      {"gN", "1 nS"},
      {"Mg", "1 mM"},
      {"C", "0.5 nF"},
      {"t_decay", "100 ms"},
      {"alpha", "0.5 kHz"},
      {"t_rise", "2 ms"}},
     "v > -50*mV",
     "v = -55*mV"},
    {"Wilson-Cowan",
     "dE/dt = (-E + S)/tau : 1\nS = 1/(1 + exp(-a*(c1*E - c2*J + P - th))) : 1\ndJ/dt = (-J + 1/(1 "
     "+ exp(-a*(c1*E - th))))/tau : 1",
     {{"tau", "8 ms"}, {"a", "1.3"}, {"c1", "16"}, {"c2", "12"}, {"P", "1"}, {"th", "4"}}},
    {"rate unit", "dr/dt = (-r + tanh(I))/tau : 1\nI : 1", {{"tau", "10 ms"}}},
    {"Poisson by rand", "rate : Hz", {}, "rand() < rate*dt", ""},
    {"soft reset", "dv/dt = -v/tau : 1", {{"tau", "10 ms"}}, "v > 1", "v -= 1"},
    {"refractory by a variable",
     "dv/dt = -v/tau : 1 (unless refractory)\nref : second",
     {{"tau", "10 ms"}},
     "v > 1",
     "v = 0; ref += 1*ms",
     "ref"},
    {"refractory by lastspike",
     "dv/dt = -v/tau : 1 (unless refractory)",
     {{"tau", "10 ms"}},
     "v > 1",
     "v = 0",
     "(t - lastspike) < 5*ms"},
    {"threshold with not_refractory",
     "dv/dt = -v/tau : 1",
     {{"tau", "10 ms"}},
     "v > 1 and not_refractory",
     "v = 0",
     "5*ms"},
    {"random reset", "dv/dt = -v/tau : 1", {{"tau", "10 ms"}}, "v > 1", "v = 0.5*rand()"},
    {"clipped", "dv/dt = clip(I, 0, 1)/tau : 1\nI : 1", {{"tau", "10 ms"}}, "v > 1", "v = 0"},
    {"int of a condition",
     "dv/dt = I*int(t > 5*ms)/tau : 1\nI : 1",
     {{"tau", "10 ms"}},
     "v > 1",
     "v = 0"},
    {"grid position",
     "dv/dt = (I - v)/tau : 1\nI = i*0.1 : 1",
     {{"tau", "10 ms"}},
     "v > 1",
     "v = 0"},
    {"per-area membrane",
     "dv/dt = (gL*(E - v) + I/area)/Cm : volt\nI : amp",
     {{"gL", "0.3 msiemens/cm**2"}, {"E", "-70 mV"}, {"area", "20000 um**2"}, {"Cm", "1 uF/cm**2"}},
     "v > -50*mV",
     "v = E"},
};

TEST(Model, AcceptsPublishedModelsAsBrian2UsersWriteThem) {
  for (const Published& p : published) {
    try {
      const Model m(text_of(p.equations, p.parameters, p.threshold, p.reset, p.refractory));
      (void)compile_step(m, {});
    } catch (const Error& error) {
      ADD_FAILURE() << p.name << ": " << error.what();
    }
  }
}

TEST(Model, EqualModelsPrintEqual) {
  for (const Published& p : published) {
    const ModelText text = text_of(p.equations, p.parameters, p.threshold, p.reset, p.refractory);
    EXPECT_EQ(Model(text).to_string(), Model(text).to_string()) << p.name;
  }
}

}  // namespace
}  // namespace callosum::model
