#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "tests/sim/busy_network.h"

namespace callosum {
namespace {

using namespace callosum::literals;

constexpr std::int64_t steps = 160;

TEST(Reset, OfAllIsANewSimulation) {
  for (std::int64_t shortest : {1, 4}) {
    const Network net = busy::network(shortest, true);
    Simulation fresh(net, {}), used(net, {.threads = 2});
    fresh.run_steps(steps);
    used.run_steps(133);
    used.reset(Reset::all);
    EXPECT_EQ(used.step(), 0);
    used.run_steps(steps);
    busy::expect_same(used, fresh);
  }
}

/// Noise, a drive, a synapse that changes; spikes are under way after ten steps.
Network one_of_each() {
  Network net(0.1_ms, "one_of_each");
  const View list = accumulators::add_spikes(net, "list", 1, {{3, 0}, {9, 0}});
  const View to = net.add("to", 5, accumulators::adder());
  const View noisy = net.add("noisy", 5, busy::drifting());
  net.connect(list, to, all_to_all(),
              {.target = "a",
               .weight = 1.0,
               .delay = 0.5_ms,
               .model = accumulators::synapse("", "target += weight\nweight *= 0.5"),
               .name = "halving"});
  net.record(to, "a");
  net.record(noisy, "x");
  net.record_weights(0, 0.1_ms);
  return net;
}

TEST(Reset, OfTheStateTakesStatesBackAndDropsWhatIsOnItsWay) {
  Simulation sim(one_of_each(), {});
  sim.run_steps(10);
  const View to = sim.network().population("to");
  EXPECT_EQ(sim.get(to, "a")[0], 1);
  sim.reset(Reset::state);
  EXPECT_EQ(sim.step(), 10);
  EXPECT_EQ(sim.get(to, "a")[0], 0);
  sim.run_steps(20);
  EXPECT_EQ(sim.get(to, "a")[0], 0) << "the spike of step 9 was on its way";
}

TEST(Reset, OfTheStateKeepsParametersThatWereSet) {
  Network net(0.1_ms);
  const View n = net.add("n", 1, library::neuron("lif_psc_exp"));
  Simulation sim(net, {});
  sim.set(n, "I_e", Values(100_pA));
  sim.run_steps(5);
  sim.reset(Reset::state);
  EXPECT_EQ(sim.get(n, "I_e")[0], 100);
  EXPECT_EQ(sim.get(n, "V_m")[0], -70);
}

TEST(Reset, OfTheWeightsTakesSynapsesBackAndNothingElse) {
  Simulation sim(one_of_each(), {});
  sim.run_steps(10);
  const View to = sim.network().population("to");
  sim.reset(Reset::weights);
  EXPECT_EQ(sim.get(to, "a")[0], 1);
  sim.run_steps(10);
  EXPECT_EQ(sim.get(to, "a")[0], 2) << "the second spike finds the weight of the first";
}

TEST(Reset, OfTheTimeStartsRecordingsAnewAndKeepsWhatIsOnItsWay) {
  Simulation sim(one_of_each(), {});
  sim.run_steps(10);
  sim.reset(Reset::time);
  EXPECT_EQ(sim.step(), 0);
  const View to = sim.network().population("to");
  sim.run_steps(4);
  EXPECT_EQ(sim.get(to, "a")[0], 1.5) << "emitted in step 9, arrives in step 14";
  const Recording r = sim.recording();
  EXPECT_EQ(r.steps, 4);
  EXPECT_EQ(r.traces[0].samples(), 5u);
  EXPECT_EQ(r.traces[0].values[0], 1) << "sample 0 is the state at the new beginning";
}

TEST(Reset, OfTheRandomNumbersRepeatsThem) {
  const auto noise = [](Reset what) {
    Simulation sim(one_of_each(), {});
    const View noisy = sim.network().population("noisy");
    sim.run_steps(20);
    const auto first = sim.get(noisy, "x");
    sim.reset(what);
    sim.run_steps(20);
    return std::pair(first, sim.get(noisy, "x"));
  };
  const auto again = noise(Reset::state | Reset::time | Reset::random);
  EXPECT_EQ(again.first, again.second);
  const auto on = noise(Reset::state | Reset::time);
  EXPECT_NE(on.first, on.second) << "without Reset::random draws go on";
}

}  // namespace
}  // namespace callosum
