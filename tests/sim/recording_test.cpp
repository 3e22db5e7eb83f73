#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
#include "tests/sim/busy_network.h"

namespace callosum {
namespace {

using namespace callosum::literals;

class StreamedRecording : public testing::Test {
 protected:
  StreamedRecording()
      : folder(std::filesystem::temp_directory_path() /
               ("callosum_stream_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~StreamedRecording() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST(Recording, OfAPartAtAnIntervalIsThatPartOfRecordingEverything) {
  Network net = busy::network(2);
  const View exc = net.population("exc");
  net.record(exc, "V_m");
  Simulation sim(net, {});
  sim.run_steps(210);
  const Recording r = sim.recording();
  const TraceRecord& all = r.traces.back();
  const TraceRecord& part = r.traces.front();  // neurons 1020 to 1030, every step
  ASSERT_EQ(part.variable, "V_m");
  ASSERT_EQ(part.samples(), 211u);
  for (std::size_t k = 0; k < part.samples(); ++k)
    for (std::size_t i = 0; i < part.indices.size(); ++i)
      EXPECT_EQ(part.values[k * part.indices.size() + i],
                all.values[k * all.indices.size() + part.indices[i]]);
}

TEST(Recording, SamplesStandAtMultiplesOfTheInterval) {
  Network net(0.1_ms);
  const View neurons =
      net.add("n", 2, library::neuron("lif_psc_exp"), {.parameters = {{"I_e", Values(200_pA)}}});
  net.record(neurons, "V_m");
  net.record(neurons, "V_m", 0.7_ms);
  Simulation sim(net, {});
  sim.run_steps(30);
  const Recording r = sim.recording();
  ASSERT_EQ(r.traces[1].samples(), 5u) << "steps 0, 7, 14, 21, 28";
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_EQ(r.traces[1].values[2 * k], r.traces[0].values[2 * 7 * k]);
  EXPECT_LT(r.traces[1].values[0], r.traces[1].values[2]);
}

TEST(Recording, OfSpikesOfAPartIsThatPartAndInOrder) {
  const Network net = busy::network(1);
  Simulation sim(net, {.threads = 2});
  sim.run_steps(300);
  const Recording r = sim.recording();
  const SpikeRecord& exc = r.spikes[1];
  const SpikeRecord& part = r.spikes.back();
  ASSERT_EQ(exc.population, "exc");
  ASSERT_EQ(part.size, 100u);
  std::vector<std::pair<std::int64_t, std::uint32_t>> expected, got;
  for (std::size_t k = 0; k < exc.steps.size(); ++k)
    if (exc.neurons[k] >= 1000 && exc.neurons[k] < 1100)
      expected.emplace_back(exc.steps[k], exc.neurons[k]);
  for (std::size_t k = 0; k < part.steps.size(); ++k)
    got.emplace_back(part.steps[k], part.neurons[k]);
  EXPECT_EQ(got, expected);
  EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
  EXPECT_FALSE(got.empty());
}

TEST(Recording, ChangesNothing) {
  Network silent(0.1_ms, "plain");
  const View a = silent.add("a", 1500, library::neuron("lif_psc_exp"),
                            {.parameters = {{"I_e", Values::uniform(380_pA, 420_pA)}}});
  silent.connect(a, a, fixed_indegree(20), {.target = "I_ex", .weight = 20_pA});
  Network watched = silent;
  watched.record_spikes(a);
  watched.record(a, "V_m");
  watched.record_weights(0, 1_ms);
  Simulation x(silent, {}), y(watched, {});
  x.run_steps(300), y.run_steps(300);
  EXPECT_GT(x.statistics().spikes, 0u);
  EXPECT_EQ(x.statistics().spike_hash, y.statistics().spike_hash);
}

TEST_F(StreamedRecording, IsTheOneInMemory) {
  const Network net = busy::network(3);
  Simulation memory(net, {});
  Simulation streamed(net, {.threads = 3, .stream_dir = folder.string()});
  for (Simulation* sim : {&memory, &streamed}) sim->run_steps(101), sim->run_steps(66);
  busy::expect_same(streamed, memory);
  EXPECT_FALSE(std::filesystem::is_empty(folder));
}

TEST_F(StreamedRecording, StartsAnewWithTheTime) {
  const Network net = busy::network(3);
  Simulation memory(net, {});
  Simulation streamed(net, {.stream_dir = folder.string()});
  for (Simulation* sim : {&memory, &streamed})
    sim->run_steps(50), sim->reset(Reset::time), sim->run_steps(31);
  busy::expect_same(streamed, memory);
}

TEST_F(StreamedRecording, SaysWhichFileIsDamagedOrLost) {
  const Network net = busy::network(3);
  Simulation sim(net, {.stream_dir = folder.string()});
  sim.run_steps(150);
  const auto first = std::filesystem::directory_iterator(folder)->path();
  std::filesystem::remove(first);
  try {
    (void)sim.recording();
    ADD_FAILURE() << "the file " << first << " is gone";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find(first.filename()), std::string::npos) << error.what();
  }
}

TEST_F(StreamedRecording, NeedsAFolderItCanWriteTo) {
  const auto file = folder / "file";
  std::ofstream(file) << "no folder";
  EXPECT_THROW(Simulation(busy::network(3), {.stream_dir = (file / "under").string()}), FileError);
}

}  // namespace
}  // namespace callosum
