#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>

#include "callosum/library/library.h"
#include "callosum/model/interpret.h"
#include "callosum/network/connectivity.h"
#include "callosum/network/topology.h"
#include "tests/sim/accumulators.h"

// Recurrent networks stepped by plain loops over every synapse: one neuron after the other through
// the interpreter's arithmetic written out by hand, DESIGN's order of sums; equal to the bit.
namespace callosum {
namespace {

using namespace callosum::literals;

/// An integrator without leak, so that its step needs no elementary function: V += I; spikes above
/// 1; refractory for two steps.
model::Model counter() {
  model::ModelText t;
  t.name = "test_counter";
  t.equations = accumulators::text("dv/dt = 0*v/ms : 1 (unless refractory)\nu : 1");
  t.threshold = accumulators::text("v > 1");
  t.reset = accumulators::text("v = 0.25");
  t.refractory = accumulators::text("0.2*ms");
  return model::Model(t);
}

struct Synapse {
  std::uint32_t projection, source;
  std::size_t ordinal;
  std::uint32_t target;
  std::int64_t delay;
  double weight;
};

/// All synapses of the network, from the lists it was made of.
struct Case {
  accumulators::Synapses recurrent, feedforward;
  accumulators::Spikes input;
  std::uint32_t neurons = 40, sources = 12;
};

Case random_case(std::uint64_t seed) {
  Case c;
  c.recurrent = accumulators::random_synapses(seed, 600, c.neurons, c.neurons, 1, 9);
  c.feedforward = accumulators::random_synapses(seed + 1, 200, c.sources, c.neurons, 2, 17);
  for (double& w : c.recurrent.weights) w = std::abs(std::fmod(w, 0.37)) - 0.17;
  for (double& w : c.feedforward.weights) w = std::abs(std::fmod(w, 0.61));
  c.input = accumulators::random_spikes(seed + 2, c.sources, 300, 0.1);
  return c;
}

template <class T>
std::vector<double> by_loops(const Case& c, std::int64_t steps, accumulators::Spikes& spikes) {
  std::vector<T> v(c.neurons, 0);
  std::vector<int> refractory(c.neurons, 0);
  std::vector<double> trace(v.begin(), v.end());
  std::vector<accumulators::Arrival> all;
  accumulators::arrivals(c.input, c.feedforward, 1, all);
  for (std::int64_t n = 0; n < steps; ++n) {
    accumulators::in_order(all);
    std::vector<T> sum(c.neurons, 0);
    for (const auto& a : all)
      if (a.slot == n) sum[a.target] += static_cast<T>(a.weight);
    accumulators::Spikes now;
    for (std::uint32_t i = 0; i < c.neurons; ++i) {
      if (refractory[i] > 0)
        --refractory[i];
      else
        v[i] += sum[i];
      if (refractory[i] == 0 && v[i] > T(1)) {
        v[i] = T(0.25);
        refractory[i] = 2;
        now.emplace_back(n + 1, i);
      }
    }
    accumulators::arrivals(now, c.recurrent, 0, all);
    spikes.insert(spikes.end(), now.begin(), now.end());
    trace.insert(trace.end(), v.begin(), v.end());
  }
  return trace;
}

template <class T>
void expect_as_by_loops(std::uint64_t seed) {
  const Case c = random_case(seed);
  accumulators::Spikes expected;
  const auto trace = by_loops<T>(c, 300, expected);
  Network net(0.1_ms);
  const View list = accumulators::add_spikes(net, "list", c.sources, c.input);
  const View to = net.add("to", c.neurons, counter());
  net.connect(to, to, c.recurrent.rule(),
              {.target = "v", .weight = c.recurrent.weight(), .delay = c.recurrent.delay()});
  net.connect(list, to, c.feedforward.rule(),
              {.target = "v", .weight = c.feedforward.weight(), .delay = c.feedforward.delay()});
  net.record(to, "v");
  net.record_spikes(to);
  for (const int threads : {1, 3}) {
    Simulation sim(net, {.threads = threads,
                         .precision = sizeof(T) == 4 ? Precision::single : Precision::twofold});
    sim.run_steps(300);
    const Recording r = sim.recording();
    accumulators::Spikes got;
    for (std::size_t k = 0; k < r.spikes[0].steps.size(); ++k)
      got.emplace_back(r.spikes[0].steps[k], r.spikes[0].neurons[k]);
    EXPECT_GT(expected.size(), 100u);
    EXPECT_EQ(got, expected) << "seed " << seed;
    EXPECT_TRUE(r.traces[0].values == trace) << "seed " << seed;
  }
}

TEST(EngineOracle, RecurrentNetworksGoAsByPlainLoopsToTheBit) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    expect_as_by_loops<float>(seed);
    expect_as_by_loops<double>(seed);
  }
}

TEST(ClosedForm, IntervalOfALeakyNeuronUnderConstantCurrent) {
  Network net(0.1_ms);
  const View n = net.add("n", 1, library::neuron("lif_psc_exp"),
                         {.parameters = {{"I_e", Values(500_pA)},
                                         {"C_m", Values(250_pF)},
                                         {"tau_m", Values(10_ms)},
                                         {"E_L", Values(-70_mV)},
                                         {"V_th", Values(-55_mV)},
                                         {"V_reset", Values(-70_mV)},
                                         {"t_ref", Values(2_ms)}}});
  net.record_spikes(n);
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(1_s);
  // tau ln(R I / (R I - (V_th - E_L))), R = tau/C = 40 MOhm, R I = 20 mV; the threshold is found at
  // the first step at or after it, refractoriness is whole steps.
  const double rise = 10 * std::log(20.0 / (20.0 - 15.0));
  const std::int64_t interval = static_cast<std::int64_t>(std::floor(rise / 0.1)) + 1 + 20;
  const auto steps = Recording(sim.recording()).spikes[0].steps;
  ASSERT_GT(steps.size(), 50u);
  for (std::size_t k = 1; k < steps.size(); ++k) EXPECT_EQ(steps[k] - steps[k - 1], interval);
}

TEST(ClosedForm, PotentialAfterOneSpikeOfAnExponentialCurrent) {
  Network net(0.1_ms);
  const View list = accumulators::add_spikes(net, "list", 1, {{10, 0}});
  const View n = net.add("n", 1, library::neuron("lif_psc_exp"),
                         {.parameters = {{"C_m", Values(250_pF)},
                                         {"tau_m", Values(10_ms)},
                                         {"tau_syn_ex", Values(2_ms)},
                                         {"E_L", Values(-70_mV)}}});
  net.connect(list, n, all_to_all(), {.target = "I_ex", .weight = 100_pA, .delay = 1.5_ms});
  net.record(n, "V_m");
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(50_ms);
  const auto v = Recording(sim.recording()).traces[0].values;
  double highest = 0;
  for (std::size_t k = 0; k < v.size(); ++k) {
    const double t = 0.1 * (static_cast<double>(k) - 25);
    const double psp =
        t <= 0 ? 0 : 100.0 / 250 / (1 / 2.0 - 1 / 10.0) * (std::exp(-t / 10) - std::exp(-t / 2));
    EXPECT_NEAR(v[k], -70 + psp, 1e-12 * 70) << k;
    highest = std::max(highest, psp);
  }
  EXPECT_GT(highest, 0.5);
}

}  // namespace
}  // namespace callosum
