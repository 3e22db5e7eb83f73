#include "callosum/format/network_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
#include "tests/format/network_texts.h"

namespace callosum::format {
namespace {

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

TEST(NetworkFile, ReadsARunTable) {
  const NetworkFile file =
      read(plain + "[run]\ntime = \"3 s\"\nseed = 7\nprecision = \"double\"\n");
  EXPECT_EQ(file.duration, "3 s");
  EXPECT_EQ(file.seed, 7u);
  EXPECT_EQ(file.precision, Precision::twofold);
  EXPECT_EQ(read(plain + "[run]\nseed = \"18446744073709551615\"\n").seed, ~0ull);
  EXPECT_FALSE(read(plain).seed);
  EXPECT_EQ(read(plain).replicas, 1);
  EXPECT_EQ(read(plain + "[run]\nreplica = 4294967295\n").replica, 4294967295u);
  EXPECT_EQ(read(plain + "[run]\nreplicas = 8\n").replicas, 8);
  for (const char* wrong :
       {"replica = 4294967296", "replica = -1", "replicas = 0", "replicas = 1.5"})
    EXPECT_THROW(read(plain + "[run]\n" + wrong + "\n"), Error) << wrong;
  const std::string again = file.resolved + "\n[run]\nseed = 7\n";
  EXPECT_EQ(read(again).seed, 7u);
  EXPECT_EQ(read(again).network.hash(), file.network.hash());
}

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

}  // namespace
}  // namespace callosum::format
