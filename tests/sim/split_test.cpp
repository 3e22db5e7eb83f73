#include <gtest/gtest.h>

#include "tests/sim/busy_network.h"

// The split does not show: threads, pieces of a run, vector width, streams (DESIGN section 1).
namespace callosum {
namespace {

using namespace callosum::literals;

constexpr std::int64_t steps = 400;

struct Case {
  std::int64_t shortest;  ///< delay, and with it the exchange interval
  bool continuous;
  bool plain = false;
  Network network() const {
    return plain ? busy::plain_network(shortest) : busy::network(shortest, continuous);
  }
};

class AnyRun : public testing::TestWithParam<Case> {
 protected:
  AnyRun() : net(GetParam().network()), whole(net, {}) { whole.run_steps(steps); }
  void expect_same_in_pieces(const std::vector<std::int64_t>& cuts, SimulationOptions options) {
    Simulation sim(net, options);
    for (std::int64_t piece : cuts) sim.run_steps(piece);
    while (sim.step() < steps) sim.run_steps(std::min<std::int64_t>(steps - sim.step(), 97));
    busy::expect_same(sim, whole);
  }
  Network net;
  Simulation whole;
};

TEST_P(AnyRun, TheNetworkIsBusy) {
  const Recording recording = whole.recording();
  for (const PopulationSummary& p : recording.populations) EXPECT_GT(p.spikes, 20u) << p.name;
  EXPECT_GT(whole.statistics().synaptic_events, 10000u);
}

TEST_P(AnyRun, IntoThreadsDoesNotShow) {
  for (int threads : {2, 3, 7}) {
    SCOPED_TRACE(threads);
    expect_same_in_pieces({steps}, {.threads = threads});
  }
}

// Under the thread sanitizer, which sees nothing of machine code.
TEST_P(AnyRun, IntoThreadsOfTheInterpreterDoesNotShow) {
  expect_same_in_pieces({60}, {.threads = 3, .kernel = {.engine = jit::Engine::interpreter}});
}

// Cut points on and off the exchange interval, within the first one, empty runs.
TEST_P(AnyRun, IntoPiecesDoesNotShow) {
  const std::int64_t s = GetParam().shortest;
  for (const auto& cuts : std::vector<std::vector<std::int64_t>>{
           {1, 1, 1, 1, 1}, {s}, {s + 1, s - 1}, {0, 13, 0, 29}, {63, 2, 64, 1}, {steps - 1}}) {
    SCOPED_TRACE(testing::PrintToString(cuts));
    expect_same_in_pieces(cuts, {});
  }
}

TEST_P(AnyRun, IntoPiecesAndThreadsDoesNotShow) {
  expect_same_in_pieces({3, GetParam().shortest, 50, 1}, {.threads = 3});
}

TEST_P(AnyRun, ByVectorWidthDoesNotShow) {
  for (int lanes : {4, 8, 16}) {
    SCOPED_TRACE(lanes);
    expect_same_in_pieces({steps}, {.kernel = {.lanes = lanes}});
  }
  SCOPED_TRACE("interpreter");
  expect_same_in_pieces({steps}, {.kernel = {.engine = jit::Engine::interpreter}});
}

TEST_P(AnyRun, SetBetweenPiecesActsAlikeForAnyNumberOfThreads) {
  const View exc = net.population("exc");
  const auto changed = [&](Simulation& sim) {
    sim.run_steps(17);
    sim.set(net.slice(exc, 100, 1300), "I_e", Values::normal(500_pA, 100_pA));
    sim.run_steps(71);
    sim.set(exc, "V_m", Values::uniform(-70_mV, -60_mV));
    sim.run_steps(61);
  };
  Simulation one(net, {});
  changed(one);
  Simulation quiet(net, {});
  quiet.run_steps(149);
  EXPECT_NE(one.statistics().spike_hash, quiet.statistics().spike_hash);
  for (int threads : {2, 7}) {
    Simulation sim(net, {.threads = threads});
    changed(sim);
    busy::expect_same(sim, one);
  }
}

// Delays from one step to 200: several windows of delivery, more than a word of bits. Many synapses
// a row go into slices, few do not.
TEST(Split, DrawnDelaysOfHundredsOfStepsDoNotShow) {
  for (const auto& [outdegree, layout] : {std::pair{400, "in slices"}, {20, "by row"}}) {
    SCOPED_TRACE(layout);
    Network net(0.1_ms, "long delays");
    const auto all = net.add("all", 9000, library::neuron("lif_psc_exp"),
                             {.parameters = {{"I_e", Values::uniform(300_pA, 420_pA)}},
                              .initial = {{"V_m", Values::uniform(-70_mV, -55.5_mV)}}});
    net.connect(all, all, fixed_outdegree(outdegree),
                {.target = "I_ex",
                 .weight = Values::normal(4_pA, 2_pA),
                 .delay = Values::uniform(0.1_ms, 20_ms)});
    const Estimate need = estimate(net, {});
    ASSERT_EQ(need.layouts.size(), 1u);
    EXPECT_EQ(need.layouts[0].name, layout);
    Simulation one(net, {});
    one.run_steps(steps);
    EXPECT_GT(one.statistics().spikes, 1000u);
    for (int threads : {2, 3, 7}) {
      Simulation split(net, {.threads = threads});
      split.run_steps(steps);
      EXPECT_EQ(split.statistics().spike_hash, one.statistics().spike_hash) << threads;
      EXPECT_EQ(split.statistics().synaptic_events, one.statistics().synaptic_events) << threads;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Split, AnyRun,
                         testing::Values(Case{1, false}, Case{7, false}, Case{20, false},
                                         Case{5, true}, Case{2, false, true},
                                         Case{15, false, true}),
                         [](const auto& info) {
                           return "From" + std::to_string(info.param.shortest) +
                                  (info.param.continuous ? "Continuous" : "") +
                                  (info.param.plain ? "Plain" : "");
                         });

}  // namespace
}  // namespace callosum
