#include "callosum/sim/presentation.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/library/library.h"

namespace callosum {
namespace {

using namespace callosum::literals;

/// A plastic, noisy network: what it does to a sample shows in spikes and weights.
Network noisy() {
  Network net(1_ms, "noisy");
  const View in = net.add("in", 20, library::source("poisson"),
                          {.parameters = {{"rate", Values::array(std::vector<double>(20, 0.05),
                                                                 dimension::frequency)}}});
  const View out = net.add("out", 30, library::neuron("lif_psc_delta"));
  SynapseOptions o{.target = "V_m", .weight = 3_mV, .delay = 1_ms};
  o.model = library::synapse("stdp_additive");
  o.parameters = {{"w_max", 6_mV}, {"A_plus", 0.05}};
  net.connect(in, out, all_to_all(), o);
  net.record_spikes(out);
  return net;
}

struct Seen {
  std::vector<std::uint64_t> spikes;
  std::vector<double> weight;
};
Samples looking(Seen& seen) {
  return {.show =
              [](Simulation& s, std::size_t k) {
                s.set(s.network().population("in"), "rate",
                      Quantity(40.0 + 10.0 * static_cast<double>(k), dimension::frequency));
              },
          .read =
              [&seen](Simulation& s, std::size_t k) {
                seen.spikes[k] = s.statistics().spike_hash;
                seen.weight[k] = s.get_synapses(0, "weight").at(77);
              }};
}

TEST(Presentation, GivesEachSampleTheSameResultForAnyNumberOfReplicas) {
  Seen one{std::vector<std::uint64_t>(7), std::vector<double>(7)};
  present(noisy(), {}, {.steps = 60}, 7, 1, looking(one));
  for (const int replicas : {2, 3, 7, 9}) {
    Seen many{std::vector<std::uint64_t>(7), std::vector<double>(7)};
    present(noisy(), {}, {.steps = 60}, 7, replicas, looking(many));
    EXPECT_EQ(one.spikes, many.spikes) << replicas;
    EXPECT_EQ(one.weight, many.weight) << replicas;
  }
  EXPECT_NE(one.spikes[0], one.spikes[1]);
}

TEST(Presentation, ShowsASampleAsAFreshNetworkWouldSeeIt) {
  Seen seen{std::vector<std::uint64_t>(4), std::vector<double>(4)};
  present(noisy(), {}, {.steps = 60}, 4, 1, looking(seen));
  Simulation fresh(noisy(), {.first_draw = 3 * 60});
  looking(seen).show(fresh, 3);
  fresh.run_steps(60);
  EXPECT_EQ(fresh.statistics().spike_hash, seen.spikes[3]);
  EXPECT_EQ(fresh.get_synapses(0, "weight").at(77), seen.weight[3]);
}

TEST(Presentation, KeepsWeightsWhereOnlyTheStateIsReset) {
  Seen seen{std::vector<std::uint64_t>(4), std::vector<double>(4)};
  Simulation sim(noisy());
  present(sim, {.steps = 60, .reset = Reset::state}, 0, 4, looking(seen));
  EXPECT_NE(seen.weight[0], seen.weight[3]);
  EXPECT_EQ(sim.step(), 60);
}

TEST(Presentation, RunsTheGapWithoutTheSample) {
  Seen seen{std::vector<std::uint64_t>(2), std::vector<double>(2)};
  Samples samples = looking(seen);
  int hidden = 0;
  samples.hide = [&](Simulation& s) {
    s.set(s.network().population("in"), "rate", 0_Hz);
    ++hidden;
  };
  Simulation sim(noisy());
  present(sim, {.steps = 60, .gap = 40}, 0, 2, samples);
  EXPECT_EQ(sim.step(), 100);
  EXPECT_EQ(hidden, 2);
  EXPECT_THROW(present(sim, {.steps = 60, .gap = 40}, 0, 2, looking(seen)), ValueError);
  EXPECT_THROW(present(sim, {.steps = 0}, 0, 2, looking(seen)), ValueError);
}

}  // namespace
}  // namespace callosum
