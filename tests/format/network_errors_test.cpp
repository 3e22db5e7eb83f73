#include <gtest/gtest.h>

#include <random>

#include "callosum/core/error.h"
#include "tests/format/network_texts.h"

// What is wrong in a network file, and where.
namespace callosum::format {
namespace {

struct Malformed {
  const char* from;
  const char* to;
  int line, column;
  const char* fix;  ///< part of the message that says what to do
};

class MalformedNetworkFile : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedNetworkFile, IsRefusedWithLineColumnAndFix) {
  const Malformed& c = GetParam();
  try {
    read(replaced(plain, c.from, c.to));
    FAIL() << "accepted: " << c.to;
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string place = "net.toml:" + std::to_string(c.line) + ":" + std::to_string(c.column);
    EXPECT_NE(text.find(place + "\n"), std::string::npos) << text;
    EXPECT_NE(text.find(c.fix), std::string::npos) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MalformedNetworkFile,
    testing::Values(
        Malformed{"size = 100", "size = 100,", 3, 11, "expected a comment or whitespace"},
        Malformed{"size = 100", "größe = 100", 3, 3, "needs quotes"},
        Malformed{"[population.inh]", "[%population.inh]", 8, 2, "[population.exc]"},
        Malformed{"size = 100", "sizes = 100", 3, 1, "did you mean 'size'?"},
        Malformed{"size = 100", "size = 2.5", 3, 8, "a whole number, 1 or more"},
        Malformed{"size = 100", "size = -3", 3, 8, "a whole number, 1 or more"},
        Malformed{"size = 100", "size = nan", 3, 8, "a whole number, 1 or more"},
        Malformed{"lif_psc_exp", "lif_psc_xp", 4, 9, "did you mean 'lif_psc_exp'?"},
        Malformed{"V_th =", "V_thr =", 5, 16, "did you mean 'V_th'?"},
        Malformed{"\"-50 mV\"", "\"-50 pA\"", 5, 23, "expected volt"},
        Malformed{"\"-50 mV\"", "-50", 5, 23, "expected volt"},
        Malformed{"\"-50 mV\"", "\"-50 mvlot\"", 5, 28, "did you mean 'mvolt'?"},
        Malformed{"V_th = \"-50 mV\"", "tau_m = \"0 ms\"", 5, 24, "expected > 0 ms"},
        Malformed{"V_m = {", "V_th = {", 6, 13, "it under 'parameters'"},
        Malformed{", \"5 mV\"]", "]", 6, 30, "[\"mean\", \"sd\"]"},
        Malformed{"[population.inh]", "[populaton.inh]", 8, 2, "did you mean 'population'?"},
        Malformed{"to = [\"exc\", \"inh\"]", "to = [\"exc\", \"ihn\"]", 14, 14,
                  "did you mean 'inh'?"},
        Malformed{"to = [\"exc\", \"inh\"]", "to = \"exc[0:500]\"", 14, 6, "neurons 0 to 99"},
        Malformed{"to = [\"exc\", \"inh\"]", "to = \"exc[a]\"", 14, 6, "\"exc[0:100]\""},
        Malformed{"fixed_probability = 0.1", "fixed_probability = 1.1", 15, 30, "[0, 1]"},
        Malformed{"fixed_probability", "fixed_probabilty", 15, 10,
                  "did you mean 'fixed_probability'?"},
        Malformed{"{ fixed_probability = 0.1 }", "\"all_to_al\"", 15, 8,
                  "did you mean 'all_to_all'?"},
        Malformed{"rule =", "#", 12, 1, "rule = { fixed_probability = 0.1 }"},
        Malformed{"\"I_ex\"", "\"I_exc\"", 16, 10, "did you mean 'I_ex'?"},
        Malformed{"\"20 pA\"", "\"20 mV\"", 17, 10, "expected ampere"},
        Malformed{"\"20 pA\"", "\"10 mV / 2 ms\"", 17, 21, "parentheses"},
        Malformed{"\"20 pA\"", "{ normal = [\"20 pA\", \"2 pA\"], lo = \"0 pA\" }", 17, 40,
                  "did you mean 'low'?"},
        Malformed{"\"20 pA\"", "{ normal = [\"20 pA\", \"2 mV\"] }", 17, 10, "one dimension"},
        Malformed{"\"20 pA\"", "{ by_target = [\"20 pA\"] }", 17, 24, "2 values, one a target"},
        Malformed{"\"1.5 ms\"", "\"1.55 ms\"", 18, 9, "1.5 ms or 1.6 ms"},
        Malformed{"[[record]]", "[record]", 20, 1, "[[record]]"},
        Malformed{"spikes =", "spike =", 21, 1, "did you mean 'spikes'?"},
        Malformed{"dt = \"0.1 ms\"", "dt = \"0 ms\"", 1, 6, "0.1 ms"},
        Malformed{"dt = \"0.1 ms\"", "dt = 0.1", 1, 6, "expected second"},
        Malformed{"dt = \"0.1 ms\"", "run.seed = -1", 1, 12, "from 0 to"},
        Malformed{"dt = \"0.1 ms\"", "format = 2", 1, 10, "format 1"}));

TEST(NetworkFile, ReportsAllErrorsTogetherInTheOrderOfTheFile) {
  std::string text = replaced(plain, "size = 100", "sizes = 100");
  text = replaced(text, "size = 25", "size = 0");
  text = replaced(text, "spikes =", "spike =");
  try {
    read(text);
    FAIL();
  } catch (const ErrorList& list) {
    ASSERT_EQ(list.details().size(), 3u) << list.what();
    EXPECT_EQ(list.details()[0].location->line, 3);
    EXPECT_EQ(list.details()[1].location->line, 9);
    EXPECT_EQ(list.details()[2].location->line, 21);
  }
}

TEST(NetworkFile, WhatIsUnknownHidesNoOtherError) {
  // Keys, a size and a parameter of the population, a key of the projection; and what is wrong with
  // the projection's target and weight.
  std::string text = replaced(plain, "size = 100", "sise = 100\nwibble = 3");
  text = replaced(text, "V_th =", "V_thr =");
  text = replaced(text, "\"I_ex\"", "\"I_exc\"");
  text = replaced(text, "delay =", "dely =");
  text = replaced(text, "\"inh\"]\nrule", "\"ihn\"]\nrule");
  text +=
      "[[projection]]\nfrom = \"exc\"\nto = \"inh\"\nrule = \"all_to_all\"\n"
      "target = \"I_ex\"\nweight = \"20 mV\"\n";
  try {
    read(text);
    FAIL();
  } catch (const ErrorList& list) {
    std::vector<int> lines;
    for (const ErrorDetail& detail : list.details()) lines.push_back(detail.location->line);
    EXPECT_EQ(lines, (std::vector<int>{3, 4, 6, 15, 19, 28})) << list.what();
  }
  // The same without the population that is not there: the target is told.
  text = replaced(text, "\"ihn\"", "\"inh\"");
  try {
    read(text);
    FAIL();
  } catch (const ErrorList& list) {
    EXPECT_NE(std::string(list.what()).find("did you mean 'I_ex'?"), std::string::npos)
        << list.what();
  }
}

TEST(NetworkFile, AMisspeltKeyIsNotAlsoMissing) {
  for (const auto& [key, slip] : {std::pair{"weight =", "wieght ="},
                                  {"target =", "taget ="},
                                  {"rule =", "rulle ="},
                                  {"delay =", "dely ="}}) {
    try {
      read(replaced(plain, key, slip));
      FAIL() << slip;
    } catch (const NameError& error) {
      EXPECT_NE(std::string(error.what()).find("did you mean"), std::string::npos) << error.what();
    }
  }
}

TEST(NetworkFile, ErrorsInInlineModelsNameLinesOfTheNetworkFile) {
  const std::string text = R"(dt = "0.1 ms"

[model.mine]
equations = """
dv/dt = (E - v)/tau_x : volt
"""
threshold = "v > 10*mV"
[model.mine.parameters]
E = "12 mV"
tau = "10 ms"
[population.a]
size = 1
model = "mine"
)";
  try {
    read(text);
    FAIL();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("net.toml:5:17"), std::string::npos) << message;
    EXPECT_NE(message.find("equations of 'mine'"), std::string::npos) << message;
  }
}

