#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "callosum/learn/torch/evaluate.h"
#include "callosum/learn/torch/fit.h"
#include "callosum/library/library.h"

// Learned delays against fixed and smallest ones, on a task that only timing tells apart.
namespace callosum::learn {
namespace {

using namespace callosum::literals;

constexpr std::uint32_t inputs = 6;
constexpr std::int64_t classes = 16, slot = 8, onsets = 10;
constexpr std::int64_t longest = 45, steps = onsets + inputs * slot + longest + 5;

/// From a random onset on, each input fires once, one every 8 ms, give or take one; the class is
/// their order. Counts and absolute times tell nothing, nor does a memory of a few ms.
SpikeSamples motifs(std::int64_t count, std::uint64_t seed, std::uint64_t task) {
  std::vector<std::int64_t> labels;
  for (std::int64_t k = 0; k < count; ++k) labels.push_back(k % classes);
  SpikeSamples samples(labels, classes, steps, inputs, 1);
  const StreamKey order(task, 1, Purpose::user), jitter(seed, 2, Purpose::user);
  std::vector<std::vector<std::uint32_t>> motifs;
  for (std::uint64_t c = 0; motifs.size() < classes; ++c) {
    std::vector<std::uint32_t> motif(inputs);
    std::iota(motif.begin(), motif.end(), 0u);
    Stream stream(order, c);
    for (std::uint32_t i = inputs; i > 1; --i)
      std::swap(motif[i - 1], motif[static_cast<std::size_t>(stream.uniform() * i)]);
    if (std::find(motifs.begin(), motifs.end(), motif) == motifs.end()) motifs.push_back(motif);
  }
  for (std::int64_t k = 0; k < count; ++k) {
    Stream stream(jitter, static_cast<std::uint64_t>(k));
    const double onset = 1 + static_cast<double>(onsets) * stream.uniform();
    const auto& motif = motifs[static_cast<std::size_t>(labels[static_cast<std::size_t>(k)])];
    for (std::uint32_t i = 0; i < inputs; ++i)
      samples.set(k, std::lround(onset + slot * i + 2 * stream.uniform() - 1), motif[i]);
  }
  return samples;
}

struct Arm {
  int synapses;  ///< a pair of neurons
  bool learned, spread;
};

struct Outcome {
  double accuracy, by_events;
  std::int64_t parameters = 0;
};

Outcome trained(const Arm& arm, std::uint64_t seed) {
  Network net(1_ms);
  const View in = net.add_spike_list("in", inputs, {}, {});
  const View out = net.add("out", classes, library::neuron("leaky_integrator"),
                           {.parameters = {{"tau_m", 3_ms}}});
  std::vector<std::string> weights;
  for (int k = 0; k < arm.synapses; ++k) {
    weights.push_back("in " + std::to_string(k));
    net.connect(in, out, all_to_all(),
                {.target = "V_m",
                 .weight = Values::normal(0.5_mV, 0.2_mV),
                 .delay = arm.spread ? Values::uniform(1_ms, 45_ms) : Values(1_ms),
                 .name = weights.back()});
  }
  ModuleOptions options{.seed = seed,
                        .threads = 2,
                        .surrogate = {model::Surrogate::fast_sigmoid, 0.3},
                        .trained = weights,
                        .outputs = {"out.V_m"}};
  if (arm.learned) {
    options.trained->push_back("in 0.delay");
    options.delays = {{"in 0", {.maximum_ms = double(longest), .width_ms = 10}}};
  }
  Module module(net, options);
  const SpikeSamples training = motifs(800, 2 * seed, seed), test = motifs(320, 2 * seed + 1, seed);
  const Readout readout{.output = "out.V_m", .kind = Readout::Kind::maximum};
  fit(module, training, nullptr,
      {.readout = readout,
       .rate = 0.02,
       .rate_factors = arm.learned ? std::map<std::string, double>{{"in 0.delay", 10}}
                                   : std::map<std::string, double>{},
       .schedule = {RateSchedule::Kind::cosine},
       .epochs = 15,
       .batch = 32,
       .seed = seed});
  Outcome o{score(module, test, readout).accuracy,
            evaluate_events(module.network(), test, readout).accuracy};
  for (const auto& name : module.trained()) o.parameters += module.parameter(name).numel();
  return o;
}

// Settings were chosen on other seeds.
TEST(LearnedDelays, BeatFixedAndSmallestOnesAtEqualParameterCount) {
  const Arm learned{1, true, true}, fixed{2, false, true}, smallest{2, false, false};
  double over_fixed = 0, over_smallest = 0;
  for (const std::uint64_t seed : {11, 12, 13, 14, 15}) {
    const Outcome l = trained(learned, seed), f = trained(fixed, seed), s = trained(smallest, seed);
    std::printf("seed %d: learned %.3f, fixed %.3f, one step %.3f\n", static_cast<int>(seed),
                l.accuracy, f.accuracy, s.accuracy);
    EXPECT_EQ(l.parameters, f.parameters);
    EXPECT_EQ(l.parameters, s.parameters);
    EXPECT_EQ(l.accuracy, l.by_events) << "written back, it answers as in training";
    over_fixed += (l.accuracy - f.accuracy) / 5;
    over_smallest += (l.accuracy - s.accuracy) / 5;
  }
  EXPECT_GT(over_fixed, 0.05);
  EXPECT_GT(over_smallest, 0.05);
}

}  // namespace
}  // namespace callosum::learn
