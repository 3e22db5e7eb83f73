#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/model/model_texts.h"

namespace callosum::model {
namespace {

struct Bad {
  std::string equations;
  std::vector<std::string> parts;  // of the message
  int line = 1, column = 1;
};

const std::vector<Bad> table{
    // units
    {"dv/dt = -v/tau", {"unit", ": volt"}, 1, 1},
    {"dv/dt = -v/tau : mV", {"mV", "volt", "prefix"}, 1, 18},
    {"dv/dt = -v/tau : vold", {"unknown unit", "'volt'"}, 1, 18},
    {"dv/dt = v : volt", {"dv/dt", "volt/second", "in volt"}, 1, 9},
    {"dv/dt = (E + I)/tau : volt", {"different units", "'E' in volt", "'I' in amp"}, 1, 10},
    {"dv/dt = -v/tau : volt\nx = v + t : volt", {"'v' in volt", "'t' in second"}, 2, 5},
    {"x = E : amp", {"'x'", "volt", "amp"}, 1, 5},
    {"dv/dt = exp(v)/tau : 1\ny = exp(E) : 1", {"plain number", "'E' in volt"}, 2, 9},
    {"dv/dt = -v/tau : 1\ny = E**v : volt", {"constant exponent"}, 2, 8},
    {"dv/dt = -v/tau : volt + 1", {"no unit"}, 1, 18},
    {"dv/dt = (v > E)/tau : volt", {"condition"}, 1, 10},
    {"x = v > E : 1\ndv/dt = -v/tau : volt", {"type", "condition"}, 1, 5},
    {"dv/dt = -v/tau : boolean", {"not a type", "volt"}, 1, 1},
    // names
    {"dv/dt = -v/tua : volt", {"unknown name", "tua", "'tau'"}, 1, 12},
    {"dv/dt = -v/tau + expp(1)/second : 1", {"unknown function", "expp", "'exp'"}, 1, 18},
    {"dv/dt = -v/tau : volt\ndv/dt = -v/tau : volt", {"twice", "v"}, 2, 1},
    {"dv/dt = -v/tau : volt\ntau = 5*ms : second", {"tau", "already"}, 0, 0},
    {"a = b : volt\nb = a : volt", {"depend on themselves", "a -> b"}, 1, 1},
    {"a = a : volt", {"depend on themselves"}, 1, 1},
    // syntax
    {"dv/dt = -v^2/tau : 1", {"'^'", "**"}, 1, 11},
    {"dv/dt = (E - v/tau : volt", {"')'"}, 1, 9},
    {"dv/dt = E - v)/tau : volt", {"unexpected ')'"}, 1, 14},
    {"dv/dt = : volt", {"right side"}, 1, 1},
    {"dv/dt : volt", {"derivative", "dx/dt = ... : unit"}, 1, 1},
    {"dv/dx = -v/tau : volt", {"derivative", "dx/dt"}, 1, 1},
    {"2x = E : volt", {"no name"}, 1, 1},
    {"x = (0 < E < 1) : boolean", {"chained", "a < b and b < c"}, 1, 12},
    {"dv/dt = -v/tau : volt (unles refractory)", {"unknown flag", "unless refractory"}, 1, 24},
    {"dv/dt = -v/tau : volt (unless refractory", {"')'"}, 1, 23},
    {"x = exp(1, 2) : 1", {"exp()", "1 argument", "2"}, 1, 5},
    // flags on forms that cannot bear them
    {"x = E : volt (unless refractory)", {"unless refractory", "x"}, 1, 1},
    {"x = E : volt (event-driven)", {"event-driven", "x"}, 1, 1},
    {"dv/dt = -v/tau : volt (constant)", {"constant", "v"}, 1, 1},
    {"dv/dt = -v/tau : volt (linked)", {"linked", "v"}, 1, 1},
    // names that mean something else
    {"dt/dt = 1 : second", {"'t'", "reserved"}, 1, 1},
    {"xi : 1", {"'xi'", "reserved"}, 1, 1},
    {"exp = 1 : 1", {"'exp'", "reserved"}, 1, 1},
};

TEST(EquationErrors, NameLineColumnAndTheFix) {
  for (const Bad& bad : table) {
    try {
      model_of(bad.equations, {{"tau", "10 ms"}, {"E", "1 mV"}, {"I", "1 pA"}});
      ADD_FAILURE() << "accepted: " << bad.equations;
    } catch (const ErrorList& list) {
      bool found = false;
      for (const ErrorDetail& detail : list.details()) {
        const std::string text = message(detail);
        const bool all = std::all_of(bad.parts.begin(), bad.parts.end(), [&](const auto& part) {
          return text.find(part) != std::string::npos;
        });
        if (!all) continue;
        const bool placed =
            bad.line == 0 ||
            (detail.location && detail.location->line == bad.line &&
             detail.location->column == bad.column && text.find('^') != std::string::npos);
        found = found || placed;
      }
      EXPECT_TRUE(found) << bad.equations << "\n--- expected " << bad.line << ":" << bad.column
                         << "\n--- got\n"
                         << list.what();
    }
  }
}

TEST(EquationErrors, AllComeAtOnce) {
  try {
    model_of("dv/dt = -v/tua : volt\ndw/dt = w^2 : volt\nx = E", {{"E", "1 mV"}, {"tau", "1 ms"}});
    FAIL();
  } catch (const ErrorList& list) {
    EXPECT_EQ(list.details().size(), 3u) << list.what();
  }
}

TEST(EquationErrors, AWrongLineIsNamedOnceAndNotAgainWhereItsNameIsRead) {
  try {
    model_of("dv/dt = (I - v)/tau : volt\ndI/dt = -I/tau : vold", {{"tau", "1 ms"}}, "v > 1*mV",
             "I = 0*mV");
    FAIL();
  } catch (const ErrorList& list) {
    ASSERT_EQ(list.details().size(), 1u) << list.what();
    EXPECT_EQ(list.details()[0].got, "vold");
  }
}

TEST(EquationErrors, PointAtLineAndColumnOfTheModelFile) {
  const std::string text =
      "kind = \"neuron\"\nequations = \"\"\"\ndv/dt = (E - u)/tau : volt\n  \"\"\"\n"
      "threshold = \"v > V_t\"  # upper\nreset = 'v = 0*mV; v = V_r'\n[parameters]\n"
      "E = \"1 mV\"\ntau = \"2 ms\"\nV_th = \"3 mV\"\n";
  try {
    const Model m(read_model_text(text, "mine.toml"));
    FAIL();
  } catch (const ErrorList& list) {
    const std::string what = list.what();
    for (const char* part :
         {"mine.toml:3:14\n    dv/dt = (E - u)/tau : volt\n                 ^",
          "mine.toml:5:18\n    threshold = \"v > V_t\"  # upper\n                     ^",
          "mine.toml:6:24\n    reset = 'v = 0*mV; v = V_r'\n                           ^"})
      EXPECT_NE(what.find(part), std::string::npos) << part << "\n" << what;
  }
}

TEST(EquationErrors, UnusedParametersAreErrors) {
  try {
    model_of("dv/dt = -v/tau : volt", {{"tau", "10 ms"}, {"C", "1 pF"}});
    FAIL();
  } catch (const ErrorList& list) {
    EXPECT_EQ(list.details().size(), 1u);
    EXPECT_NE(std::string(list.what()).find("'C'"), std::string::npos) << list.what();
    EXPECT_NE(std::string(list.what()).find("never used"), std::string::npos) << list.what();
  }
}

TEST(EquationErrors, DeclaredParametersMayBeThereForOthers) {
  EXPECT_NO_THROW(model_of("dv/dt = -v/tau : volt\nx : meter", {{"tau", "10 ms"}, {"x", "1 um"}}));
}

void expect_error(const ModelText& text, const std::vector<std::string>& parts) {
  try {
    const Model model(text);
    ADD_FAILURE() << "accepted";
  } catch (const ErrorList& list) {
    for (const std::string& part : parts)
      EXPECT_NE(std::string(list.what()).find(part), std::string::npos) << part << "\n"
                                                                        << list.what();
  }
}

TEST(ConditionErrors, SayWhatAThresholdMayBe) {
  const std::string lif = "dv/dt = -v/tau : volt";
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v", "v = 0*mV"), {"no condition", "V_m > V_th"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1", "v = 0*mV"), {"volt", "different units"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "w > 1*mV", "v = 0*mV"), {"unknown name", "w"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v >", "v = 0*mV"), {"ends too early"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "", "v = 0*mV"), {"reset needs a threshold"});
}

TEST(StatementErrors, SayWhatAResetMayBe) {
  const std::string lif = "dv/dt = -v/tau : volt";
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1*mV", "v"), {"assigns"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1*mV", "v = 1"), {"unit", "volt"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1*mV", "v *= 1*mV"), {"unit", "volt"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1*mV", "u = 1*mV"), {"unknown name", "u"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1*mV", "tau = 1*ms"),
               {"only states can be assigned", "tau"});
  expect_error(text_of(lif, {{"tau", "10 ms"}}, "v > 1*mV", "v = 0*mV", "5*mV"),
               {"refractory", "volt", "second"});
}

}  // namespace
}  // namespace callosum::model
