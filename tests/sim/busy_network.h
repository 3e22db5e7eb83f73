#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/library/library.h"
#include "tests/sim/accumulators.h"

// A network with a little of everything, and when two simulations of it have gone the same way.
namespace callosum::busy {

using namespace callosum::literals;

/// Noise that crosses its threshold now and then.
inline model::Model drifting() {
  model::ModelText t;
  t.name = "test_drifting";
  t.equations = accumulators::text("dx/dt = (0.8 - x)/(5*ms) + 0.4*xi/sqrt(ms) : 1\ny = x*x : 1");
  t.threshold = accumulators::text("x > 1.5");
  t.reset = accumulators::text("x = 0");
  t.refractory = accumulators::text("1*ms");
  return model::Model(t);
}

/// Poisson input and noise.
inline void drive(Network& net, const View& exc, const View& inh) {
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .to = exc,
                 .target = "I_ex",
                 .value = 20_pA,
                 .rate = Values(2000_Hz)});
  net.stimulate({.kind = Stimulus::Kind::noise,
                 .to = inh,
                 .target = "I_e",
                 .amplitude = 50_pA,
                 .interval = 7});
}

/// Delays from `shortest` steps on. Everything is recorded: spikes, states and subexpressions of a
/// part at intervals, weights that change. `continuous` adds a projection that reads every step.
inline Network network(std::int64_t shortest, bool continuous = false) {
  Network net(0.1_ms, "busy");
  const auto list =
      accumulators::add_spikes(net, "list", 50, accumulators::random_spikes(71, 50, 5000, 0.002));
  const auto exc = net.add("exc", 1500, library::neuron("lif_psc_exp"),
                           {.parameters = {{"I_e", Values::uniform(300_pA, 420_pA)}},
                            .initial = {{"V_m", Values::uniform(-70_mV, -55.5_mV)}}});
  const auto inh = net.add("inh", 300, library::neuron("lif_cond_exp"));
  const auto drift = net.add("drift", 100, drifting());
  const auto delay = [&](std::int64_t steps) {
    return Quantity::from_internal(0.1 * static_cast<double>(shortest + steps), dimension::time);
  };
  net.connect(exc, exc, fixed_probability(0.01),
              {.target = "I_ex",
               .weight = Values::normal(15_pA, 5_pA),
               .delay = Values::uniform(delay(0), delay(30))});
  const auto tiring =
      net.connect(exc, inh, fixed_indegree(20),
                  {.target = "g_ex",
                   .weight = 4_nS,
                   .delay = delay(3),
                   .model = accumulators::synapse("x : 1", "target += weight*x\nx *= 0.9"),
                   .parameters = {{"x", Values::uniform(0.5, 1)}},
                   .name = "tiring"});
  const auto changing =
      net.connect(list, inh, fixed_probability(0.5),
                  {.target = "g_ex",
                   .weight = 2_nS,
                   .delay = delay(0),
                   .model = accumulators::synapse("", "weight *= 0.99\ntarget += weight")});
  net.connect(inh, exc, fixed_indegree(10),
              {.target = "I_in", .weight = -40_pA, .delay = delay(5)});
  net.connect(drift, exc, fixed_outdegree(30),
              {.target = "I_ex", .weight = 60_pA, .delay = delay(1)});
  if (continuous)
    net.connect(drift, exc, fixed_indegree(3),
                {.target = "I_e", .weight = 10_pA, .source_variable = "y"});
  drive(net, exc, inh);
  net.stimulate({.kind = Stimulus::Kind::sine,
                 .to = exc,
                 .target = "I_e",
                 .amplitude = 30_pA,
                 .frequency = 40_Hz});
  for (const View& v : {list, exc, inh, drift}) net.record_spikes(v);
  net.record_spikes(net.slice(exc, 1000, 1100));
  net.record(net.slice(exc, 1020, 1030), "V_m");
  net.record(inh, "g_ex", 0.7_ms);
  net.record(net.slice(drift, 3, 9), "y", 0.3_ms);
  net.record_weights(changing, 1.1_ms);
  net.record_weights(tiring, 5_ms);
  return net;
}

