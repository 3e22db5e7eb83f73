#include "callosum/format/network_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "callosum/core/error.h"

namespace callosum::format {
namespace {

const std::string plain = R"(dt = "0.1 ms"
[population.exc]
size = 100
model = "lif_psc_exp"
parameters = { V_th = "-50 mV" }
initial = { V_m = { normal = ["-60 mV", "5 mV"] } }

[population.inh]
size = 25
model = "lif_psc_exp"

[[projection]]
from = "exc"
to = ["exc", "inh"]
rule = { fixed_probability = 0.1 }
target = "I_ex"
weight = "20 pA"
delay = "1.5 ms"

[[record]]
spikes = ["exc", "inh"]
)";

NetworkFile read(const std::string& text, const NetworkOverrides& overrides = {}) {
  return read_network_text(text, "net.toml", overrides);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(NetworkFile, BuildsWhatItSays) {
  const NetworkFile file =
      read("title = \"T\"\nduration = \"2 s\"\nschedule = \"brian2\"\n" + plain);
  const Network& net = file.network;
  EXPECT_EQ(file.title, "T");
  EXPECT_EQ(file.duration, "2 s");
  EXPECT_EQ(net.schedule(), model::Schedule::brian2);
  ASSERT_EQ(net.populations().size(), 2u);
  EXPECT_EQ(net.populations()[0].name, "exc");
  EXPECT_EQ(net.populations()[0].parameters.at("V_th").first(), -50);
  EXPECT_EQ(net.populations()[0].initial.at("V_m"),
            Values::normal(parse_quantity("-60 mV"), parse_quantity("5 mV")));
  ASSERT_EQ(net.projections().size(), 2u);
  EXPECT_EQ(net.projections()[1].to.population, 1u);
  EXPECT_EQ(net.projections()[1].rule, fixed_probability(0.1));
  EXPECT_EQ(net.projections()[0].synapse.weight.first(), 20);
  EXPECT_EQ(net.recorders().size(), 2u);
}

TEST(NetworkFile, KeepsTheOrderOfPopulations) {
  const NetworkFile file = read(
      "[population.z]\nsize = 1\nmodel = \"lif_psc_exp\"\n[population.a]\nsize = 2\nmodel = "
      "\"lif_psc_exp\"\n[population.m]\nsize = 3\nmodel = \"lif_psc_exp\"\n");
  EXPECT_EQ(file.network.populations()[0].name, "z");
  EXPECT_EQ(file.network.populations()[1].name, "a");
  EXPECT_EQ(file.network.populations()[2].name, "m");
}

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

TEST(NetworkFile, ModelsMayStandInlineInAFileOrOnALibraryModel) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "callosum_format";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine.toml") << R"(kind = "neuron"
equations = "dv/dt = -v/tau : volt"
threshold = "v > 10*mV"
reset = "v = 0*mV"
[parameters]
tau = "30 ms"
)";
  std::ofstream(folder / "net.toml") << R"(
[variables]
T = "15 ms"
[model.inline]
equations = """
dv/dt = (E - v)/tau : volt
dI/dt = -I/tau : amp
"""
threshold = "v > 10*mV"
reset = "v = 0*mV"
[model.inline.parameters]
E = "12 mV"
tau = { value = "10 ms", range = "> 0 ms" }
[model.based]
base = "lif_psc_exp"
parameters = { tau_m = "2 * T" }
[population.a]
size = 1
model = "inline"
[population.b]
size = 1
model = "file:mine.toml"
[population.c]
size = 1
model = "based"
[population.d]
size = 1
model = "iaf_psc_exp"
)";
  const Network net = read_network((folder / "net.toml").string()).network;
  EXPECT_EQ(*net.populations()[0].model.at("E").value, 12);
  EXPECT_EQ(net.populations()[0].model.name(), "inline");
  EXPECT_EQ(*net.populations()[1].model.at("tau").value, 30);
  EXPECT_EQ(*net.populations()[2].model.at("tau_m").value, 30);
  EXPECT_EQ(net.populations()[3].model.name(), "lif_psc_exp");
  std::filesystem::remove_all(folder);
  EXPECT_THROW(read_network("/nowhere/net.toml"), FileError);
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

TEST(NetworkFile, GivesEachPairOfAListItsOwnValues) {
  const NetworkFile file = read(R"(
[population.a]
size = 10
model = "lif_psc_exp"
[population.b]
size = 20
model = "lif_psc_exp"
[[projection]]
name = "all"
from = ["a", "b"]
to = ["a", "b"]
rule = { fixed_total_number = { by_pair = [[1, 2], [0, 4]] } }
target = "I_ex"
weight = { normal = [{ by_source = ["1 pA", "2 pA"] }, "0.1 pA"] }
delay = { by_target = ["1 ms", "2 ms"] }
autapses = false
)");
  const auto& all = file.network.projections();
  ASSERT_EQ(all.size(), 3u);  // none for the pair with 0
  const auto is = [&](std::size_t i, std::uint32_t from, std::uint32_t to, std::uint64_t number,
                      double weight, double delay) {
    EXPECT_EQ(all[i].from.population, from);
    EXPECT_EQ(all[i].to.population, to);
    EXPECT_EQ(all[i].rule.number, number);
    EXPECT_FALSE(all[i].rule.autapses);
    EXPECT_EQ(all[i].synapse.weight.first(), weight);
    EXPECT_EQ(all[i].synapse.delay->first(), delay);
  };
  is(0, 0, 0, 1, 1, 1);
  is(1, 1, 0, 2, 2, 1);
  is(2, 1, 1, 4, 2, 2);
  EXPECT_EQ(all[2].name, "all: b -> b");
}

TEST(NetworkFile, VariablesAndOverridesEnterValues) {
  const std::string text = R"(
[variables]
g = 4
J = "0.1 mV"
K = "100 * g"
[population.exc]
size = "2 * K"
model = "lif_psc_delta"
[[projection]]
name = "inner"
from = "exc"
to = "exc"
rule = { fixed_indegree = "0.1 * K" }
target = "V_m"
weight = "-g * J"
delay = "1 ms"
[[stimulus]]
name = "noise"
kind = "poisson"
to = "exc"
target = "V_m"
rate = "8 Hz * 10"
weight = "J"
)";
  const Network net = read(text).network;
  EXPECT_EQ(net.neurons(), 800u);
  EXPECT_EQ(net.projections()[0].rule.number, 40u);
  EXPECT_EQ(net.projections()[0].synapse.weight.first(), -0.4);
  EXPECT_EQ(net.stimuli()[0].rate.first(), 0.08);
  NetworkOverrides o;
  o.dt = "0.2 ms";
  o.set = {{"g", "5"},
           {"exc.V_th", "-51 mV"},
           {"exc.V_m", "-66 mV"},
           {"noise.rate", "3 Hz"},
           {"inner.delay", "2.4 ms"}};
  const Network changed = read(text, o).network;
  EXPECT_EQ(changed.grid().dt_ms(), 0.2);
  EXPECT_EQ(changed.neurons(), 1000u);
  EXPECT_EQ(changed.projections()[0].synapse.weight.first(), -0.5);
  EXPECT_EQ(changed.projections()[0].synapse.delay->first(), 2.4);
  EXPECT_EQ(changed.populations()[0].parameters.at("V_th").first(), -51);
  EXPECT_EQ(changed.populations()[0].initial.at("V_m").first(), -66);
  EXPECT_EQ(changed.stimuli()[0].rate.first(), 0.003);
  o.set = {{"exc.size", "50"}};
  EXPECT_EQ(read(text, o).network.neurons(), 50u);
}

