#include "callosum/sim/wiring.h"

#include <gtest/gtest.h>

#include "callosum/sim/partition.h"
#include "tests/sim/accumulators.h"

namespace callosum::sim {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;
using Strings = std::set<std::string>;

Network populations(std::initializer_list<std::uint32_t> sizes) {
  Network net(0.1_ms);
  for (std::uint32_t size : sizes)
    net.add("p" + std::to_string(net.populations().size()), size, adder(true));
  return net;
}

TEST(Partition, GivesEveryNeuronOneOwnerInWholeBlocks) {
  const Network net = populations({1, 5000, 1024, 200000, 1025, 3});
  for (int threads = 1; threads <= 9; ++threads) {
    const auto owners = partition(net, threads);
    ASSERT_EQ(owners.size(), static_cast<std::size_t>(threads));
    // Read thread after thread, the segments are all neurons in order.
    std::uint32_t population = 0, next = 0;
    for (const auto& own : owners)
      for (const Segment& s : own) {
        if (next == net.populations()[population].size) ++population, next = 0;
        EXPECT_EQ(s.population, population);
        EXPECT_EQ(s.begin, next);
        EXPECT_EQ(s.begin % block_size, 0u);
        EXPECT_LT(s.begin, s.end);
        EXPECT_LE(s.end - s.begin, 65536u);
        next = s.end;
      }
    EXPECT_EQ(population, 5u);
    EXPECT_EQ(next, 3u);
  }
}

TEST(Partition, SharesEqually) {
  const auto owners = partition(populations({20480, 20480}), 4);
  for (const auto& own : owners) {
    std::uint32_t neurons = 0;
    for (const Segment& s : own) neurons += s.end - s.begin;
    EXPECT_EQ(neurons, 10240u);
  }
}

TEST(Levels, AreOneWhereEveryDelayIsPositive) {
  Network net = populations({2, 2});
  net.connect(net.population("p1"), net.population("p0"), all_to_all(), {.target = "a"});
  EXPECT_EQ(update_levels(net, {1}).size(), 1u);
}

TEST(Levels, PutZeroDelaySourcesFirst) {
  Network net = populations({2, 2, 2, 2});
  const auto zero = [&](const char* from, const char* to) {
    net.connect(net.population(from), net.population(to), all_to_all(), {.target = "a"});
  };
  zero("p3", "p1");
  zero("p1", "p0");
  zero("p3", "p0");
  const auto levels = update_levels(net, {0, 0, 0});
  ASSERT_EQ(levels.size(), 3u);
  EXPECT_EQ(levels[0], (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(levels[1], (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(levels[2], (std::vector<std::uint32_t>{0}));
}

TEST(Positions, AreEmptyForWholePopulationsAndMinusOneOutsideAView) {
  EXPECT_TRUE(positions_in({.begin = 0, .end = 4}, 4).empty());
  EXPECT_EQ(positions_in({.begin = 1, .end = 6, .step = 2}, 6),
            (std::vector<std::int32_t>{-1, 0, -1, 1, -1, 2}));
  EXPECT_EQ(positions_in({.list = {0, 3}}, 5), (std::vector<std::int32_t>{0, -1, -1, 1, -1}));
}

TEST(Needs, AreWhatProjectionsAndStimuliReach) {
  model::ModelText t;
  t.name = "test_driven";
  t.equations = text("da/dt = (I + J)/ms : 1\ndb/dt = -b/ms : 1\nI : 1\nJ : 1");
  t.parameters = {{"I", "0", "", "", {}}, {"J", "0", "", "", {}}};
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 1, model::Model(t));
  net.connect(list, to, all_to_all(), {.target = "a"});
  net.connect(to, to, all_to_all(), {.target = "I", .source_variable = "b"});
  net.stimulate({.kind = Stimulus::Kind::constant, .to = to, .target = "J", .value = 1.0});
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .to = to,
                 .target = "b",
                 .value = 1.0,
                 .rate = Values(5_Hz)});
  const auto needs = find_needs(net, compile_all_on_pre(net));
  ASSERT_EQ(needs.size(), 2u);
  EXPECT_TRUE(needs[0].inputs.empty());
  EXPECT_EQ(needs[1].inputs, (Strings{"a", "b"}));
  EXPECT_EQ(needs[1].driven, (Strings{"I", "J"}));
}

TEST(Waiting, IsForThoseWhoShareAnAccumulatorWithAProgram) {
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 1, adder()), other = net.add("other", 1, adder());
  net.connect(list, to, all_to_all(), {.target = "a"});
  net.connect(list, to, all_to_all(), {.target = "b"});
  net.connect(list, to, all_to_all(), {.target = "a", .model = synapse("", "target += 2*weight")});
  net.connect(list, other, all_to_all(), {.target = "a"});
  EXPECT_EQ(find_waiting(net, compile_all_on_pre(net)),
            (std::vector<bool>{true, false, true, false}));
}

}  // namespace
}  // namespace callosum::sim