/// Nothing but spikes passes between neurons here, so that segments go alone through an exchange
/// interval: one delay a projection (arrivals of a step), many delays (windows), few synapses of
/// many delays (arrivals of all steps).
inline Network plain_network(std::int64_t shortest) {
  Network net(0.1_ms, "plain");
  const auto list =
      accumulators::add_spikes(net, "list", 50, accumulators::random_spikes(72, 50, 5000, 0.002));
  const auto exc = net.add("exc", 2500, library::neuron("lif_psc_exp"),
                           {.parameters = {{"I_e", Values::uniform(300_pA, 420_pA)}},
                            .initial = {{"V_m", Values::uniform(-70_mV, -55.5_mV)}}});
  const auto inh = net.add("inh", 300, library::neuron("lif_cond_exp"));
  const auto delay = [&](std::int64_t steps) {
    return Quantity::from_internal(0.1 * static_cast<double>(shortest + steps), dimension::time);
  };
  net.connect(
      exc, exc, fixed_probability(0.01),
      {.target = "I_ex", .weight = Values::normal(15_pA, 5_pA), .delay = delay(0), .name = "near"});
  net.connect(
      exc, exc, fixed_probability(0.01),
      {.target = "I_ex", .weight = Values::normal(15_pA, 5_pA), .delay = delay(9), .name = "far"});
  net.connect(list, exc, fixed_outdegree(30),
              {.target = "I_ex", .weight = Values::normal(40_pA, 9_pA), .delay = delay(2)});
  net.connect(exc, inh, fixed_probability(0.1),
              {.target = "g_ex",
               .weight = Values::normal(0.5_nS, 0.1_nS),
               .delay = Values::uniform(delay(0), delay(25))});
  net.connect(inh, inh, fixed_indegree(5),
              {.target = "g_in",
               .weight = Values::normal(1_nS, 0.1_nS),
               .delay = Values::uniform(delay(1), delay(40))});
  net.connect(inh, exc, fixed_indegree(10),
              {.target = "I_in", .weight = -40_pA, .delay = delay(5)});
  drive(net, exc, inh);
  for (const View& v : {list, exc, inh}) net.record_spikes(v);
  net.record(net.slice(exc, 1020, 1030), "V_m");
  net.record(inh, "g_ex", 0.7_ms);
  return net;
}

/// All that a simulation gives away.
struct Left {
  Recording recording;
  RunStatistics statistics;
};
inline Left left_by(const Simulation& sim) { return {sim.recording(), sim.statistics()}; }

/// Equal to the bit.
inline void expect_same(const Left& a, const Left& b) {
  const Recording &x = a.recording, &y = b.recording;
  EXPECT_EQ(x.steps, y.steps);
  ASSERT_EQ(x.spikes.size(), y.spikes.size());
  for (std::size_t k = 0; k < x.spikes.size(); ++k) {
    EXPECT_EQ(x.spikes[k].population, y.spikes[k].population);
    EXPECT_EQ(x.spikes[k].size, y.spikes[k].size);
    EXPECT_TRUE(x.spikes[k].steps == y.spikes[k].steps) << "spikes " << k;
    EXPECT_TRUE(x.spikes[k].neurons == y.spikes[k].neurons) << "spikes " << k;
  }
  ASSERT_EQ(x.traces.size(), y.traces.size());
  for (std::size_t k = 0; k < x.traces.size(); ++k) {
    EXPECT_EQ(x.traces[k].variable, y.traces[k].variable);
    EXPECT_EQ(x.traces[k].indices, y.traces[k].indices);
    EXPECT_EQ(x.traces[k].dimension, y.traces[k].dimension);
    EXPECT_EQ(x.traces[k].interval, y.traces[k].interval);
    EXPECT_TRUE(x.traces[k].values == y.traces[k].values) << "trace " << k;
  }
  ASSERT_EQ(x.weights.size(), y.weights.size());
  for (std::size_t k = 0; k < x.weights.size(); ++k) {
    EXPECT_EQ(x.weights[k].projection, y.weights[k].projection);
    EXPECT_EQ(x.weights[k].synapses, y.weights[k].synapses);
    EXPECT_TRUE(x.weights[k].values == y.weights[k].values) << "weights " << k;
  }
  ASSERT_EQ(x.populations.size(), y.populations.size());
  for (std::size_t k = 0; k < x.populations.size(); ++k)
    EXPECT_EQ(x.populations[k].spikes, y.populations[k].spikes);
  EXPECT_EQ(a.statistics.spike_hash, b.statistics.spike_hash);
  EXPECT_EQ(a.statistics.synaptic_events, b.statistics.synaptic_events);
  EXPECT_EQ(a.statistics.steps, b.statistics.steps);
}

inline void expect_same(const Simulation& a, const Simulation& b) {
  expect_same(left_by(a), left_by(b));
}

}  // namespace callosum::busy
