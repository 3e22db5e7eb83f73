#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"
#include "callosum/sonata/circuit_of.h"
#include "callosum/sonata/network_of.h"
#include "example.h"

namespace callosum::sonata {
namespace {

using namespace callosum::literals;

/// Every kind of thing that a circuit can hold: drawn synapses and values, several models, one of
/// the user's own, spikes that are given, stimuli, plastic synapses, parts of populations.
Network rich() {
  Network net(0.1_ms, "rich");
  PopulationOptions drawn;
  drawn.initial.insert({"V_m", Values::uniform(-60_mV, -50_mV)});
  drawn.parameters.insert({"C_m", Values::normal(200_pF, 10_pF)});
  const View exc =
      net.add("exc/a", 80, library::neuron("lif_cond_exp").with({{"I_e", 310_pA}}), drawn);
  const model::Model own(model::read_model_text(R"(kind = "neuron"
doc = "a neuron of the user's own"
equations = """
dv/dt = (0.5 - v)/tau + s/tau : 1
ds/dt = -s/(2*tau) : 1
"""
threshold = "v > 1"
reset = "v = 0"
[parameters]
tau = { value = "10 ms", range = "> 0 ms" }
)",
                                                "own.toml"));
  const View mine = net.add("mine", 20, own);
  const View input =
      net.add_spike_list("input", 4, {0, 1, 2, 3, 0}, {1_ms, 2_ms, 3_ms, 4_ms, 5_ms});
  net.connect(exc, exc, fixed_probability(0.2).without_autapses(),
              {.target = "g_ex", .weight = 3_nS, .delay = Values::uniform(1_ms, 3_ms)});
  net.connect(exc, exc, fixed_indegree(5),
              {.target = "g_in", .weight = Values::uniform(5_nS, 9_nS)});
  net.connect(net.slice(exc, 10, 60), mine, fixed_probability(0.3), {.target = "s", .weight = 0.4});
  net.connect(input, exc, all_to_all(), {.target = "g_ex", .weight = 8_nS});
  net.connect(exc, mine, fixed_total_number(200),
              {.target = "s",
               .weight = 0.2,
               .model = library::synapse("stdp_additive"),
               .parameters = {{"w_min", 0.0}, {"w_max", 0.5}}});
  Stimulus noise{
      .kind = Stimulus::Kind::poisson, .name = "background", .to = exc, .target = "g_ex"};
  noise.value = 2_nS;
  noise.rate = 20_Hz;
  noise.sources = 50;
  net.stimulate(noise);
  Stimulus step{.kind = Stimulus::Kind::constant, .name = "step", .to = net.slice(exc, 0, 7)};
  step.target = "I_e";
  step.value = 250_pA;
  step.start = 200;
  step.stop = 600;
  net.stimulate(step);
  net.record_spikes(exc);
  net.record_spikes(mine);
  net.record(net.slice(exc, 3, 5), "V_m", 1_ms);
  return net;
}

Recording recording_of(const Network& net, std::uint64_t seed) {
  Simulation simulation(net, {.seed = seed, .precision = Precision::twofold});
  simulation.run(200_ms);
  return simulation.recording();
}

TEST(SonataWrite, ACircuitFiresAsTheNetworkItWasWrittenFrom) {
  const TemporaryFolder folder;
  const Network net = rich();
  const auto path = write_circuit(folder.path(), net, {.seed = 7, .duration = 200_ms});
  const SonataNetwork sonata = read_sonata(path);
  EXPECT_EQ(sonata.config.seed, 7u);
  EXPECT_EQ(sonata.config.tstop_ms, 200);
  const Recording expected = recording_of(net, 7), got = recording_of(sonata.network, 7);
  ASSERT_EQ(got.spikes.size(), 2u);
  for (std::size_t p = 0; p < 2; ++p) {
    EXPECT_GT(expected.spikes[p].steps.size(), 100u) << p;
    EXPECT_EQ(got.spikes[p].steps, expected.spikes[p].steps) << p;
    EXPECT_EQ(got.spikes[p].neurons, expected.spikes[p].neurons) << p;
  }
  ASSERT_EQ(got.traces.size(), 1u);
  EXPECT_EQ(got.traces[0].values, expected.traces[0].values);
  // Another seed draws another network, so the agreement is none of the rules.
  EXPECT_NE(recording_of(net, 8).spikes[0].steps, expected.spikes[0].steps);
}

TEST(SonataWrite, ModelsThatNestHasAreNamedAsThere) {
  const TemporaryFolder folder;
  write_circuit(folder.path(), rich());
  const Circuit circuit = read_circuit(read_circuit_config(folder.path() / "circuit_config.json"));
  EXPECT_EQ(circuit.nodes[0].attributes.at("model_template").text(0), "nest:iaf_cond_exp");
  EXPECT_EQ(circuit.nodes[1].attributes.at("model_template").text(0), "callosum:1_mine.toml");
  EXPECT_EQ(circuit.nodes[2].attributes.at("model_type").text(0), "virtual");
  EXPECT_EQ(circuit.edges[0].attributes.at("syn_weight").numbers[0], 3);
  EXPECT_LT(circuit.edges[1].attributes.at("syn_weight").numbers[0], 0);  // NEST's inhibition
}

TEST(SonataWrite, WhatACircuitCannotHoldIsNamed) {
  const TemporaryFolder folder;
  Network net = rich();
  Stimulus steps{.kind = Stimulus::Kind::steps, .name = "stairs", .to = net.population("exc/a")};
  steps.target = "I_e";
  steps.value = Values::array({1, 2}, dimension::current);
  steps.times = {0, 10};
  net.stimulate(steps);
  const std::string message =
      error_of<UnsupportedError>([&] { write_circuit(folder.path(), net); });
  EXPECT_TRUE(contains(message, "stimulus 'stairs'")) << message;
  Network gap(0.1_ms);
  const View a = gap.add("a", 2, library::neuron("rate_linear"));
  gap.connect(a, a, all_to_all(),
              {.target = "I", .weight = 1.0, .source_variable = "r", .name = "rates"});
  const std::string continuous =
      error_of<UnsupportedError>([&] { write_circuit(folder.path(), gap); });
  EXPECT_TRUE(contains(continuous, "projection 'rates'")) << continuous;
}

}  // namespace
}  // namespace callosum::sonata
