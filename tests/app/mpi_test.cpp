#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.h"

// Runs by several processes under a real MPI launcher. What they do is tested more closely in
// tests/sim/ranks_test.cpp.
namespace callosum::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

#ifdef CALLOSUM_MPIEXEC

// As root, on fewer cores than ranks, as CI has it. What OpenMPI keeps until the end is no leak of
// ours.
const std::string setting =
    "export ASAN_OPTIONS=detect_leaks=0 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
    "OMPI_MCA_rmaps_base_"
    "oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none\n"
    "run='" CALLOSUM_BINARY_DIR "/bin/callosum run " CALLOSUM_SOURCE_DIR
    "/networks/coba.toml --threads 1'\n";

std::string mpi(int ranks) {
  return "timeout 60 " CALLOSUM_MPIEXEC " -n " + std::to_string(ranks) + " ";
}

Outcome script(const std::string& lines, const std::string& folder) {
  return shell(setting + lines, folder);
}

TEST(MpiRun, LeavesTheFilesThatOneProcessLeaves) {
  const std::string folder = fresh_folder("mpi");
  const Outcome one = script("$run --time 200ms --json --out one", folder);
  ASSERT_EQ(one.code, 0) << one.err;
  for (int ranks : {2, 3}) {
    const Outcome more = script(mpi(ranks) + "$run --time 200ms --json --out more", folder);
    ASSERT_EQ(more.code, 0) << more.err;
    const json a = json::parse(one.out), b = json::parse(more.out);
    EXPECT_EQ(b["ranks"], ranks);
    for (const char* key :
         {"spike_hash", "spikes", "synaptic_events", "synapses", "populations", "neurons"})
      EXPECT_EQ(a[key], b[key]) << key;
    for (const char* file : {"/spikes.csv", "/run.toml"})
      EXPECT_EQ(read(folder + "/one" + file), read(folder + "/more" + file)) << file;
    EXPECT_TRUE(fs::exists(folder + "/more/report.html"));
  }
}

TEST(MpiRun, ThatLosesARankEndsAndLeavesItsLastCheckpoint) {
  const std::string folder = fresh_folder("mpi_killed");
  // The second process of the launcher is killed once a checkpoint stands.
  const Outcome killed = script(
      mpi(2) +
          "$run --time 1000s --no-report --checkpoint c --checkpoint-every 50ms & launcher=$!\n"
          "while [ ! -e c ]; do kill -0 $launcher || exit 9; sleep 0.05; done; sleep 0.2\n"
          "for f in /proc/[0-9]*/environ; do\n"
          "  if grep -qz OMPI_COMM_WORLD_RANK=1 $f 2>/dev/null && grep -qz PWD=$PWD $f; then\n"
          "    p=${f#/proc/}; kill -KILL ${p%/environ}\n"
          "  fi\n"
          "done\n"
          "wait $launcher\n",
      folder);
  EXPECT_GT(killed.code, 1) << killed.err;
  EXPECT_TRUE(contains(killed.err, "exited on signal 9")) << killed.err;
  const Outcome state =
      script("$run --time 0.1ms --no-report --resume c 2>&1 | grep -o 'got [0-9.]* [m]*s'", folder);
  ASSERT_TRUE(contains(state.out, "got ")) << state.out;
  const std::string later =
      std::to_string(std::stod(state.out.substr(4)) * (contains(state.out, "ms") ? 1.0 : 1000.0) +
                     50) +
      "ms";
  const Outcome on = script("$run --json --no-report --resume c --time " + later, folder);
  const Outcome whole = script("$run --json --no-report --time " + later, folder);
  ASSERT_EQ(on.code, 0) << on.err;
  EXPECT_EQ(json::parse(on.out)["spike_hash"], json::parse(whole.out)["spike_hash"]);
}

TEST(MpiRun, ThatIsAskedToStopGoesOnWithOtherRanks) {
  const std::string folder = fresh_folder("mpi_stopped");
  const Outcome stopped =
      script(mpi(2) +
                 "$run --time 1000s --no-report --checkpoint c & launcher=$!\n"
                 "while [ ! -e c.recordings ]; do kill -0 $launcher || exit 9; sleep 0.05; done\n"
                 "sleep 0.5; kill -USR1 $(cat /proc/$launcher/task/$launcher/children)\n"
                 "wait $launcher\n",
             folder);
  EXPECT_EQ(stopped.code, 75) << stopped.err;
  EXPECT_TRUE(contains(stopped.err, "--resume 'c' goes on from there")) << stopped.err;
  const Outcome early = script(mpi(3) + "$run --time 0.1ms --no-report --resume c", folder);
  EXPECT_EQ(early.code, 1);
  EXPECT_TRUE(contains(early.err, "later than the run is to end")) << early.err;
}

TEST(MpiRun, TellsOnceOfWhatAllRanksRunInto) {
  const Outcome run = script(mpi(3) + "$run --time 1.05ms", fresh_folder("mpi_wrong"));
  EXPECT_EQ(run.code, 1);
  const auto first = run.err.find("error: [option --time]");
  EXPECT_NE(first, std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("error: ", first + 1), std::string::npos) << run.err;
}

TEST(MpiRun, EndsWhenOneRankAloneFails) {
  const Outcome run = script(mpi(1) +
                                 "$run --time 10s --no-report : -n 1 $run --time 10s "
                                 "--no-report --set exc.V_thh=1mV",
                             fresh_folder("mpi_alone"));
  EXPECT_EQ(run.code, 1);
  EXPECT_TRUE(contains(run.err, "error on rank 1: [--set exc]")) << run.err;
}

TEST(MpiRun, IsRefusedWithoutThePartForMpi) {
  const Outcome run =
      script("CALLOSUM_MPI=/nowhere/part.so OMPI_COMM_WORLD_SIZE=2 $run --time 1ms", ".");
  EXPECT_EQ(run.code, 4);
  EXPECT_TRUE(contains(run.err, "part for MPI is missing")) << run.err;
}

#else

TEST(MpiRun, NeedsMpi) { GTEST_SKIP() << "built without MPI: scripts/setup mpi installs it"; }

#endif

}  // namespace
}  // namespace callosum::app