TEST(NetworkFile, OverridesOfUnknownThingsAreErrors) {
  const auto message = [](const std::string& key, const std::string& value) -> std::string {
    try {
      read(plain, {.scale = 1, .dt = {}, .set = {{key, value}}});
      return "accepted";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_NE(message("ecx.V_th", "-51 mV").find("did you mean 'exc.V_th'?"), std::string::npos);
  EXPECT_NE(message("exc.V_ht", "-51 mV").find("did you mean 'V_th'?"), std::string::npos);
  EXPECT_NE(message("exc.V_th", "-51 pA").find("expected volt"), std::string::npos);
  EXPECT_NE(message("exc.V_th", "nan").find("--set exc.V_th"), std::string::npos);
  EXPECT_NE(message("g", "3").find("nothing in the network"), std::string::npos);
}

TEST(NetworkFile, DamagedTextsGiveErrorsAndNeverCrash) {
  std::mt19937 bits(11);
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(bits() % n); };
  const std::string pieces[] = {"[", "]",      "{",     "}",   "\"",      "=",    "\n",
                                ".", "-1",     "1e400", "nan", "[[",      "\xff", "\\",
                                "'", "\"\"\"", ":",     "(",   "by_pair", "0 mV", ","};
  int accepted = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string text = i % 2 ? everything : plain;
    for (std::size_t k = 0, n = 1 + pick(3); k < n; ++k) {
      const std::size_t at = pick(text.size());
      switch (pick(4)) {
        case 0:
          text.erase(at, 1 + pick(20));
          break;
        case 1:
          text.insert(at, pieces[pick(std::size(pieces))]);
          break;
        case 2:
          text[at] = static_cast<char>(bits());
          break;
        default:
          text = text.substr(0, at);
      }
      if (text.empty()) text = "\n";
    }
    try {
      read(text);
      ++accepted;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 1400);
}

TEST(NetworkFile, DeepAndLargeTextsEndInErrors) {
  EXPECT_THROW(read("x = " + std::string(100000, '[')), Error);
  EXPECT_THROW(read("dt = \"" + std::string(100000, '(') + "\""), Error);
  EXPECT_THROW(read("[population.a]\nsize = 1e18\nmodel = \"lif_psc_exp\"\n"), Error);
  EXPECT_THROW(read(""), Error);
}

}  // namespace
}  // namespace callosum::format
