#include "callosum/network/network.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "tests/network/example_network.h"

namespace callosum {
namespace {

using namespace literals;

TEST(View, RangesAndListsCount) {
  const View every{0, 2, 11, 3, {}};
  EXPECT_EQ(every.size(), 3u);
  EXPECT_EQ(every.index(2), 8u);
  EXPECT_EQ((View{0, 2, 12, 3, {}}).size(), 4u);
  EXPECT_EQ((View{0, 5, 5, 1, {}}).size(), 0u);
  const View list{0, 0, 0, 1, {3, 5, 9}};
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list.index(1), 5u);
}

TEST(Network, SlicesOfSlicesCountWithinTheView) {
  Network net(0.1_ms);
  const View a = net.add("a", 100, example::neuron());
  EXPECT_EQ(a, net.population("a"));
  const View middle = net.slice(a, 10, 50);
  EXPECT_EQ(net.slice(middle, 5, 8), (View{0, 15, 18, 1, {}}));
  const View odd{0, 1, 100, 2, {}};
  const View part = net.slice(odd, 3, 6);
  EXPECT_EQ(part.size(), 3u);
  EXPECT_EQ(part.index(0), 7u);
  EXPECT_EQ(part.index(2), 11u);
  const View list{0, 0, 0, 1, {3, 5, 9, 11}};
  EXPECT_EQ(net.slice(list, 1, 3).list, (std::vector<std::uint32_t>{5, 9}));
}

TEST(Network, GlobalIdsFollowTheOrderOfAdd) {
  Network net(0.1_ms);
  net.add("a", 100, example::neuron());
  net.add("b", 7, example::neuron());
  net.add("c", 1, example::neuron());
  EXPECT_EQ(net.first_id(0), 0u);
  EXPECT_EQ(net.first_id(1), 100u);
  EXPECT_EQ(net.first_id(2), 107u);
  EXPECT_EQ(net.neurons(), 108u);
}

TEST(Network, AliasesAreStoredUnderOurNames) {
  Network net(0.1_ms);
  const View a = net.add("a", 10, example::neuron(), {.parameters = {{"taum", 20_ms}}});
  ASSERT_TRUE(net.populations()[0].parameters.contains("tau_m"));
  EXPECT_EQ(net.populations()[0].parameters.at("tau_m").first(), 20);
  net.connect(a, a, all_to_all(), {.target = "I_synapse", .weight = 1_pA});
  EXPECT_EQ(net.projections()[0].synapse.target, "I_syn");
  net.record(a, "I_synapse");
  EXPECT_EQ(net.recorders()[0].variable, "I_syn");
  net.set(a, "taum", 30_ms);
  EXPECT_EQ(net.populations()[0].parameters.size(), 1u);
  EXPECT_EQ(net.populations()[0].parameters.at("tau_m").first(), 30);
}

TEST(Network, UnnamedProjectionsAndStimuliGetNamesOfTheirOwn) {
  Network net(0.1_ms);
  const View a = net.add("a", 10, example::neuron());
  const SynapseOptions synapse{.target = "I_syn", .weight = 1_pA};
  net.connect(a, a, all_to_all(), synapse);
  net.connect(a, a, all_to_all(), synapse);
  EXPECT_EQ(net.projections()[0].name, "a -> a : I_syn");
  EXPECT_EQ(net.projections()[1].name, "a -> a : I_syn (2)");
  net.stimulate({.to = a, .target = "I_e", .value = 1_pA});
  net.stimulate({.to = a, .target = "I_e", .value = 1_pA});
  EXPECT_NE(net.stimuli()[0].name, net.stimuli()[1].name);
}

TEST(Network, SettingPartOfAPopulationKeepsTheRest) {
  Network net(0.1_ms);
  const View a = net.add("a", 4, example::neuron());
  net.set(net.slice(a, 1, 3), "tau_m", 20_ms);
  const Values& tau = net.populations()[0].parameters.at("tau_m");
  EXPECT_EQ(tau, Values::array({10_ms, 20_ms, 20_ms, 10_ms}));
  net.set(View{0, 0, 0, 1, {0, 3}}, "tau_m", Values::array({1_ms, 4_ms}));
  EXPECT_EQ(net.populations()[0].parameters.at("tau_m"), Values::array({1_ms, 20_ms, 20_ms, 4_ms}));
  net.set(a, "V_m", Values::normal(-60_mV, 5_mV));
  EXPECT_EQ(net.populations()[0].initial.at("V_m").kind(), Values::Kind::normal);
  EXPECT_THROW(net.set(net.slice(a, 0, 1), "V_m", -50_mV), UnsupportedError);
}

TEST(Network, SpikeListsAreSortedByStepThenNeuron) {
  Network net(0.1_ms);
  const View v = net.add_spike_list("s", 3, {2, 0, 1, 0}, {1_ms, 2_ms, 1_ms, 0.5_ms});
  EXPECT_EQ(v.size(), 3u);
  const Population& p = net.populations()[0];
  EXPECT_EQ(p.spike_steps, (std::vector<std::int64_t>{5, 10, 10, 20}));
  EXPECT_EQ(p.spike_neurons, (std::vector<std::uint32_t>{0, 1, 2, 0}));
}

TEST(Network, ContinuousProjectionsMayDriveParameters) {
  Network net(0.1_ms);
  const View a = net.add("a", 4, example::neuron());
  // Volt times siemens is ampere.
  net.connect(a, a, all_to_all(), {.target = "I_e", .weight = 1_nS, .source_variable = "depth"});
  EXPECT_THROW(net.connect(a, a, all_to_all(),
                           {.target = "I_e", .weight = 1_pA, .source_variable = "depth"}),
               UnitError);
  EXPECT_EQ(net.projections().size(), 1u);
}

TEST(Network, SynapseModelsTakeTheirOwnWeightAndParameters) {
  Network net(0.1_ms);
  const View a = net.add("a", 4, example::neuron());
  net.connect(a, a, all_to_all(),
              {.target = "I_syn",
               .weight = Values::normal(5_pA, 1_pA),
               .model = example::synapse(),
               .parameters = {{"gain", Values::uniform(0.0, 1.0)}}});
  EXPECT_EQ(net.projections()[0].synapse.parameters.size(), 1u);
}

TEST(Network, AWeightThatIsNotDeclaredHasTheUnitOfTheTarget) {
  Network net(0.1_ms);
  const View a = net.add("a", 4, example::neuron());
  SynapseOptions synapse{.target = "I_syn", .weight = 1_pA, .model = example::plain_synapse(true)};
  net.connect(a, a, all_to_all(), synapse);
  synapse.weight = 1_nS;
  EXPECT_THROW(net.connect(a, a, all_to_all(), synapse), UnitError);
  synapse.model = example::plain_synapse(false);
  EXPECT_THROW(net.connect(a, a, all_to_all(), synapse), NameError);
  synapse.weight = 1.0;
  net.connect(a, a, all_to_all(), synapse);
  EXPECT_EQ(net.projections().size(), 2u);
}

TEST(Network, HashSeesEveryPartOfTheDescription) {
  const auto build = [](int change) {
    Network net(change == 1 ? 0.2_ms : 0.1_ms, "any name");
    const View a = net.add(change == 2 ? "b" : "a", change == 3 ? 11 : 10, example::neuron(),
                           {.parameters = {{"tau_m", change == 4 ? 21_ms : 20_ms}},
                            .initial = {{"V_m", Values::normal(-60_mV, change == 5 ? 1_mV : 2_mV)}},
                            .space = Space{1, {change == 6 ? 2.0 : 1.0, 0, 0}, false, false, {}}});
    net.connect(a, a, change == 7 ? fixed_probability(0.5) : fixed_probability(0.25),
                {.target = change == 8 ? "I_syn" : "I_synapse",
                 .weight = change == 9 ? 2_pA : 1_pA,
                 .delay = change == 10 ? 1.2_ms : 1_ms});
    net.stimulate({.kind = Stimulus::Kind::poisson,
                   .to = a,
                   .target = "I_syn",
                   .value = 1_pA,
                   .rate = change == 11 ? 9_Hz : 8_Hz});
    net.record(a, change == 12 ? "depth" : "V_m");
    if (change == 13) net.record_spikes(a);
    if (change == 14) net.set_schedule(model::Schedule::brian2);
    if (change == 15) net.set(net.slice(a, 0, 1), "E_L", -64_mV);
    return net.hash();
  };
  std::vector<std::uint64_t> hashes;
  for (int change = 0; change <= 15; ++change) {
    EXPECT_EQ(build(change), build(change));
    // An alias is the same description.
    if (change == 8) {
      EXPECT_EQ(build(8), build(0));
      continue;
    }
    for (std::uint64_t other : hashes) EXPECT_NE(build(change), other) << change;
    hashes.push_back(build(change));
  }
  EXPECT_EQ(Network(0.1_ms, "one").hash(), Network(0.1_ms, "two").hash());
}

}  // namespace
}  // namespace callosum
