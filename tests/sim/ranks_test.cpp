#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "callosum/core/error.h"
#include "callosum/sim/spike_code.h"
#include "tests/sim/busy_network.h"
#include "tests/sim/local_ranks.h"
#include "tests/sim/plastic_oracle.h"

// Ranks do not show: same spikes, recordings and checkpoints as one process leaves. Here they are
// threads of one process; tests/app/mpi_test.cpp has real ones.
namespace callosum {
namespace {

namespace fs = std::filesystem;
using namespace callosum::literals;

constexpr std::int64_t steps = 300;

std::string fresh_folder(const std::string& name) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("callosum_ranks_" + std::to_string(getpid()) + "_" + name);
  fs::remove_all(path);
  fs::create_directories(path);
  return path.string();
}

using Task = std::function<void(Simulation&)>;

/// What so many ranks leave that all do `task`. `checkpoint`: to go on from, "" : none.
busy::Left left_by_ranks(int size, const Network& net, const SimulationOptions& options,
                         const Task& task, const std::string& checkpoint = {}) {
  busy::Left left;
  local_ranks::run(size, [&](std::shared_ptr<Ranks> ranks) {
    SimulationOptions own = options;
    own.ranks = ranks;
    Simulation sim =
        checkpoint.empty() ? Simulation(net, own) : Simulation::resume(checkpoint, net, own);
    task(sim);
    busy::Left here = busy::left_by(sim);
    if (ranks->rank() == 0) left = std::move(here);
  });
  return left;
}

void in_pieces(Simulation& sim, const std::vector<std::int64_t>& pieces) {
  for (const std::int64_t piece : pieces) sim.run_steps(piece);
  sim.run_steps(steps - sim.step());
}

TEST(SplitRanks, SpikesComeBackFromTheirCode) {
  sim::FoundSpikes a, b, back;
  a.neurons = {0, 5, 127, 128, 300};
  a.begin = {0, 4, 4, 5};
  b.neurons = {129, 70000, 4294967295u};
  b.begin = {0, 2, 3, 3};
  const sim::FoundSpikes both[] = {a, b};
  std::vector<char> bytes;
  sim::encode_spikes(both, 3, bytes);
  EXPECT_EQ(sim::decode_spikes(bytes.data(), 3, back), bytes.data() + bytes.size());
  EXPECT_EQ(back.neurons,
            (std::vector<std::uint32_t>{0, 5, 127, 128, 129, 70000, 4294967295u, 300}));
  EXPECT_EQ(back.begin, (std::vector<std::uint32_t>{0, 6, 7, 8}));
}

struct Case {
  std::int64_t shortest;  ///< delay; an exchange interval is as long, or half of it
  bool plain = false;
};

class AnyRanks : public testing::TestWithParam<Case> {
 protected:
  AnyRanks()
      : net(GetParam().plain ? busy::plain_network(GetParam().shortest)
                             : busy::network(GetParam().shortest)),
        whole(net, {}) {
    whole.run_steps(steps);
  }
  Network net;
  Simulation whole;
};

TEST_P(AnyRanks, AndThreadsDoNotShow) {
  const std::int64_t s = GetParam().shortest;
  struct Split {
    int ranks, threads;
    std::vector<std::int64_t> pieces;
  };
  for (const Split& c :
       std::vector<Split>{{2, 1, {}}, {3, 2, {s + 1, s - 1, 0, 50, 1}}, {5, 1, {7}}})
    busy::expect_same(left_by_ranks(c.ranks, net, {.threads = c.threads},
                                    [&](Simulation& sim) { in_pieces(sim, c.pieces); }),
                      busy::left_by(whole));
}

TEST_P(AnyRanks, OfTheInterpreterDoNotShow) {
  busy::expect_same(
      left_by_ranks(2, net, {.threads = 2, .kernel = {.engine = jit::Engine::interpreter}},
                    [&](Simulation& sim) { in_pieces(sim, {60}); }),
      busy::left_by(whole));
}

// Cuts on and off the exchange grid, recordings in memory and in files, other ranks and threads.
TEST_P(AnyRanks, ThatGoOnFromACheckpointOfOthersDoNotShow) {
  for (const bool streamed : {false, true}) {
    const std::string folder = fresh_folder("restart"), file = folder + "/ckp";
    const auto run_to = [&](std::int64_t until) {
      return [&, until](Simulation& sim) {
        sim.run_steps(until - sim.step());
        sim.save(file);
        sim.save(file);
      };
    };
    SimulationOptions options{.threads = 1, .stream_dir = streamed ? folder + "/rec" : ""};
    left_by_ranks(2, net, options, run_to(31));
    options.threads = 2;
    left_by_ranks(3, net, options, run_to(140), file);
    left_by_ranks(1, net, options, run_to(141), file);
    options.threads = 1;
    busy::expect_same(left_by_ranks(2, net, options, run_to(steps), file), busy::left_by(whole));
    Simulation alone = Simulation::resume(file, net, options);
    busy::expect_same(alone, whole);
  }
}

TEST_P(AnyRanks, SetAndGetAndResetAlike) {
  const View exc = net.population("exc");
  std::vector<double> v;
  std::mutex mutex;
  const auto changing = [&](bool keep) {
    return [&, keep](Simulation& sim) {
      sim.run_steps(17);
      sim.set(net.slice(exc, 100, 1300), "I_e", Values::normal(500_pA, 100_pA));
      sim.run_steps(41);
      sim.reset(Reset::time);
      sim.set(exc, "V_m", Values::uniform(-70_mV, -60_mV));
      sim.run_steps(77);
      const auto got = sim.get(exc, "V_m");
      const std::lock_guard lock(mutex);
      if (keep)
        v = got;
      else
        EXPECT_TRUE(v == got);
    };
  };
  const busy::Left one = left_by_ranks(1, net, {}, changing(true));
  EXPECT_NE(one.statistics.spike_hash, whole.statistics().spike_hash);
  busy::expect_same(left_by_ranks(3, net, {.threads = 2}, changing(false)), one);
}

INSTANTIATE_TEST_SUITE_P(Split, AnyRanks,
                         testing::Values(Case{1}, Case{7}, Case{20}, Case{2, true}, Case{3, true},
                                         Case{15, true}),
                         [](const auto& info) {
                           return "From" + std::to_string(info.param.shortest) +
                                  (info.param.plain ? "Plain" : "");
                         });

TEST(SplitRanks, LearnAlike) {
  const plastic::Replay replay(41, 40, 2300, 8000, 1600, 0.01);
  Network net = replay.network(library::synapse("stdp_additive"),
                               {{"w_max", 1.0}, {"A_plus", 0.03}, {"A_minus", 0.02}}, 0.5);
  net.record_weights(plastic::Replay::projection, 20_ms);
  std::vector<double> weights;
  std::mutex mutex;
  const auto learn = [&](Simulation& sim) {
    sim.run_steps(600);
    sim.freeze(plastic::Replay::projection);
    sim.run_steps(300);
    sim.freeze(plastic::Replay::projection, false);
    sim.run_steps(600);
    const auto w = sim.get_synapses(plastic::Replay::projection, "weight");
    const std::lock_guard lock(mutex);
    if (weights.empty()) weights = w;
    EXPECT_TRUE(weights == w);
  };
  const busy::Left one = left_by_ranks(1, net, {}, learn);
  const busy::Left three = left_by_ranks(3, net, {}, learn);
  busy::expect_same(three, one);
  EXPECT_EQ(three.statistics.plastic_updates, one.statistics.plastic_updates);
  EXPECT_EQ(three.statistics.synapses, one.statistics.synapses);
}

TEST(SplitRanks, StopAllWhenOneIsAsked) {
  const Network net = busy::network(7);
  std::vector<std::int64_t> stopped(3);
  local_ranks::run(3, [&](std::shared_ptr<Ranks> ranks) {
    const int rank = ranks->rank();
    Simulation sim(
        net, {.progress = [rank](const Progress& p) { return p.task != "simulating" || rank != 1; },
              .ranks = ranks});
    EXPECT_THROW(sim.run_steps(1000000), Interrupted);
    stopped[static_cast<std::size_t>(rank)] = sim.step();
  });
  EXPECT_EQ(stopped, std::vector<std::int64_t>(3, stopped[0]));
  EXPECT_LT(stopped[0], 1000000);
}

TEST(SplitRanks, AllTellOfAStateThatIsNoLongerFinite) {
  Network net(0.1_ms, "growing");
  model::ModelText text;
  text.name = "growing";
  text.equations = accumulators::text("dx/dt = x*x/(1*ms) : 1");
  // Only the last block's neurons grow: one rank alone can see it.
  std::vector<double> initial(3000, 0.0);
  initial.back() = 1;
  net.add("grow", 3000, model::Model(text), {.initial = {{"x", Values::array(initial, {})}}});
  std::vector<std::string> said(3);
  local_ranks::run(3, [&](std::shared_ptr<Ranks> ranks) {
    Simulation sim(net, {.ranks = ranks});
    try {
      sim.run_steps(2000);
    } catch (const NumericalError& error) {
      said[static_cast<std::size_t>(ranks->rank())] = error.what();
    }
  });
  EXPECT_NE(said[0].find("neuron 2999"), std::string::npos) << said[0];
  EXPECT_EQ(said, std::vector<std::string>(3, said[0]));
}

TEST(SplitRanks, AreRefusedForWhatNeedsOneProcess) {
  Network zero(0.1_ms);
  const auto from = accumulators::add_spikes(zero, "list", 5, {});
  const auto to = zero.add("to", 5, library::neuron("lif_psc_exp"));
  zero.connect(from, to, fixed_probability(0.5), {.target = "I_ex", .weight = 1_pA, .delay = 0_ms});
  for (const Network& net : {busy::network(5, true), zero})
    EXPECT_THROW(left_by_ranks(2, net, {}, [](Simulation&) {}), UnsupportedError);
}

}  // namespace
}  // namespace callosum