TEST(NetworkFile, ATitleSaysAtWhichScaleTheNetworkIs) {
  const std::string titled = "title = \"Mine\"\n" + std::string(plain);
  NetworkOverrides tenth;
  tenth.scale = 0.1;
  const NetworkFile scaled = read_network_text(titled, "net.toml", tenth);
  EXPECT_EQ(scaled.title, "Mine, scale 0.1");
  EXPECT_EQ(read_network_text(scaled.resolved, "run.toml").title, "Mine, scale 0.1");
  EXPECT_EQ(read_network_text(titled, "net.toml").title, "Mine");
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

TEST(NetworkFile, ReadsARunTable) {
  const NetworkFile file =
      read(plain + "[run]\ntime = \"3 s\"\nseed = 7\nprecision = \"double\"\n");
  EXPECT_EQ(file.duration, "3 s");
  EXPECT_EQ(file.seed, 7u);
  EXPECT_EQ(file.precision, Precision::twofold);
  EXPECT_EQ(read(plain + "[run]\nseed = \"18446744073709551615\"\n").seed, ~0ull);
  EXPECT_FALSE(read(plain).seed);
  const std::string again = file.resolved + "\n[run]\nseed = 7\n";
  EXPECT_EQ(read(again).seed, 7u);
  EXPECT_EQ(read(again).network.hash(), file.network.hash());
}

const std::string everything = R"(
name = "all of it"
doc = """two
lines with "quotes" and \\ backslash"""
dt = "0.25 ms"
[model.syn]
kind = "synapse"
on_pre = "target += weight * factor"
[model.syn.parameters]
factor = { value = "2", doc = "gain" }
[population."odd name"]
size = 6
model = "lif_cond_exp"
parameters = { I_e = ["1 pA", "2 pA", "3.3 pA", "4 pA", "5 pA", "0.1234567890123456 nA"] }
initial = { V_m = { uniform = ["-60 mV", "-50 mV"], low = "-58 mV", policy = "clip" } }
space = { extent = ["1 mm", "0.5 mm"], wrap = true, layout = "grid" }
method = "rk4"
substeps = { g_ex = 2 }
[population.b]
size = 2
model = "lif_psc_exp"
parameters = { tau_m = { lognormal = ["10 ms", 0.1], low = "1 ms" }, I_e = { exponential = "3 pA" } }
space = { extent = ["1 mm", "0.5 mm"], wrap = true, positions = [["0 um", "1 um"], ["5.5 um", "1 um"]] }
[population.list]
size = 3
model = "spike_list"
spikes = { neurons = [2, 0, 1], times = ["1 ms", "0.75 ms", "0.5 s"] }
[[projection]]
from = "list"
to = { population = "odd name", neurons = [0, 2, 5] }
rule = { pairs = { sources = [0, 1, 2], targets = [2, 1, 0] } }
target = "g_ex"
weight = ["1 nS", "2 nS", "3 nS"]
delay = "1 ms"
[[projection]]
from = "list"
to = "odd name[1:5:2]"
rule = { rows = { offsets = [0, 1, 1, 2], indices = [1, 0] } }
target = "g_in"
weight = { normal = ["1 nS", "0.1 nS"], low = "0 nS", high = "2 nS" }
[[projection]]
name = "near"
from = "odd name"
to = "b"
rule = { distance = { profile = "exponential", probability = 0.3, width = "100 um", maximum = "0.5 mm" } }
synapse = "syn"
parameters = { factor = 3 }
target = "I_ex"
weight = "1 pA"
delay = { normal = ["1 ms", "0.2 ms"], low = "0.25 ms" }
velocity = "0.3 m/s"
state = "per_synapse"
[[projection]]
from = "b"
to = "b"
rule = { fixed_outdegree = 1 }
autapses = false
multapses = false
target = "I_in"
weight = "-1 pA"
delay = "2 ms"
[[stimulus]]
kind = "constant"
to = ["odd name", "b"]
target = "I_e"
value = { by_target = ["1 pA", "2 pA"] }
start = "10 ms"
stop = "20 ms"
[[stimulus]]
kind = "steps"
to = "b"
target = "I_e"
times = ["0 ms", "1.5 ms"]
values = ["0 pA", "7 pA"]
[[stimulus]]
kind = "sine"
to = "b"
target = "I_e"
amplitude = "3 pA"
frequency = "10 Hz"
phase = 0.5
[[stimulus]]
kind = "noise"
to = "b[0]"
target = "I_e"
amplitude = "3 pA"
interval = "1 ms"
[[stimulus]]
kind = "poisson"
name = "background"
to = "odd name[:3]"
target = "g_ex"
rate = ["1 Hz", "2 Hz", "3 Hz"]
sources = 100
weight = "0.5 nS"
[[stimulus]]
kind = "array"
to = "b"
target = "I_e"
samples = [["1 pA", "2 pA"], ["3 pA", "4 pA"]]
interval = "0.5 ms"
[[record]]
spikes = ["odd name", "b[1]"]
[[record]]
variables = ["b.V_m", { population = "odd name", neurons = [1, 3], variable = "g_ex" }]
interval = "1 ms"
[[record]]
weights = "near"
interval = "10 ms"
)";

TEST(Resolved, HoldsEveryFeatureOfTheFormat) {
  const NetworkFile file = read(everything);
  const NetworkFile again = read_network_text(file.resolved, "resolved.toml");
  EXPECT_EQ(again.network.hash(), file.network.hash()) << file.resolved;
  EXPECT_EQ(again.resolved, file.resolved);
  EXPECT_EQ(again.doc, file.doc);
  EXPECT_EQ(file.network.populations()[0].parameters.at("I_e").elements()[5], 123.4567890123456);
  EXPECT_EQ(file.network.stimuli().size(), 7u);
  EXPECT_EQ(file.network.recorders().size(), 5u);
  EXPECT_EQ(file.network.populations()[2].spike_steps, (std::vector<std::int64_t>{3, 4, 2000}));
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
