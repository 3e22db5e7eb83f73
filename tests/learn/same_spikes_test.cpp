#include <gtest/gtest.h>

#include "callosum/sim/simulation.h"
#include "tests/learn/kicked_network.h"

// One description, two uses (DESIGN section 1): the unroll steps as the simulation, to the bit.
namespace callosum {
namespace {

using namespace callosum::learn_tests;
using learn::SpikeBits;
using learn::Unroll;

constexpr std::int64_t steps = 1000;
constexpr std::uint32_t sources = 40, neurons = 75;

/// What the simulation records, as bits of one sample.
SpikeBits recorded_bits(const SpikeRecord& r) {
  SpikeBits result(steps, 1, r.size);
  for (std::size_t k = 0; k < r.steps.size(); ++k) result.set(r.steps[k] - 1, 0, r.neurons[k]);
  return result;
}

SpikeBits sample(const SpikeBits& of, std::int64_t b) {
  SpikeBits result(of.steps(), 1, of.units());
  for (std::int64_t t = 0; t < of.steps(); ++t)
    std::copy_n(of.row(t, b), of.words(), result.row(t, 0));
  return result;
}

template <class T>
void expect_same(const model::Model& neuron) {
  const auto input = accumulators::random_spikes(5, sources, steps, 0.02);
  Network net = kicked(neuron, input, sources, neurons);
  const View to = net.population("neurons");
  std::vector<std::string> states;
  for (const auto& v : neuron.variables())
    if (v.kind == model::VariableKind::state) {
      net.record(to, v.name);
      states.push_back("neurons." + v.name);
    }
  if (!neuron.events().empty()) net.record_spikes(to);
  const Precision precision = sizeof(T) == 4 ? Precision::single : Precision::twofold;
  Simulation simulation(net, {.seed = 3, .precision = precision});
  simulation.run_steps(steps);
  const Recording r = simulation.recording();

  Unroll<T> unroll(net, {.seed = 3, .threads = 2, .record = states});
  // Other inputs in the samples beside number 0, whose input is the network's own list.
  const std::int64_t batch = 3;
  SpikeBits in = bits(input, steps, batch, sources);
  for (const auto& [stamp, unit] : accumulators::random_spikes(6, sources, steps, 0.02))
    in.set(stamp - 1, 1, unit);
  for (const bool keep : {true, false}) {
    unroll.forward(steps, batch, {.spikes = {{"list", in}}}, keep);
    if (!neuron.events().empty()) {
      EXPECT_TRUE(sample(unroll.spikes("neurons"), 0) == recorded_bits(r.spikes[0]));
      EXPECT_GT(r.spikes[0].steps.size(), 20u) << "nothing is shown";
    }
    bool moves = false;
    for (std::size_t k = 0; k < states.size(); ++k) {
      const auto x = unroll.recorded(states[k]);
      const auto& y = r.traces[k].values;  // sample 0 is the initial state
      std::size_t differ = 0;
      for (std::int64_t t = 0; t < steps; ++t)
        for (std::uint32_t i = 0; i < neurons; ++i) {
          const double mine = x[static_cast<std::size_t>(t * batch) * neurons + i];
          const double theirs = y[static_cast<std::size_t>(t + 1) * neurons + i];
          differ += mine != theirs;
          moves = moves || theirs != y[i];
        }
      EXPECT_EQ(differ, 0u) << states[k];
    }
    EXPECT_TRUE(moves);
  }
  if (!neuron.events().empty()) {
    EXPECT_FALSE(sample(unroll.spikes("neurons"), 1) == sample(unroll.spikes("neurons"), 0));
  }
}

class LibraryUnroll : public testing::TestWithParam<std::string> {};

TEST_P(LibraryUnroll, FiresAsTheSimulationDoesToTheBit) {
  const model::Model neuron = library::neuron(GetParam());
  {
    SCOPED_TRACE("float");
    expect_same<float>(neuron);
  }
  SCOPED_TRACE("double");
  expect_same<double>(neuron);
}

INSTANTIATE_TEST_SUITE_P(Shipped, LibraryUnroll,
                         testing::ValuesIn(library::names(model::ModelKind::neuron)),
                         [](const auto& info) { return info.param; });

TEST(Unroll, TakesCurrentsAsAStimulusOfSamples) {
  Network net(0.1_ms);
  const View n = net.add("n", 70, library::neuron("lif_psc_exp"),
                         {.parameters = {{"tau_m", Values::uniform(5_ms, 20_ms)}},
                          .initial = {{"V_m", Values::uniform(-70_mV, -56_mV)}}});
  net.connect(n, n, fixed_probability(0.3), {.target = "I_in", .weight = -30_pA, .delay = 0.3_ms});
  net.stimulate({.kind = Stimulus::Kind::sine,
                 .to = n,
                 .target = "I_e",
                 .value = 100_pA,
                 .amplitude = 50_pA,
                 .frequency = 20_Hz});
  Network with = net;
  std::vector<double> samples;
  std::vector<float> current;
  for (std::int64_t k = 0; k < 400 * 70; ++k) {
    Stream draw(StreamKey(1, 1, Purpose::user), static_cast<std::uint64_t>(k));
    samples.push_back(1500 * draw.uniform());
    current.push_back(static_cast<float>(samples.back()));
  }
  with.stimulate({.kind = Stimulus::Kind::array,
                  .to = with.population("n"),
                  .target = "I_e",
                  .samples = samples});
  with.record_spikes(with.population("n"));
  Simulation simulation(with, {.seed = 9});
  simulation.run_steps(400);
  Unroll<float> unroll(net, {.seed = 9, .currents = {"n.I_e"}});
  unroll.forward(400, 1, {.currents = {{"n.I_e", current}}});
  SpikeBits expected(400, 1, 70);
  const Recording r = simulation.recording();
  for (std::size_t k = 0; k < r.spikes[0].steps.size(); ++k)
    expected.set(r.spikes[0].steps[k] - 1, 0, r.spikes[0].neurons[k]);
  EXPECT_GT(expected.count(), 200u);
  EXPECT_TRUE(unroll.spikes("n") == expected);
}

TEST(Unroll, DrawsPoissonAndNoiseAsTheSimulationInSampleZeroAndOtherwiseInOthers) {
  Network net(0.1_ms);
  const View n = net.add("n", 70, library::neuron("lif_psc_exp"),
                         {.initial = {{"V_m", Values::uniform(-70_mV, -56_mV)}}});
  net.connect(n, n, fixed_probability(0.3), {.target = "I_ex", .weight = 30_pA, .delay = 0.3_ms});
  // Between the two that draw stands one that does not: sums keep their order.
  net.stimulate({.kind = Stimulus::Kind::noise,
                 .name = "rough",
                 .to = n,
                 .target = "I_e",
                 .value = 100_pA,
                 .amplitude = 200_pA});
  net.stimulate({.kind = Stimulus::Kind::sine,
                 .name = "smooth",
                 .to = net.slice(n, 5, 60),
                 .target = "I_e",
                 .value = 100.1_pA,
                 .amplitude = 50_pA,
                 .frequency = 20_Hz});
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .name = "background",
                 .to = net.slice(n, 1, 70),
                 .target = "I_ex",
                 .value = 87_pA,
                 .rate = 8000_Hz});
  net.record_spikes(n);
  net.record(n, "V_m");
  Simulation simulation(net, {.seed = 9, .precision = Precision::single});
  simulation.run_steps(400);
  const Recording r = simulation.recording();
  SpikeBits expected(400, 1, 70);
  for (std::size_t k = 0; k < r.spikes[0].steps.size(); ++k)
    expected.set(r.spikes[0].steps[k] - 1, 0, r.spikes[0].neurons[k]);
  EXPECT_GT(expected.count(), 200u);
  SpikeBits first;
  for (const int threads : {1, 2}) {
    Unroll<float> unroll(net, {.seed = 9, .threads = threads, .record = {"n.V_m"}});
    unroll.forward(400, 20, {});
    EXPECT_TRUE(sample(unroll.spikes("n"), 0) == expected);
    EXPECT_FALSE(sample(unroll.spikes("n"), 1) == expected);
    EXPECT_FALSE(sample(unroll.spikes("n"), 1) == sample(unroll.spikes("n"), 19));
    const auto V = unroll.recorded("n.V_m");
    std::size_t differ = 0;
    for (std::size_t t = 0; t < 400; ++t)
      for (std::size_t i = 0; i < 70; ++i)
        differ += static_cast<double>(V[t * 20 * 70 + i]) != r.traces[0].values[(t + 1) * 70 + i];
    EXPECT_EQ(differ, 0u);
    if (threads == 1)
      first = unroll.spikes("n");
    else
      EXPECT_TRUE(first == unroll.spikes("n"));
    // Cut in two, it goes on with the numbers it would have drawn.
    unroll.forward(150, 20, {});
    const auto state = unroll.state();
    unroll.forward(250, 20, {}, true, &state);
    for (std::int64_t t = 0; t < 250; ++t)
      for (std::int64_t b = 0; b < 20; ++b)
        ASSERT_TRUE(std::equal(first.row(150 + t, b), first.row(150 + t, b) + first.words(),
                               unroll.spikes("n").row(t, b)));
  }
}

