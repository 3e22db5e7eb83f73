#include <gtest/gtest.h>

#include "tests/sim/accumulators.h"

// Where and in which order spikes arrive, against sums over all spikes and all synapses.
namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

constexpr std::uint32_t sources = 40, targets = 2500;
constexpr std::int64_t steps = 60;

std::vector<double> trace(const Network& net, SimulationOptions options, std::int64_t length) {
  Simulation sim(net, options);
  sim.run_steps(length);
  return Recording(sim.recording()).traces.at(0).values;
}

class Delays : public testing::TestWithParam<int> {};

TEST_P(Delays, ASpikeStampedKOverDelayDJumpsAtKPlusD) {
  const std::int64_t d = GetParam(), k = 5;
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{k, 0}});
  const View to = net.add("to", 3, adder());
  net.connect(
      list, to, all_to_all(),
      {.target = "a", .weight = 2.5, .delay = Quantity::from_internal(0.1 * d, dimension::time)});
  net.record(to, "a");
  const auto a = trace(net, {}, k + d + 3);
  ASSERT_EQ(a.size(), static_cast<std::size_t>(3 * (k + d + 4)));
  for (std::int64_t step = 0; step <= k + d + 3; ++step)
    for (int i = 0; i < 3; ++i) EXPECT_EQ(a[3 * step + i], step >= k + d ? 2.5 : 0) << step;
}

INSTANTIATE_TEST_SUITE_P(Steps, Delays, testing::Values(0, 1, 2, 15, 63, 64, 65, 200));

struct Case {
  std::int64_t shortest, longest;
};
class OrderOfSums : public testing::TestWithParam<Case> {};

TEST_P(OrderOfSums, IsEmissionStepProjectionSourceOrdinalToTheBit) {
  const Case c = GetParam();
  const Spikes spikes = random_spikes(1, sources, steps, 0.2);
  const Synapses first = random_synapses(2, 30000, sources, targets, c.shortest, c.longest);
  const Synapses second = random_synapses(3, 30000, sources, targets, c.shortest, c.longest);
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", sources, spikes);
  const View to = net.add("to", targets, adder());
  for (const Synapses* s : {&first, &second})
    net.connect(list, to, s->rule(), {.target = "a", .weight = s->weight(), .delay = s->delay()});
  net.record(to, "a");
  std::vector<Arrival> all;
  arrivals(spikes, first, 0, all);
  arrivals(spikes, second, 1, all);
  const std::vector<double> in_float = sums<float>(all, targets, steps);
  for (int threads : {1, 2, 3, 7})
    EXPECT_EQ(trace(net, {.threads = threads}, steps), in_float) << threads << " threads";
  EXPECT_EQ(trace(net, {.threads = 2, .precision = Precision::twofold}, steps),
            sums<double>(all, targets, steps));
  // The weights are such that the order does show.
  std::reverse(all.begin(), all.end());
  for (Arrival& a : all) a.ordinal = all.size() - a.ordinal;
  EXPECT_NE(sums<float>(all, targets, steps), in_float);
}

INSTANTIATE_TEST_SUITE_P(DelayRanges, OrderOfSums,
                         testing::Values(Case{1, 1}, Case{1, 30}, Case{4, 9}, Case{0, 0},
                                         Case{0, 3}),
                         [](const auto& info) {
                           return "From" + std::to_string(info.param.shortest) + "To" +
                                  std::to_string(info.param.longest);
                         });

// One delay a projection: spikes are delivered as they arrive, those of long delays first.
TEST(Delivery, OfOneDelayAProjectionKeepsTheOrderOfSumsToTheBit) {
  const Spikes spikes = random_spikes(1, sources, steps, 0.2);
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", sources, spikes);
  const View to = net.add("to", targets, adder());
  std::vector<Arrival> all;
  std::uint32_t projection = 0;
  for (const std::int64_t d : {7, 3, 12, 3}) {
    const Synapses s = random_synapses(20 + projection, 30000, sources, targets, d, d);
    net.connect(list, to, s.rule(),
                {.target = "a",
                 .weight = s.weight(),
                 .delay = Quantity::from_internal(0.1 * static_cast<double>(d), dimension::time)});
    arrivals(spikes, s, projection++, all);
  }
  net.record(to, "a");
  const std::vector<double> expected = sums<float>(all, targets, steps);
  for (int threads : {1, 2, 3, 7})
    EXPECT_EQ(trace(net, {.threads = threads}, steps), expected) << threads << " threads";
  for (Arrival& a : all) a.emitted = 0;  // as if the projection came before the step of emission
  EXPECT_NE(sums<float>(all, targets, steps), expected);
}

