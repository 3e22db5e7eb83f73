#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"

namespace callosum::app {
namespace {

using nlohmann::json;

// Neurons that fire at random.
const std::string noisy = std::string(tiny_network) + R"(
[[stimulus]]
kind = "poisson"
to = ["exc"]
target = "g_ex"
rate = "3 kHz"
weight = "3 nS"
)";

json run(const std::string& folder, const std::string& options) {
  write(folder + "/noisy.toml", noisy);
  const Outcome done = callosum("run noisy.toml --time 200ms --json " + options, folder);
  EXPECT_EQ(done.code, 0) << done.err;
  return json::parse(done.out);
}

TEST(RunReplicas, AreTheRunsOfTheirNumbersForAnyThreads) {
  const std::string folder = fresh_folder("replicas");
  const json both = run(folder, "--replicas 3 --threads 2 --out all");
  EXPECT_EQ(run(folder, "--replicas 3 --threads 1 --no-report")["replicas"], both["replicas"]);
  ASSERT_EQ(both["replicas"].size(), 3u);
  EXPECT_FALSE(both.contains("spike_hash"));
  double spikes = 0, rates = 0, squares = 0;
  for (const json& one : both["replicas"]) {
    const std::string number = std::to_string(one["replica"].get<int>());
    const json alone = run(folder, "--threads 2 --replica " + number + " --out alone");
    for (const char* key : {"spike_hash", "spikes", "synaptic_events", "replica"})
      EXPECT_EQ(alone[key], one[key]) << key;
    for (const char* file : {"/spikes.csv", "/run.toml"})
      EXPECT_EQ(read(folder + "/alone" + file), read(folder + "/all/replica-" + number + file));
    const double rate = one["populations"][0]["rate_hz"].get<double>();
    spikes += one["spikes"].get<double>();
    rates += rate;
    squares += rate * rate;
  }
  const json& exc = both["populations"][0];
  EXPECT_GT(exc["rate_hz_sd"], 0);
  EXPECT_NEAR(exc["rate_hz"], rates / 3, 1e-9);
  EXPECT_NEAR(exc["rate_hz_sd"], std::sqrt((squares - rates * rates / 3) / 2), 1e-6);
  EXPECT_EQ(both["spikes"], spikes);
}

TEST(RunReplicas, LeaveAFolderThatRepeatsThem) {
  const std::string folder = fresh_folder("replicas_folder");
  const json first = run(folder, "--replicas 2 --seed 4 --out all");
  const std::string page = read(folder + "/all/report.html");
  EXPECT_TRUE(contains(page, "replica-1/report.html"));
  EXPECT_TRUE(contains(page, first["replicas"][1]["spike_hash"].get<std::string>()));
  EXPECT_TRUE(std::filesystem::exists(folder + "/all/replica-1/report.html"));
  EXPECT_EQ(json::parse(read(folder + "/all/run.json"))["replicas"], first["replicas"]);
  const Outcome again = callosum("run all/run.toml --json --out again", folder);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["replicas"], first["replicas"]);
  const Outcome one = callosum("run all/replica-1/run.toml --json --no-report", folder);
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(json::parse(one.out)["spike_hash"], first["replicas"][1]["spike_hash"]);
}

TEST(RunReplicas, PrintMeansAndDeviations) {
  const std::string folder = fresh_folder("replicas_table");
  write(folder + "/noisy.toml", noisy);
  const Outcome done = callosum("run noisy.toml --time 100ms --replicas 2", folder);
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.out, " +- ")) << done.out;
  EXPECT_TRUE(contains(done.out, "2 replicas of 100 ms")) << done.out;
}

TEST(RunReplicas, KeepTheCompleteOnesWhenInterrupted) {
  const std::string folder = fresh_folder("replicas_interrupt");
  write(folder + "/noisy.toml", noisy);
  const Outcome stopped =
      signalled(SIGINT, simulating, "run noisy.toml --time 100000s --replicas 2 --out o", folder);
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_TRUE(contains(stopped.err, "0 of 2 replicas are complete")) << stopped.err;
  EXPECT_FALSE(std::filesystem::exists(folder + "/o"));
}

TEST(RunReplicas, RefuseWhatIsOfOneRun) {
  const std::string folder = fresh_folder("replicas_mistakes");
  write(folder + "/noisy.toml", noisy);
  const Outcome checkpoint = callosum("run noisy.toml --replicas 2 --checkpoint c", folder);
  EXPECT_EQ(checkpoint.code, 1);
  EXPECT_TRUE(contains(checkpoint.err, "--checkpoint")) << checkpoint.err;
  EXPECT_TRUE(contains(checkpoint.err, "--replica NUMBER")) << checkpoint.err;
  EXPECT_EQ(callosum("run noisy.toml --replicas 2 --replica 1", folder).code, 2);
  EXPECT_EQ(callosum("run noisy.toml --replicas 0", folder).code, 2);
  write(folder + "/many.toml", noisy + "[run]\nreplicas = 0\n");
  const Outcome none = callosum("run many.toml", folder);
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "replicas = 0")) << none.err;
}

}  // namespace
}  // namespace callosum::app
