#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"

namespace callosum::app {
namespace {

using Json = nlohmann::json;

/// Some of the images that come with callosum, and few neurons.
constexpr const char* clothes = R"(
name = "clothes"
dt = "1 ms"
[model.lif]
base = "lif_psc_delta"
parameters = { E_L = "0 mV", V_reset = "0 mV", V_th = "1 mV", t_ref = "0 ms" }
[population.in]
size = 784
model = "spike_list"
[population.out]
size = 10
model = "lif"
[[projection]]
name = "in"
from = "in"
to = "out"
rule = "all_to_all"
target = "V_m"
weight = { normal = ["0 mV", "0.05 mV"] }
[data]
set = "fashion-mnist"
steps = 8
probability = 0.3
training = 200
test = 60
validation = 50
[train]
readout = "out.count"
width = "0.3 mV"
batch = 50
epochs = 2
)";

bool can_train() {
  return std::filesystem::exists(std::string(CALLOSUM_BINARY_DIR) + "/bin/callosum-train");
}

TEST(Train, WritesANetworkThatBothEnginesEvaluateAlike) {
  if (!can_train()) GTEST_SKIP() << "this build has no libtorch";
  const std::string folder = fresh_folder("train");
  write(folder + "/clothes.toml", clothes);
  const Outcome trained = callosum("train clothes.toml --threads 1 --json --out there", folder);
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json json = Json::parse(trained.out);
  EXPECT_EQ(json["epochs"], 2);
  EXPECT_EQ(json["curves"]["validation_accuracy"].size(), 2u);
  EXPECT_EQ(Json::parse(read(folder + "/there/train.json")), json);
  EXPECT_TRUE(contains(read(folder + "/there/report.html"), "Firing rates"));
  std::vector<std::string> hashes;
  for (const std::string engine : {"module", "events"}) {
    const Outcome r = callosum("eval there/clothes.toml --threads 2 --json --engine " + engine +
                                   " --counts " + engine + ".csv",
                               folder);
    ASSERT_EQ(r.code, 0) << r.err;
    const Json e = Json::parse(r.out);
    EXPECT_EQ(e["samples"], 60);
    EXPECT_EQ(e["accuracy"], json["test"]["accuracy"]);
    hashes.push_back(e["outputs_hash"]);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_EQ(read(folder + "/module.csv"), read(folder + "/events.csv"));
  // The trained file is a network like any other.
  EXPECT_EQ(callosum("run there/clothes.toml --time 5ms --no-report", folder).code, 0);
  // Two more epochs from the checkpoint.
  const Outcome more =
      callosum("train clothes.toml --threads 1 --epochs 4 --resume --json --out there", folder);
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_EQ(Json::parse(more.out)["curves"]["loss"].size(), 4u);
  EXPECT_TRUE(Json::parse(more.out)["resumed"]);
}

TEST(Train, SaysWhatIsWrong) {
  if (!can_train()) GTEST_SKIP() << "this build has no libtorch";
  const std::string folder = fresh_folder("train_wrong");
  write(folder + "/plain.toml", tiny_network);
  const Outcome plain = callosum("train plain.toml", folder);
  EXPECT_EQ(plain.code, 1);
  EXPECT_TRUE(contains(plain.err, "[data]")) << plain.err;
  EXPECT_EQ(callosum("train", folder).code, 2);
  EXPECT_EQ(callosum("eval plain.toml --engine event", folder).code, 2);
  EXPECT_TRUE(contains(callosum("train --help", folder).out, "Examples:"));
  EXPECT_TRUE(contains(callosum("--help", folder).out, "eval"));
}

}  // namespace
}  // namespace callosum::app
