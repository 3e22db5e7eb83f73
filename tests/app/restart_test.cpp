#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "program.h"

// Runs that stop and go on in another process.
namespace callosum::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string folder_with_tiny(const std::string& name) {
  const std::string folder = fresh_folder(name);
  write(folder + "/tiny.toml", tiny_network);
  return folder;
}

TEST(Restart, InAnotherProcessOnOtherThreadsLeavesTheSameFiles) {
  const std::string folder = folder_with_tiny("pieces");
  const Outcome whole = callosum("run tiny.toml --time 300ms --seed 4 --json --out whole", folder);
  ASSERT_EQ(whole.code, 0) << whole.err;
  const Outcome first = callosum(
      "run tiny.toml --time 123.4ms --seed 4 --precision float --threads 2 --out pieces "
      "--checkpoint c --checkpoint-every 7.3ms",
      folder);
  ASSERT_EQ(first.code, 0) << first.err;
  // Seed and precision are the checkpoint's.
  const Outcome second = callosum(
      "run tiny.toml --time 300ms --threads 3 --json --out pieces --checkpoint c --resume c",
      folder);
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(json::parse(second.out)["spike_hash"], json::parse(whole.out)["spike_hash"]);
  EXPECT_EQ(json::parse(second.out)["populations"], json::parse(whole.out)["populations"]);
  EXPECT_EQ(json::parse(second.out)["synaptic_events"], json::parse(whole.out)["synaptic_events"]);
  for (const char* file : {"/run.toml", "/spikes.csv"})
    EXPECT_EQ(read(folder + "/pieces" + file), read(folder + "/whole" + file)) << file;
  // The end of a run is a checkpoint, too: nothing is left to do.
  const Outcome third =
      callosum("run tiny.toml --time 300ms --json --no-report --resume c", folder);
  ASSERT_EQ(third.code, 0) << third.err;
  EXPECT_EQ(json::parse(third.out)["spike_hash"], json::parse(whole.out)["spike_hash"]);
}

TEST(Restart, AfterSigtermGoesOnFromWhereItStopped) {
  const std::string folder = folder_with_tiny("sigterm");
  const Outcome run = signalled(SIGTERM, simulating,
                                "run tiny.toml --time 100000s --no-report --checkpoint c", folder);
  EXPECT_EQ(run.code, 75) << run.err;
  EXPECT_TRUE(contains(run.err, "--resume 'c' goes on from there")) << run.err;
  EXPECT_TRUE(fs::exists(folder + "/c"));
  const Outcome early = callosum("run tiny.toml --time 0.1ms --no-report --resume c", folder);
  EXPECT_EQ(early.code, 1);
  EXPECT_TRUE(contains(early.err, "later than the run is to end")) << early.err;
}

// CALLOSUM_KILLS=50 is the long form.
TEST(Restart, AfterEverySigkillLeavesTheSameHashAndFiles) {
  const char* kills = std::getenv("CALLOSUM_KILLS");
  const std::string folder = fresh_folder("kills");
  const std::string command =
      CALLOSUM_SOURCE_DIR "/scripts/kill-and-resume " + std::string(kills ? kills : "5") +
      " " CALLOSUM_BINARY_DIR "/bin/callosum '" + folder + "' >'" + folder + "/said' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << read(folder + "/said");
}

TEST(Restart, IsRefusedByWhatDoesNotAgree) {
  const std::string folder = folder_with_tiny("refused");
  ASSERT_EQ(callosum("run tiny.toml --time 10ms --no-report --checkpoint c", folder).code, 0);
  std::string bytes = read(folder + "/c");
  std::ofstream(folder + "/torn", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(folder + "/damaged", std::ios::binary) << bytes;
  struct Mistake {
    const char* options;
    const char* part;
  };
  for (const Mistake& mistake :
       {Mistake{"--resume c --dt 0.05ms", "another time step"},
        Mistake{"--resume c --set exc.I_e=500pA", "another network"},
        Mistake{"--resume c --seed 2", "another seed"},
        Mistake{"--resume c --precision double", "another precision"},
        Mistake{"--resume torn", "torn"}, Mistake{"--resume damaged", "damaged"},
        Mistake{"--resume tiny.toml", "this is no checkpoint"},
        Mistake{"--resume nothing", "cannot be read"},
        Mistake{"--checkpoint c", "a checkpoint stands there already"},
        Mistake{"--checkpoint-every 1ms", "--checkpoint FILE"},
        Mistake{"--checkpoint d --checkpoint-every 0ms", "too short"},
        Mistake{"--checkpoint d --checkpoint-every 0.15ms", "--checkpoint-every"}}) {
    const Outcome run =
        callosum(std::string("run tiny.toml --time 20ms --no-report ") + mistake.options, folder);
    EXPECT_EQ(run.code, 1) << mistake.options << '\n' << run.err;
    EXPECT_TRUE(contains(run.err, mistake.part)) << mistake.options << '\n' << run.err;
    EXPECT_FALSE(fs::exists(folder + "/d")) << mistake.options;
  }
  EXPECT_EQ(callosum("run tiny.toml --time 20ms --no-report --resume c", folder).code, 0);
}

}  // namespace
}  // namespace callosum::app
