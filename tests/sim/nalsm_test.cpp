#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "callosum/core/random.h"
#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"

// The liquid state machine NALSM as a network of library models, beside a dense program that does
// what the authors' code does in a millisecond, in its order (specification of NALSM, section 3):
// spikes, reset, v, time since the last spike, STDP, trace, astrocyte, fading.
namespace callosum {
namespace {

using namespace callosum::literals;

struct Machine {
  static constexpr std::uint32_t inputs = 30, liquid = 60, excitatory = 45;
  static constexpr int steps = 300;
  struct Synapse {
    std::uint32_t source, target;  ///< sources: liquid, then inputs
    double weight;
  };
  std::vector<Synapse> synapses[3];  ///< of excitatory, inhibitory neurons, of inputs
  std::vector<double> pulses;        ///< [step, input]
  double keep = 0.99, w_a = 0.05;

  explicit Machine(std::uint64_t seed) {
    Stream draw(StreamKey(seed, name_hash("nalsm test"), Purpose::user), 0, 0);
    const auto add = [&](int kind, std::uint32_t source, std::uint32_t target, double p, double w) {
      if (draw.uniform() < p && source != target) synapses[kind].push_back({source, target, w});
    };
    for (std::uint32_t s = 0; s < liquid; ++s)
      for (std::uint32_t t = 0; t < liquid; ++t)
        add(s < excitatory ? 0 : 1, s, t, 0.15, s < excitatory ? 2.9 : -2.9);
    for (std::uint32_t s = 0; s < inputs; ++s)
      for (std::uint32_t t = 0; t < liquid; ++t)
        add(2, liquid + s, t, 0.3, draw.uniform() < 0.5 ? 2.8 : -2.8);
    for (int k = 0; k < steps; ++k)
      for (std::uint32_t i = 0; i < inputs; ++i)
        pulses.push_back(draw.uniform() < 0.01 * i && k < steps - 20 ? 100 : 0);
  }

  Network network() const {
    Network net(1_ms, "nalsm");
    const model::Model lif = library::neuron("nalsm_lif");
    const View in = net.add("input", inputs, lif), out = net.add("liquid", liquid, lif);
    const View astrocyte = net.add("astrocyte", 1, library::neuron("nalsm_astrocyte"),
                                   {.parameters = {{"keep", keep}, {"w_a", w_a}}});
    Stimulus given{.kind = Stimulus::Kind::array, .to = in, .target = "s"};
    given.samples = pulses;
    net.stimulate(given);
    net.connect(out, astrocyte, all_to_all(), {.target = "excess", .weight = 1.0, .delay = 0_ms});
    net.connect(in, astrocyte, all_to_all(), {.target = "excess", .weight = -1.0, .delay = 0_ms});
    for (int kind = 0; kind < 3; ++kind) {
      std::vector<std::uint32_t> sources, targets;
      std::vector<double> weights;
      for (const Synapse& s : synapses[kind]) {
        sources.push_back(kind == 2 ? s.source - liquid : s.source);
        targets.push_back(s.target);
        weights.push_back(s.weight);
      }
      SynapseOptions o{.weight = Values::array(weights, {}), .delay = 1_ms};
      o.model = library::synapse("stdp_astrocyte");
      o.parameters = {{"w_min", kind == 0 ? 0.0 : -3.0}, {"w_max", kind == 1 ? 0.0 : 3.0}};
      const bool swapped = kind == 1;
      const double sign = swapped ? -1 : 1;
      o.links = {{"depression", {astrocyte, swapped ? "eta" : "A", {}, sign, {}}},
                 {"potentiation", {astrocyte, swapped ? "A_next" : "eta_next", {}, sign, {}}}};
      o.name = "kind " + std::to_string(kind);
      net.connect(kind == 2 ? in : out, out, pairs(sources, targets), o);
    }
    net.record_spikes(out);
    net.record(astrocyte, "A", 1_ms);
    return net;
  }
  static constexpr std::uint32_t first_kind = 2;  ///< projection