TEST(Delivery, ViewsOfSourcesSendOnlyTheirOwnSpikes) {
  const Spikes spikes = random_spikes(5, sources, steps, 0.3);
  Network net(0.1_ms);
  const View all = add_spikes(net, "list", sources, spikes);
  const View to = net.add("to", 2, adder());
  View odd = all;
  odd.begin = 1;
  odd.step = 2;
  View few = all;
  few.list = {3, 17, 18};
  net.connect(odd, net.slice(to, 0, 1), all_to_all(), {.target = "a"});
  net.connect(few, net.slice(to, 1, 2), all_to_all(), {.target = "a"});
  Simulation sim(net);
  sim.run_steps(steps + 1);
  double from_odd = 0, from_few = 0;
  for (const auto& [step, neuron] : spikes) {
    from_odd += neuron % 2;
    from_few += neuron == 3 || neuron == 17 || neuron == 18;
  }
  EXPECT_EQ(sim.get(to, "a"), (std::vector<double>{from_odd, from_few}));
  EXPECT_EQ(sim.statistics().spikes, spikes.size());
}

TEST(Delivery, CountsASynapticEventForEverySynapseOfASpike) {
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 2, {{1, 0}, {2, 1}, {3, 0}});
  const View to = net.add("to", 1500, adder());
  net.connect(list, to, all_to_all(), {.target = "a"});
  for (int threads : {1, 3}) {
    Simulation sim(net, {.threads = threads});
    sim.run_steps(10);
    EXPECT_EQ(sim.statistics().synaptic_events, 4500u);
    EXPECT_EQ(sim.statistics().synapses, 3000u);
  }
}

// list -> one -> two -> three without delay: all fire in the step of the list's spike.
TEST(ZeroDelays, PassThroughAChainWithinTheStep) {
  Network net(0.1_ms);
  const View three = net.add("three", 1, adder(true));
  const View two = net.add("two", 2000, adder(true));
  const View list = add_spikes(net, "list", 1, {{4, 0}, {9, 0}});
  const View one = net.add("one", 1, adder(true));
  const Values none = Quantity(0, dimension::time);
  net.connect(two, three, all_to_all(), {.target = "a", .weight = 1.0, .delay = none});
  net.connect(list, one, all_to_all(), {.target = "a", .weight = 1.0, .delay = none});
  net.connect(one, two, all_to_all(), {.target = "a", .weight = 1.0, .delay = none});
  net.connect(three, one, all_to_all(), {.target = "b", .weight = 1.0, .delay = 0.1_ms});
  for (const View& v : {one, two, three}) net.record_spikes(v);
  for (int threads : {1, 2, 3}) {
    Simulation sim(net, {.threads = threads});
    sim.run_steps(20);
    const Recording r = sim.recording();
    ASSERT_EQ(r.spikes.size(), 3u);
    EXPECT_EQ(r.spikes[0].steps, (std::vector<std::int64_t>{4, 9}));
    EXPECT_EQ(r.spikes[2].steps, (std::vector<std::int64_t>{4, 9}));
    ASSERT_EQ(r.spikes[1].steps.size(), 4000u);
    EXPECT_EQ(r.spikes[1].steps.front(), 4);
    EXPECT_EQ(r.spikes[1].steps.back(), 9);
    EXPECT_EQ(sim.get(one, "b"), std::vector<double>{2});
  }
}

TEST(ZeroDelays, InACycleAreRefusedByItsNames) {
  Network net(0.1_ms);
  const View one = net.add("one", 1, adder(true)), two = net.add("two", 1, adder(true));
  const View three = net.add("three", 1, adder(true));
  const Values none = Quantity(0, dimension::time);
  net.connect(one, two, all_to_all(), {.target = "a", .delay = none});
  net.connect(two, three, all_to_all(), {.target = "a", .delay = 0.1_ms});
  EXPECT_NO_THROW(Simulation{net});
  net.connect(two, one, all_to_all(), {.target = "a", .delay = none});
  try {
    Simulation sim(net);
    FAIL() << "a cycle was accepted";
  } catch (const UnsupportedError& error) {
    EXPECT_NE(std::string(error.what()).find("one -> two -> one"), std::string::npos)
        << error.what();
    EXPECT_EQ(std::string(error.what()).find("three"), std::string::npos);
  }
}

TEST(ZeroDelays, OntoThePopulationItselfAreACycle) {
  Network net(0.1_ms);
  const View one = net.add("one", 2, adder(true));
  net.connect(one, one, all_to_all(), {.target = "a", .delay = Quantity(0, dimension::time)});
  EXPECT_THROW(Simulation{net}, UnsupportedError);
}

}  // namespace
}  // namespace callosum