TEST(Unroll, LayersWithoutDelayUpdateInOrder) {
  Network net(1_ms);
  const auto input = accumulators::random_spikes(2, 30, 200, 0.1);
  // Added in an order that is not that of the layers.
  const View out = net.add("out", 10, library::neuron("lif_psc_delta"));
  const View list = accumulators::add_spikes(net, "list", 30, input);
  const View hidden = net.add("hidden", 20, library::neuron("lif_psc_delta"));
  net.connect(hidden, out, all_to_all(),
              {.target = "V_m", .weight = Values::uniform(0_mV, 9_mV), .delay = 0_ms});
  net.connect(list, hidden, all_to_all(),
              {.target = "V_m", .weight = Values::uniform(0_mV, 4_mV), .delay = 0_ms});
  net.record_spikes(out);
  Simulation simulation(net, {.seed = 4});
  simulation.run_steps(200);
  Unroll<float> unroll(net, {.seed = 4});
  unroll.forward(200, 1, {});
  SpikeBits expected(200, 1, 10);
  const Recording r = simulation.recording();
  for (std::size_t k = 0; k < r.spikes[0].steps.size(); ++k)
    expected.set(r.spikes[0].steps[k] - 1, 0, r.spikes[0].neurons[k]);
  EXPECT_GT(expected.count(), 50u);
  EXPECT_TRUE(unroll.spikes("out") == expected);
}