  /// The dense program; fills what the network's run gives.
  struct Result {
    std::vector<std::pair<std::int64_t, std::uint32_t>> spikes;  ///< of the liquid
    std::vector<double> A;
    std::vector<double> weights[3];
  };
  Result dense() const {
    constexpr std::uint32_t all = liquid + inputs;
    std::vector<double> v(all, 0), x(all, 0), age(all, 100);
    std::vector<int> refractory(all, 0);
    std::vector<Synapse> now[3] = {synapses[0], synapses[1], synapses[2]};
    double A = 0.15, eta = 0.15, fade = 1;
    Result r;
    for (int k = 0; k <= steps; ++k) {
      std::vector<bool> fired(all);
      for (std::uint32_t i = 0; i < all; ++i) fired[i] = v[i] >= 20 && refractory[i] == 0;
      r.A.push_back(A);
      double excess = 0;
      for (std::uint32_t i = 0; i < all; ++i) {
        if (!fired[i]) continue;
        v[i] = 0;
        age[i] = 0;
        excess += i < liquid ? 1 : -1;
        if (i < liquid) r.spikes.emplace_back(k, i);
      }
      const bool last = k == steps;  // what the targets' spikes did shows, no more
      if (!last) {
        std::vector<double> sum(all, 0);
        for (const auto& list : now)
          for (const Synapse& s : list)
            if (age[s.source] < 5) sum[s.target] += s.weight * std::exp(-age[s.source]);
        for (std::uint32_t i = 0; i < all; ++i) {
          if (i >= liquid) sum[i] += pulses[static_cast<std::size_t>(k) * inputs + i - liquid];
          v[i] += sum[i] - v[i] / 64;
          age[i] += 1;
          refractory[i] = fired[i] ? 2 : std::max(0, refractory[i] - 1);
        }
      }
      for (int kind = 0; kind < 3; ++kind)
        for (Synapse& s : now[kind]) {
          const double low = kind == 0 ? 0 : -3, high = kind == 1 ? 0 : 3;
          const bool swapped = kind == 1;
          if (fired[s.target])
            s.weight = std::clamp(s.weight + (swapped ? -A : eta) * x[s.source], low, high);
          if (fired[s.source] && !last)
            s.weight = std::clamp(s.weight - (swapped ? -eta : A) * x[s.target], low, high);
        }
      for (std::uint32_t i = 0; i < all; ++i)
        x[i] = std::exp(-0.1) * (x[i] + 0.1 * (fired[i] ? 1 : 0));
      A = keep * (A + (fade * (w_a * excess + 0.15) - A) / 100);
      fade *= keep;
      eta = 0.15 * fade;
    }
    for (int kind = 0; kind < 3; ++kind)
      for (const Synapse& s : now[kind]) r.weights[kind].push_back(s.weight);
    return r;
  }
};

TEST(Nalsm, AsANetworkDoesWhatTheDenseProgramDoes) {
  const Machine machine(3);
  Simulation sim(machine.network(), {.precision = Precision::twofold});
  sim.run_steps(Machine::steps);
  const Recording recording = sim.recording();
  const Machine::Result expected = machine.dense();
  const auto& spikes = recording.spikes.at(0);
  ASSERT_GT(expected.spikes.size(), 500u);
  ASSERT_EQ(spikes.steps.size(), expected.spikes.size());
  for (std::size_t k = 0; k < expected.spikes.size(); ++k) {
    ASSERT_EQ(spikes.steps[k], expected.spikes[k].first) << k;
    ASSERT_EQ(spikes.neurons[k], expected.spikes[k].second) << k;
  }
  const auto& A = recording.traces.at(0).values;
  ASSERT_EQ(A.size(), expected.A.size());
  for (std::size_t k = 0; k < A.size(); ++k) EXPECT_NEAR(A[k], expected.A[k], 1e-12) << k;
  for (std::uint32_t kind = 0; kind < 3; ++kind) {
    const auto weights = sim.get_synapses(Machine::first_kind + kind, "weight");
    ASSERT_EQ(weights.size(), expected.weights[kind].size());
    double moved = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      EXPECT_NEAR(weights[k], expected.weights[kind][k], 1e-12) << kind << ' ' << k;
      moved = std::max(moved, std::abs(weights[k] - machine.synapses[kind][k].weight));
    }
    EXPECT_GT(moved, 0.05) << "nothing was learned";
  }
}

TEST(Nalsm, IsTheSameForAnyNumberOfThreadsAndAcrossACheckpoint) {
  const Machine machine(4);
  const std::string file = testing::TempDir() + "nalsm.checkpoint";
  std::vector<double> weights;
  std::uint64_t hash = 0;
  for (const int threads : {1, 2, 3, 7}) {
    Simulation first(machine.network(), {.threads = threads});
    first.run_steps(101);
    first.save(file);
    Simulation sim = Simulation::resume(file, machine.network(), {.threads = 8 - threads});
    sim.run_steps(Machine::steps - 101);
    first.run_steps(Machine::steps - 101);
    const auto w = sim.get_synapses(Machine::first_kind, "weight");
    EXPECT_TRUE(w == first.get_synapses(Machine::first_kind, "weight")) << threads;
    if (threads == 1) {
      weights = w;
      hash = sim.statistics().spike_hash;
    }
    EXPECT_TRUE(w == weights) << threads;
    EXPECT_EQ(sim.statistics().spike_hash, hash) << threads;
  }
  std::filesystem::remove(file);
}

TEST(Nalsm, BeginsEverySampleAsTheFirstAfterAReset) {
  const Machine machine(5);
  Simulation sim(machine.network());
  sim.run_steps(120);
  const auto first = sim.get_synapses(Machine::first_kind, "weight");
  const std::uint64_t hash = sim.statistics().spike_hash;
  sim.reset(Reset::all);
  sim.run_steps(120);
  EXPECT_TRUE(sim.get_synapses(Machine::first_kind, "weight") == first);
  EXPECT_EQ(sim.statistics().spike_hash, hash);
}

TEST(Nalsm, KeepsItsWeightsWhileFrozenAndStillSendsThem) {
  const Machine machine(6);
  Simulation sim(machine.network());
  for (std::uint32_t kind = 0; kind < 3; ++kind) sim.freeze(Machine::first_kind + kind);
  const auto initial = sim.get_synapses(Machine::first_kind + 2, "weight");
  sim.run_steps(Machine::steps);
  EXPECT_TRUE(sim.get_synapses(Machine::first_kind + 2, "weight") == initial);
  EXPECT_GT(Recording(sim.recording()).spikes.at(0).steps.size(), 100u);
}

}  // namespace
}  // namespace callosum
