#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"

namespace callosum::app {
namespace {

/// Drawn synapses and values, small enough to be written out.
constexpr const char* drawn_network = R"(dt = "0.1 ms"
duration = "100 ms"
[population.in]
size = 20
model = "poisson"
parameters = { rate = "60 Hz" }
[population.exc]
size = 50
model = "lif_psc_delta"
parameters = { t_ref = "0 ms", I_e = "300 pA" }
initial = { V_m = { uniform = ["-65 mV", "-55 mV"] } }
[[projection]]
from = "in"
to = "exc"
rule = { fixed_probability = 0.5 }
target = "V_m"
weight = "1.5 mV"
[[projection]]
from = "exc"
to = "exc"
rule = { fixed_probability = 0.1 }
target = "V_m"
weight = { uniform = ["-2 mV", "2 mV"] }
delay = { uniform = ["0.5 ms", "0.9 ms"] }
[[record]]
spikes = ["exc", "in"]
)";

std::string hash_of(const std::string& network, const std::string& folder) {
  const Outcome run = callosum("run " + network +
                                   " --json --no-report --precision double --seed 5 "
                                   "--time 100ms",
                               folder);
  EXPECT_EQ(run.code, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_GT(json["spikes"].get<int>(), 200) << network;
  return json["spike_hash"].get<std::string>();
}

TEST(Convert, ANetworkIsTheSameCircuitAndTheCircuitTheSameNetworkFile) {
  const std::string folder = fresh_folder("convert");
  write(folder + "/drawn.toml", drawn_network);
  const Outcome out = callosum("convert drawn.toml circuit --seed 5 --time 100ms", folder);
  ASSERT_EQ(out.code, 0) << out.err;
  EXPECT_EQ(out.out, "circuit/simulation_config.json\n");
  const Outcome back = callosum("convert circuit again.toml", folder);
  ASSERT_EQ(back.code, 0) << back.err;
  const std::string expected = hash_of("drawn.toml", folder);
  EXPECT_EQ(hash_of("circuit/simulation_config.json", folder), expected);
  EXPECT_EQ(hash_of("again.toml", folder), expected);
  // The synapses lie beside the network file, not in it.
  EXPECT_LT(read(folder + "/again.toml").size(), 20000u);
  EXPECT_TRUE(std::filesystem::exists(folder + "/again.h5"));
}

TEST(Convert, ANetworkBecomesANirGraphAndTellsWhatIsNotKept) {
  const std::string folder = fresh_folder("convert-nir");
  write(folder + "/drawn.toml", drawn_network);
  const Outcome out = callosum("convert drawn.toml graph.nir --steps exact", folder);
  ASSERT_EQ(out.code, 0) << out.err;
  EXPECT_TRUE(contains(out.err, "not kept: the spikes of 'in'")) << out.err;
  const Outcome back = callosum("convert graph.nir net.toml --steps exact --dt 0.1ms", folder);
  ASSERT_EQ(back.code, 0) << back.err;
  EXPECT_TRUE(contains(back.err, "assumed: times are in seconds")) << back.err;
  EXPECT_TRUE(contains(read(folder + "/net.toml"), "discrete_lif"));
}

TEST(Convert, RunsOfCircuitsWriteWhereTheirConfigurationSays) {
  const std::string folder = fresh_folder("convert-run");
  write(folder + "/drawn.toml", drawn_network);
  ASSERT_EQ(callosum("convert drawn.toml circuit --time 50ms", folder).code, 0);
  const Outcome run = callosum("run circuit --out results --nwb run.nwb", folder);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "output: circuit/output/spikes.h5")) << run.out;
  for (const char* file : {"/circuit/output/spikes.h5", "/run.nwb", "/results/report.html"})
    EXPECT_TRUE(std::filesystem::exists(folder + file)) << file;
}

TEST(Convert, WhatCannotBeIsSaidWithItsName) {
  const std::string folder = fresh_folder("convert-errors");
  const Outcome format = callosum("convert coba coba.xml", folder);
  EXPECT_EQ(format.code, 1);
  EXPECT_TRUE(contains(format.err, "expected FILE.toml, FILE.nir")) << format.err;
  const Outcome model = callosum("convert coba coba.nir", folder);
  EXPECT_EQ(model.code, 1);
  EXPECT_TRUE(contains(model.err, "lif_cond_exp")) << model.err;
  const Outcome missing = callosum("convert nothing.nir x.toml", folder);
  EXPECT_EQ(missing.code, 1);
  EXPECT_TRUE(contains(missing.err, "nothing.nir")) << missing.err;
  EXPECT_EQ(callosum("convert coba", folder).code, 2);
  write(folder + "/drawn.toml", drawn_network);
  ASSERT_EQ(callosum("convert drawn.toml circuit", folder).code, 0);
  const Outcome set = callosum("run circuit --set exc.V_th=-50mV", folder);
  EXPECT_EQ(set.code, 1);
  EXPECT_TRUE(contains(set.err, "callosum convert")) << set.err;
}

}  // namespace
}  // namespace callosum::app