// Delays and a stimulus go on where they stopped.
TEST(Unroll, GoesOnFromTheStateOfAnotherRun) {
  const auto input = accumulators::random_spikes(5, sources, 120, 0.05);
  Network net = kicked(library::neuron("lif_psc_exp"), input, sources, neurons);
  net.stimulate({.kind = Stimulus::Kind::sine,
                 .to = net.population("neurons"),
                 .target = "I_e",
                 .value = 100_pA,
                 .amplitude = 300_pA,
                 .frequency = 50_Hz});
  const SpikeBits in = bits(input, 120, 5, sources);
  Unroll<float> whole(net, {.seed = 3, .record = {"neurons.V_m"}});
  whole.forward(120, 5, {.spikes = {{"list", in}}});
  Unroll<float> parts(net, {.seed = 3, .record = {"neurons.V_m"}});
  Unroll<float>::State state;
  std::uint64_t spikes = 0;
  for (const auto& [begin, end] : {std::pair{0, 50}, {50, 53}, {53, 120}}) {
    SpikeBits slice(end - begin, 5, sources);
    for (int t = begin; t < end; ++t)
      for (int b = 0; b < 5; ++b) std::copy_n(in.row(t, b), in.words(), slice.row(t - begin, b));
    parts.forward(end - begin, 5, {.spikes = {{"list", slice}}}, true, begin ? &state : nullptr);
    state = parts.state();
    EXPECT_EQ(state.step, end);
    for (int t = begin; t < end; ++t)
      for (int b = 0; b < 5; ++b)
        EXPECT_TRUE(std::equal(whole.spikes("neurons").row(t, b),
                               whole.spikes("neurons").row(t, b) + 2,
                               parts.spikes("neurons").row(t - begin, b)))
            << t;
    const auto v = whole.recorded("neurons.V_m"), w = parts.recorded("neurons.V_m");
    EXPECT_TRUE(std::equal(w.begin(), w.end(), v.begin() + begin * 5 * neurons));
    spikes += parts.spikes("neurons").count();
  }
  EXPECT_EQ(spikes, whole.spikes("neurons").count());
  EXPECT_GT(spikes, 100u);
  EXPECT_THROW(parts.forward(3, 4, {}, true, &state), ShapeError);
}

TEST(Unroll, WrittenBackItSimulatesWithTheSameSpikes) {
  const auto input = accumulators::random_spikes(5, sources, 300, 0.02);
  const Network net = kicked(library::neuron("lif_psc_exp"), input, sources, neurons);
  Unroll<float> unroll(net, {.seed = 7, .trained = {{"neurons.tau_m"}}});
  for (const Projection& p : net.projections()) {
    auto w = unroll.values(p.name);
    for (std::size_t k = 0; k < w.size(); ++k) w[k] *= 1.0f + 0.01f * static_cast<float>(k % 50);
    unroll.set(p.name, w);
  }
  unroll.set("neurons.tau_m", std::vector<float>{8.5f});
  unroll.forward(300, 1, {});
  Network written = unroll.network();
  written.record_spikes(written.population("neurons"));
  Simulation simulation(written, {.seed = 1234});  // nothing is left to draw
  simulation.run_steps(300);
  const Recording r = simulation.recording();
  SpikeBits expected(300, 1, neurons);
  for (std::size_t k = 0; k < r.spikes[0].steps.size(); ++k)
    expected.set(r.spikes[0].steps[k] - 1, 0, r.spikes[0].neurons[k]);
  EXPECT_GT(expected.count(), 100u);
  EXPECT_TRUE(unroll.spikes("neurons") == expected);
}

}  // namespace
}  // namespace callosum
