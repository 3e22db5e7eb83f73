#include "callosum/nir/graph_of.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"

namespace callosum::nir {
namespace {

using namespace callosum::literals;
using Spikes = std::vector<std::pair<std::int64_t, std::uint32_t>>;

Spikes spikes_of(const Network& network, const std::string& population, Quantity duration) {
  Simulation simulation(network, {.precision = Precision::twofold});
  simulation.run(duration);
  Spikes spikes;
  const Recording recording = simulation.recording();
  for (const SpikeRecord& r : recording.spikes)
    if (r.population == population)
      for (std::size_t k = 0; k < r.steps.size(); ++k)
        spikes.emplace_back(r.steps[k], r.neurons[k]);
  return spikes;
}

template <class Work>
std::string refusal(Work&& work) {
  try {
    work();
  } catch (const UnsupportedError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

/// Spikes of an input as network_of() takes them: [time, unit].
std::vector<double> raster(std::size_t n, std::size_t steps, std::uint64_t seed) {
  std::vector<double> x(n * steps);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = (k * 2654435761u + seed * 40503u) % 1000 < 120;
  return x;
}

/// Drawn synapses, loops with delays, constant current, two populations.
Network delta_network(const std::vector<double>& input, std::size_t n) {
  Network net(0.1_ms, "delta");
  std::vector<std::uint32_t> neurons;
  std::vector<std::int64_t> steps;
  for (std::size_t k = 0; k < input.size(); ++k)
    if (input[k] != 0) {
      neurons.push_back(static_cast<std::uint32_t>(k % n));
      steps.push_back(static_cast<std::int64_t>(k / n) + 1);
    }
  const View in = net.add_spike_list("in", static_cast<std::uint32_t>(n), {}, {});
  net.set_spikes(in, neurons, steps);
  const model::Model neuron =
      library::neuron("lif_psc_delta").with({{"t_ref", 0_ms}, {"I_e", 120_pA}, {"C_m", 100_pF}});
  const View exc = net.add("exc", 30, neuron), out = net.add("out", 10, neuron);
  net.connect(in, exc, fixed_probability(0.5),
              {.target = "V_m", .weight = 1.5_mV, .delay = Quantity(0, dimension::time)});
  net.connect(exc, exc, fixed_probability(0.2),
              {.target = "V_m", .weight = Values::uniform(-2_mV, 2_mV), .delay = 0.1_ms});
  net.connect(exc, out, fixed_indegree(8),
              {.target = "V_m", .weight = 2_mV, .delay = Values::uniform(0.5_ms, 0.8_ms)});
  net.record_spikes(exc);
  net.record_spikes(out);
  return net;
}

TEST(NirExport, LifNeuronsFireAsInTheNetworkTheyWereTakenFrom) {
  const std::vector<double> input = raster(6, 1000, 3);
  const Network net = delta_network(input, 6);
  const NirExport exported = graph_of(net, {.steps = NirSteps::exact});
  // Through a file, as another program would have it.
  const std::string path = testing::TempDir() + "/delta.nir";
  write_nir(path, exported.graph);
  NirOptions options{.dt = 0.1_ms, .steps = NirSteps::exact};
  options.spikes["in"] = input;
  const NirNetwork read = network_of(read_nir(path), options);
  for (const char* population : {"exc", "out"}) {
    const Spikes expected = spikes_of(net, population, 100_ms);
    EXPECT_GT(expected.size(), 100u) << population;
    EXPECT_EQ(spikes_of(read.network, population, 100_ms), expected) << population;
  }
  ASSERT_EQ(exported.losses.size(), 1u);
  EXPECT_NE(exported.losses[0].find("spikes of 'in'"), std::string::npos);
}

TEST(NirExport, AnotherSeedDrawsOtherSynapses) {
  const Network net = delta_network(raster(6, 10, 3), 6);
  EXPECT_EQ(graph_of(net, {.seed = 4}).graph, graph_of(net, {.seed = 4}).graph);
  EXPECT_FALSE(graph_of(net, {.seed = 4}).graph == graph_of(net, {.seed = 5}).graph);
}

/// One graph of each kind of node with a state, recurrent.
NirGraph graph(const std::string& type) {
  NirGraph g;
  const auto list = [](std::vector<double> x) { return NirArray{{x.size()}, x}; };
  g.nodes["input"] = {"Input", {{"shape", {{1}, {3}, true}}}};
  g.nodes["w"] = {"Linear", {{"weight", {{2, 3}, {0.9, 0.4, -0.2, 0.3, 0.8, 0.7}}}}};
  g.nodes["loop"] = {"Linear", {{"weight", {{2, 2}, {0, -0.3, 0.2, 0}}}}};
  NirNode node(type, {});
  if (type.starts_with("Cuba")) {
    node.numbers = {{"tau_syn", list({0.002, 0.003})},
                    {"tau_mem", list({0.005, 0.003})},
                    {"r", list({8, 9})},
                    {"w_in", list({4, 5})},
                    {"v_leak", list({0.1, 0})}};
  } else if (type == "IF") {
    node.numbers = {{"r", list({2000, 1500})}};
  } else if (type == "Threshold") {
    node.numbers = {{"threshold", list({0.5, 0.6})}};
  } else {
    node.numbers = {{"tau", list({0.004, 0.006})}, {"r", list({9, 8})}, {"v_leak", list({0.1, 0})}};
  }
  if (type.ends_with("F")) {
    node.numbers["v_threshold"] = list({1, 1.2});
    node.numbers["v_reset"] = list({0, -0.1});
  }
  g.nodes["neuron"] = node;
  g.nodes["output"] = {"Output", {{"shape", {{1}, {2}, true}}}};
  g.edges = {{"input", "w"},
             {"w", "neuron"},
             {"neuron", "loop"},
             {"loop", "neuron"},
             {"neuron", "output"}};
  return g;
}

TEST(NirExport, WhatWasImportedGoesBackWithItsTypeAndItsSpikes) {
  for (const char* type : {"LIF", "CubaLIF", "IF", "Threshold"})
    for (const NirSteps steps :
         {NirSteps::exact, NirSteps::euler, NirSteps::snntorch, NirSteps::norse}) {
      NirOptions options{.dt = 0.5_ms, .steps = steps};
      options.spikes["input"] = raster(3, 400, 1);
      const NirNetwork first = network_of(graph(type), options);
      const NirExport exported = graph_of(first.network, {.steps = steps});
      EXPECT_EQ(exported.graph.nodes.at("neuron").type, type);
      const NirNetwork second = network_of(exported.graph, options);
      const Spikes expected = spikes_of(first.network, "neuron", 200_ms);
      EXPECT_GT(expected.size(), 20u) << type;
      EXPECT_EQ(spikes_of(second.network, "neuron", 200_ms), expected)
          << type << ", steps " << static_cast<int>(steps);
    }
}

TEST(NirExport, TimeConstantsComeBackAsTheyWere) {
  for (const char* type : {"LI", "LIF", "CubaLI", "CubaLIF"}) {
    const NirNetwork read = network_of(graph(type), {.dt = 0.5_ms, .steps = NirSteps::exact});
    const NirNode back = graph_of(read.network).graph.nodes.at("neuron");
    ASSERT_EQ(back.type, type);
    const NirGraph before = graph(type);
    for (const auto& [key, array] : before.nodes.at("neuron").numbers)
      for (std::size_t i = 0; i < array.values.size(); ++i)
        EXPECT_NEAR(back.numbers.at(key).values[i], array.values[i],
                    1e-9 * (1 + std::abs(array.values[i])))
            << type << "." << key;
  }
}

TEST(NirExport, CurrentsThatDecayApproachTheNetworkAsTheStepShrinks) {
  double before = 1e9;
  for (const double dt : {0.4, 0.1, 0.025}) {
    Network net(Quantity::from_internal(dt, dimension::time));
    const View in = net.add_spike_list("in", 1, {0}, {2_ms});
    const View out = net.add("out", 1, library::neuron("lif_psc_exp").with({{"t_ref", 0_ms}}));
    net.connect(in, out, all_to_all(),
                {.target = "I_ex", .weight = 900_pA, .delay = Quantity(0, dimension::time)});
    net.record(out, "V_m", 2_ms);
    NirOptions options{.dt = net.grid().dt(), .steps = NirSteps::exact};
    const auto steps = static_cast<std::size_t>(std::lround(2 / dt));
    options.spikes["in"].assign(steps, 0);
    options.spikes["in"].back() = 1;
    NirNetwork read = network_of(graph_of(net).graph, options);
    read.network.record(read.network.population("out"), "v", 2_ms);
    Simulation one(net, {.precision = Precision::twofold});
    Simulation other(read.network, {.precision = Precision::twofold});
    one.run(20_ms);
    other.run(20_ms);
    double largest = 0, difference = 0;
    const Recording a = one.recording(), b = other.recording();
    for (std::size_t k = 0; k < a.traces[0].values.size(); ++k) {
      largest = std::max(largest, a.traces[0].values[k] + 70);
      difference =
          std::max(difference, std::abs(a.traces[0].values[k] - b.traces.back().values[k]));
    }
    EXPECT_GT(largest, 3.0);
    EXPECT_LT(difference, before / 3) << dt;  // of first order: a quarter of the step, a quarter
    before = difference;
  }
  EXPECT_LT(before, 0.1);
}

TEST(NirExport, WhatNirCannotHoldIsNamed) {
  Network net(0.1_ms);
  const View exc = net.add("exc", 4, library::neuron("lif_psc_delta"));
  EXPECT_NE(refusal([&] { graph_of(net); }).find("t_ref"), std::string::npos);
  Network cond(0.1_ms);
  cond.add("exc", 4, library::neuron("lif_cond_exp"));
  const std::string model = refusal([&] { graph_of(cond); });
  EXPECT_NE(model.find("population 'exc'"), std::string::npos) << model;
  EXPECT_NE(model.find("lif_cond_exp"), std::string::npos) << model;
  Network plastic = delta_network(raster(6, 10, 3), 6);
  plastic.connect(plastic.population("exc"), plastic.population("out"), all_to_all(),
                  {.target = "V_m",
                   .weight = 1_mV,
                   .model = library::synapse("stdp_additive"),
                   .parameters = {{"w_min", 0_mV}, {"w_max", 3_mV}},
                   .name = "learns"});
  EXPECT_NE(refusal([&] { graph_of(plastic); }).find("projection 'learns'"), std::string::npos);
  Network driven = delta_network(raster(6, 10, 3), 6);
  Stimulus noise{.kind = Stimulus::Kind::poisson, .name = "noise", .to = driven.population("exc")};
  noise.target = "V_m";
  noise.value = 1_mV;
  noise.rate = 10_Hz;
  driven.stimulate(noise);
  EXPECT_NE(refusal([&] { graph_of(driven); }).find("stimulus 'noise'"), std::string::npos);
}

}  // namespace
}  // namespace callosum::nir
