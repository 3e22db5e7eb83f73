#include "callosum/sim/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
#include "tests/sim/busy_network.h"

// A run that was saved and goes on in another simulation is the run that never stopped.
namespace callosum {
namespace {

using namespace callosum::literals;
namespace fs = std::filesystem;

constexpr std::int64_t steps = 300;

std::string place(const std::string& name) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("callosum_ckp_" + std::to_string(getpid()));
  fs::create_directories(folder);
  return (folder / name).string();
}

struct Case {
  std::int64_t shortest;  ///< delay, and with it the exchange interval
  bool continuous;
  bool plain = false;
  Network network() const {
    return plain ? busy::plain_network(shortest) : busy::network(shortest, continuous);
  }
};

class AnyRestart : public testing::TestWithParam<Case> {
 protected:
  AnyRestart() : net(GetParam().network()) {}
  /// Runs to each cut, saves, and goes on in a new simulation with the next options.
  void expect_same_after(const std::vector<std::int64_t>& cuts,
                         const std::vector<SimulationOptions>& options, const Simulation& whole) {
    std::optional<Simulation> sim;
    sim.emplace(net, options[0]);
    for (std::size_t k = 0; k < cuts.size(); ++k) {
      sim->run_steps(cuts[k] - sim->step());
      sim->save(place("run"));
      sim.reset();
      sim.emplace(Simulation::resume(place("run"), net, options[(k + 1) % options.size()]));
      EXPECT_EQ(sim->step(), cuts[k]);
    }
    sim->run_steps(steps - sim->step());
    busy::expect_same(*sim, whole);
  }
  Network net;
};

TEST_P(AnyRestart, OnAndOffTheExchangeGridDoesNotShow) {
  Simulation whole(net, {});
  whole.run_steps(steps);
  const std::int64_t s = GetParam().shortest;
  for (const auto& cuts : std::vector<std::vector<std::int64_t>>{
           {0}, {1, 2, 3}, {s, 2 * s, 2 * s + 1}, {100}, {97, 98, 203}, {steps}}) {
    SCOPED_TRACE(testing::PrintToString(cuts));
    expect_same_after(cuts, {{}}, whole);
  }
}

TEST_P(AnyRestart, OnOtherThreadsAndLanesDoesNotShow) {
  Simulation whole(net, {});
  whole.run_steps(steps);
  expect_same_after({101}, {{.threads = 3}, {.threads = 1}}, whole);
  expect_same_after({5, 102, 205},
                    {{.threads = 1}, {.threads = 7}, {.threads = 2, .kernel = {.lanes = 4}}},
                    whole);
}

TEST_P(AnyRestart, AtDoublePrecisionDoesNotShow) {
  const SimulationOptions precise{.precision = Precision::twofold};
  Simulation whole(net, precise);
  whole.run_steps(steps);
  expect_same_after({77}, {precise}, whole);
}

TEST_P(AnyRestart, SavingDoesNotShowInTheRunThatIsSaved) {
  Simulation whole(net, {}), saved(net, {.threads = 2});
  whole.run_steps(steps);
  for (std::int64_t step : {3, 20, 97, 210}) {
    saved.run_steps(step - saved.step());
    saved.save(place("aside"));
    saved.save(place("aside"));
  }
  saved.run_steps(steps - saved.step());
  busy::expect_same(saved, whole);
}

TEST_P(AnyRestart, KeepsWhatWasSetAndHowRandomNumbersStand) {
  const View exc = net.population("exc");
  const auto begin = [&](Simulation& sim) {
    sim.run_steps(40);
    sim.reset(Reset::time);  // random numbers go on
    sim.run_steps(17);
    sim.set(net.slice(exc, 100, 1300), "I_e", Values::normal(500_pA, 100_pA));
    sim.set(exc, "V_m", Values::uniform(-70_mV, -60_mV));
  };
  Simulation whole(net, {});
  begin(whole);
  whole.run_steps(steps);
  Simulation first(net, {});
  begin(first);
  first.save(place("set"));
  first.run_steps(33);
  first.save(place("later"));
  for (const char* file : {"set", "later"}) {
    Simulation second = Simulation::resume(place(file), net, {.threads = 2});
    EXPECT_EQ(Recording(second.recording()).changes.size(), 2u);
    EXPECT_EQ(Recording(second.recording()).changes[0].value,
              Recording(whole.recording()).changes[0].value);
    second.run_steps(steps + 17 - second.step());
    busy::expect_same(second, whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Checkpoint, AnyRestart,
                         testing::Values(Case{1, false}, Case{7, false}, Case{20, false},
                                         Case{5, true}, Case{2, false, true},
                                         Case{15, false, true}),
                         [](const auto& info) {
                           return "From" + std::to_string(info.param.shortest) +
                                  (info.param.continuous ? "Continuous" : "") +
                                  (info.param.plain ? "Plain" : "");
                         });

class Streamed : public testing::Test {
 protected:
  Streamed() : net(busy::network(4)), whole(net, {}) {
    whole.run_steps(steps);
    fs::remove_all(place("stream"));
    fs::remove_all(place("elsewhere"));
  }
  void start(const std::string& folder) {
    Simulation sim(net, {.stream_dir = folder});
    sim.run_steps(99);
    sim.save(place("run"));
    sim.run_steps(50);  // streams on beyond the checkpoint, then is lost
  }
  void expect_same_from(const std::string& folder) {
    Simulation sim = Simulation::resume(place("run"), net, {.stream_dir = folder});
    sim.run_steps(steps - 99);
    busy::expect_same(sim, whole);
  }
  Network net;
  Simulation whole;
};

TEST_F(Streamed, RecordingsAreCutToTheCheckpointAsOftenAsItIsResumed) {
  start(place("stream"));
  for (int i = 0; i < 3; ++i) expect_same_from(place("stream"));
}

TEST_F(Streamed, RecordingsMayMoveIntoMemoryOrElsewhereOrOutOfMemory) {
  start(place("stream"));
  expect_same_from("");
  expect_same_from(place("elsewhere"));
  start("");
  expect_same_from(place("elsewhere"));
  expect_same_from("");
}

TEST_F(Streamed, RecordingsMoveTogetherWithTheCheckpoint) {
  start(place("stream"));
  fs::remove_all(place("moved"));
  fs::create_directories(place("moved"));
  fs::rename(place("run"), place("moved/run"));
  fs::rename(place("stream"), place("moved/stream"));
  Simulation sim = Simulation::resume(place("moved/run"), net, {});
  sim.run_steps(steps - 99);
  busy::expect_same(sim, whole);
}

TEST_F(Streamed, RecordingsThatWereLostOrReplacedAreRefused) {
  start(place("stream"));
  const fs::path file = place("stream") + "/spikes-1.rec";
  const auto size = fs::file_size(file);
  const auto refused = [&](const std::string& folder) {
    EXPECT_THROW(Simulation::resume(place("run"), net, {.stream_dir = folder}), FileError);
  };
  fs::resize_file(file, 100);
  refused(place("stream")), refused("");
  fs::copy_file(place("stream") + "/spikes-2.rec", file, fs::copy_options::overwrite_existing);
  fs::resize_file(file, size);
  refused(place("stream"));
  fs::remove(file);
  refused(place("stream")), refused("");
}

class Refused : public testing::Test {
 protected:
  static Network network(double weight = 1) {
    Network net(0.1_ms, "small");
    const View list = accumulators::add_spikes(net, "list", 1, {{3, 0}, {9, 0}});
    const View to = net.add("to", 5, accumulators::adder());
    net.connect(list, to, all_to_all(), {.target = "a", .weight = weight, .delay = 0.5_ms});
    net.record_spikes(list);
    return net;
  }
  Refused() {
    Simulation sim(network(), {.seed = 7});
    sim.run_steps(10);
    sim.save(place("small"));
  }
  static std::string message(const Network& net, SimulationOptions options) {
    try {
      Simulation::resume(place("small"), net, options);
    } catch (const FileError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Refused, ByWhatDoesNotAgree) {
  EXPECT_EQ(message(network(), {.seed = 7}), "");
  EXPECT_NE(message(network(2), {.seed = 7}).find("another network"), std::string::npos);
  EXPECT_NE(message(network(), {.seed = 8}).find("another seed: got 7, expected 8"),
            std::string::npos);
  EXPECT_NE(
      message(network(), {.seed = 7, .precision = Precision::twofold}).find("another precision"),
      std::string::npos);
  Network finer(0.05_ms, "small");
  EXPECT_NE(message(finer, {.seed = 7}).find("another time step"), std::string::npos);
}

TEST_F(Refused, NothingThatAgrees) {
  const CheckpointInfo info = read_checkpoint(place("small"));
  EXPECT_EQ(info.network, "small");
  EXPECT_EQ(info.network_hash, network().hash());
  EXPECT_EQ(info.seed, 7u);
  EXPECT_EQ(info.dt_ms, 0.1);
  EXPECT_EQ(info.precision, Precision::single);
  EXPECT_EQ(info.step, 10);
}

TEST_F(Refused, TornAndForeignFilesAndNothingElse) {
  std::ifstream in(place("small"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    std::ofstream(place("small"), std::ios::binary) << bytes.substr(0, size);
    EXPECT_NE(message(network(), {.seed = 7}), "") << size;
  }
  std::ofstream(place("small")) << "dt = \"0.1 ms\"\n";
  EXPECT_NE(message(network(), {.seed = 7}).find("this is no checkpoint"), std::string::npos);
  fs::remove(place("small"));
  EXPECT_NE(message(network(), {.seed = 7}).find("cannot be read"), std::string::npos);
  std::ofstream(place("small"), std::ios::binary) << bytes;
  EXPECT_EQ(message(network(), {.seed = 7}), "");
}

TEST_F(Refused, APlaceThatCannotBeWrittenLeavesTheRunAsItWas) {
  Simulation sim(network(), {}), quiet(network(), {});
  sim.run_steps(5), quiet.run_steps(20);
  EXPECT_THROW(sim.save("/nowhere/at/all"), FileError);
  sim.run_steps(15);
  EXPECT_EQ(sim.statistics().spike_hash, quiet.statistics().spike_hash);
}

}  // namespace
}  // namespace callosum
