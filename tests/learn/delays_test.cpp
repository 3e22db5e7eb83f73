#include <gtest/gtest.h>

#include <limits>

#include "callosum/core/error.h"
#include "callosum/learn/delay_taps.h"
#include "callosum/sim/simulation.h"
#include "tests/learn/gradient_checks.h"
#include "tests/learn/kicked_network.h"
#include "tests/learn/plain_network.h"
#include "tests/learn/refusal.h"

// Delays that are learned: taps between whole steps, their gradients, and the way back to the grid.
namespace callosum {
namespace {

using namespace callosum::learn_tests;
using learn::DelayTap;
using learn::SpikeBits;
using learn::Unroll;

constexpr std::int64_t steps = 100, batch = 11;
constexpr std::uint32_t sources = 8, hidden = 9, outputs = 3;
const model::AdjointOptions surrogate{model::Surrogate::fast_sigmoid, 3};

/// Delays of `in` (all pairs) and `back` (half of them) can be learned.
Network network(double dt_ms = 1) {
  const auto ms = [&](double n) { return quantity(n * dt_ms, dimension::time); };
  Network net(ms(1));
  const View list = net.add_spike_list("list", sources, {}, {});
  const View h = net.add("hidden", hidden, library::neuron("lif_psc_exp"),
                         {.initial = {{"V_m", Values::uniform(-70_mV, -60_mV)}}});
  const View out = net.add("out", outputs, library::neuron("leaky_integrator"));
  const double weight = 500 / dt_ms;
  net.connect(list, h, all_to_all(),
              {.target = "I_ex",
               .weight = Values::uniform(quantity(-0.3 * weight, dimension::current),
                                         quantity(1.5 * weight, dimension::current)),
               .delay = Values::uniform(ms(1), ms(5)),
               .name = "in"});
  net.connect(h, h, fixed_probability(0.5),
              {.target = "I_ex",
               .weight = Values::uniform(-90_pA, 450_pA),
               .delay = Values::uniform(ms(1), ms(4)),
               .name = "back"});
  net.connect(
      net.slice(h, 1, hidden), out, all_to_all(),
      {.target = "V_m", .weight = Values::uniform(-0.3_mV, 1.5_mV), .delay = ms(2), .name = "out"});
  return net;
}

/// Delays between low and high, in steps, hardly ever whole.
std::vector<double> between(std::size_t size, double low, double high, std::uint64_t seed) {
  std::vector<double> d(size);
  for (std::size_t k = 0; k < size; ++k)
    d[k] = low + (high - low) * Stream(StreamKey(seed, 8, Purpose::user), k).uniform();
  return d;
}

class Kernel : public testing::TestWithParam<double> {};  // width in steps; 0: two taps

TEST_P(Kernel, GradientsAreThoseOfThePlainPath) {
  const Network net = network();
  const SpikeBits input = random_bits(1, steps, batch, sources, 0.2);
  const auto spike_bar = noise(1, static_cast<std::size_t>(steps * batch) * hidden);
  const auto state_bar = noise(2, static_cast<std::size_t>(steps * batch) * outputs);
  Unroll<double> fused(
      net, {.seed = 5,
            .threads = 2,
            .surrogate = surrogate,
            .trained = {{"in", "in.delay", "back", "back.delay", "out"}},
            .delays = {{"in", {.maximum_ms = 12, .width_ms = GetParam()}},
                       {"back", {.minimum_ms = 1, .maximum_ms = 4, .width_ms = GetParam()}}},
            .record = {"out.V_m"},
            .input_gradients = true});
  const auto in = between(fused.values("in").size(), 1, 12, 1);
  const auto back = between(fused.values("back").size(), 1, 4, 2);
  fused.set("in.delay", in);
  fused.set("back.delay", back);

  PlainNetwork plain(net, 5, surrogate);
  plain.delays[0] = {in, 1, 12, GetParam()};
  plain.delays[1] = {back, 1, 4, GetParam()};
  const auto expected = plain.run(input, "list", "hidden", spike_bar, "out", "V_m", state_bar);

  fused.forward(steps, batch, {.spikes = {{"list", input}}});
  ASSERT_GT(fused.spikes("hidden").count(), 100u);
  ASSERT_TRUE(fused.spikes("hidden") == expected.hidden);
  fused.backward({.spikes = {{"hidden", spike_bar}}, .recorded = {{"out.V_m", state_bar}}});
  expect_close(fused.gradient("in"), expected.weights[0], 1e-10, "in");
  expect_close(fused.gradient("back"), expected.weights[1], 1e-10, "back");
  expect_close(fused.gradient("out"), expected.weights[2], 1e-10, "out");
  expect_close(fused.gradient("in.delay"), expected.delays.at(0), 1e-10, "in.delay");
  expect_close(fused.gradient("back.delay"), expected.delays.at(1), 1e-10, "back.delay");
  expect_close(fused.input_gradient("list"), expected.spikes.at("list"), 1e-10, "input");
}

TEST_P(Kernel, GradientsOfALinearMembraneAreThoseOfFiniteDifferences) {
  Network net(0.5_ms);
  const View list = net.add_spike_list("list", 4, {}, {});
  const View out = net.add("out", 3, library::neuron("leaky_integrator"));
  net.connect(list, out, all_to_all(),
              {.target = "V_m", .weight = Values::uniform(-1_mV, 1_mV), .name = "w"});
  Unroll<double> u(net, {.surrogate = {},
                         .trained = {{"w.delay"}},
                         .delays = {{"w", {.maximum_ms = 8, .width_ms = GetParam()}}},
                         .record = {"out.V_m"}});
  const SpikeBits input = random_bits(3, 60, 2, 4, 0.3);
  const auto bar = noise(4, 60 * 2 * 3);
  std::vector<double> delays = between(12, 1, 7.5, 3);
  const auto loss = [&](bool keep) {
    u.set("w.delay", delays);
    u.forward(60, 2, {.spikes = {{"list", input}}}, keep);
    double sum = 0;
    const auto x = u.recorded("out.V_m");
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * bar[k];
    return sum;
  };
  loss(true);
  u.backward({.recorded = {{"out.V_m", bar}}});
  const std::vector<double> gradient(u.gradient("w.delay").begin(), u.gradient("w.delay").end());
  std::vector<double> by_difference;
  for (double& d : delays) {
    const double at = d, h = 1e-5;
    d = at + h;
    const double up = loss(false);
    d = at - h;
    by_difference.push_back((up - loss(false)) / (2 * h));
    d = at;
  }
  expect_close(gradient, by_difference, 1e-7, "w.delay");
}

TEST_P(Kernel, TapsSumToOneAndTheirSlopesToNothing) {
  std::vector<DelayTap> taps;
  for (const double delay : {1.0, 1.25, 4.0, 6.75, 7.0}) {
    learn::delay_taps(delay, 1, 7, GetParam(), taps);
    double sum = 0, slopes = 0, mean = 0;
    for (const DelayTap& t : taps) {
      sum += t.share;
      slopes += t.slope;
      mean += t.share * t.delay;
    }
    EXPECT_NEAR(sum, 1, 1e-14);
    EXPECT_NEAR(slopes, 0, 1e-14);
    if (GetParam() == 0) {
      EXPECT_EQ(taps.size(), 2u);
      EXPECT_NEAR(mean, delay, 1e-14) << "two taps keep the mean delay";
    } else {
      EXPECT_EQ(taps.size(), 7u);
    }
  }
}

TEST_P(Kernel, GivesTheSameBitsForAnyThreads) {
  const Network net = network();
  const SpikeBits input = random_bits(1, steps, 100, sources, 0.2);
  const std::vector<float> bar(100 * hidden, 0.5f);
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    Unroll<float> u(net, {.seed = 5,
                          .threads = threads,
                          .surrogate = surrogate,
                          .trained = {{"in.delay"}},
                          .delays = {{"in", {.maximum_ms = 12, .width_ms = GetParam()}}}});
    const auto d = between(u.values("in").size(), 1, 12, 1);
    u.set("in.delay", std::vector<float>(d.begin(), d.end()));
    u.forward(steps, 100, {.spikes = {{"list", input}}});
    u.backward({.counts = {{"hidden", bar}}});
    const std::vector<float> g(u.gradient("in.delay").begin(), u.gradient("in.delay").end());
    if (first.empty()) first = g;
    EXPECT_TRUE(g == first) << threads << " threads";
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Kernel, testing::Values(0.0, 1.5), [](const auto& info) {
  return std::string(info.param == 0 ? "TwoTaps" : "Gaussian");
});

template <class T>
void expect_whole_delays_change_nothing(double dt_ms) {
  const Network net = network(dt_ms);
  const SpikeBits input = random_bits(1, steps, batch, sources, 0.2);
  Unroll<T> fixed(net, {.seed = 5, .trained = {{}}, .record = {"out.V_m"}});
  Unroll<T> learned(
      net, {.seed = 5,
            .trained = {{"in.delay", "back.delay"}},
            .delays = {{"in", {.maximum_ms = 12 * dt_ms}}, {"back", {.maximum_ms = 9 * dt_ms}}},
            .record = {"out.V_m"}});
  for (Unroll<T>* u : {&fixed, &learned}) u->forward(steps, batch, {.spikes = {{"list", input}}});
  EXPECT_GT(fixed.spikes("hidden").count(), 100u);
  EXPECT_TRUE(fixed.spikes("hidden") == learned.spikes("hidden"));
  const auto a = fixed.recorded("out.V_m"), b = learned.recorded("out.V_m");
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(LearnedDelays, AreTheOrdinaryOnesToTheBitWhereTheyAreWhole) {
  for (const double dt_ms : {1.0, 0.1}) {
    expect_whole_delays_change_nothing<double>(dt_ms);
    expect_whole_delays_change_nothing<float>(dt_ms);
  }
}

TEST(LearnedDelays, AreRoundedWhenTheyAreWrittenBackAndTheSimulationFiresAlike) {
  Network net = network(0.1);
  net.record_spikes(net.population("hidden"));
  Unroll<float> u(net, {.seed = 5,
                        .trained = {{"in.delay", "back.delay"}},
                        .delays = {{"in", {.maximum_ms = 1.2, .width_ms = 0.3}},
                                   {"back", {.maximum_ms = 0.4}}}});
  const SpikeBits input = random_bits(1, steps, 1, sources, 0.2);
  for (const auto& [name, high] : {std::pair{"in.delay", 12.0}, {"back.delay", 4.0}}) {
    std::vector<float> ms;
    for (const double d : between(u.values(name).size(), 1, high, 6))
      ms.push_back(static_cast<float>(0.1 * d));
    u.set(name, ms);
  }
  u.forward(steps, 1, {.spikes = {{"list", input}}});
  const SpikeBits unrounded = u.spikes("hidden");
  Network back = u.network();
  u.round_delays();
  for (const float ms : u.values("in.delay")) EXPECT_NEAR(10 * ms, std::nearbyint(10 * ms), 1e-5);
  u.forward(steps, 1, {.spikes = {{"list", input}}});
  EXPECT_FALSE(u.spikes("hidden") == unrounded) << "rounding is not shown";

  std::vector<std::uint32_t> neurons;
  std::vector<std::int64_t> stamps;
  for (std::int64_t t = 0; t < steps; ++t)
    for (std::uint32_t i = 0; i < sources; ++i)
      if (input.test(t, 0, i)) {
        neurons.push_back(i);
        stamps.push_back(t + 1);
      }
  back.set_spikes(back.population("list"), neurons, stamps);
  Simulation simulation(back, {.seed = 5});
  simulation.run_steps(steps);
  const Recording recording = simulation.recording();
  const SpikeRecord& record = recording.spikes[0];
  SpikeBits fired(steps, 1, hidden);
  for (std::size_t k = 0; k < record.steps.size(); ++k)
    fired.set(record.steps[k] - 1, 0, record.neurons[k]);
  EXPECT_GT(fired.count(), 20u);
  EXPECT_TRUE(fired == u.spikes("hidden"));
  // What was written back is what a fresh unroll reads.
  EXPECT_TRUE(Unroll<float>(back, {.seed = 5, .delays = {{"in", {.maximum_ms = 1.2}}}})
                  .values("in.delay") == u.values("in.delay"));
}

TEST(LearnedDelays, RunOnFromAStateAsWithoutACut) {
  Unroll<double> u(network(),
                   {.seed = 5, .trained = {{"in.delay"}}, .delays = {{"in", {.maximum_ms = 12}}}});
  u.set("in.delay", between(u.values("in").size(), 1, 12, 1));
  const SpikeBits input = random_bits(1, steps, 2, sources, 0.2);
  u.forward(steps, 2, {.spikes = {{"list", input}}});
  const SpikeBits whole = u.spikes("hidden");
  SpikeBits parts(steps, 2, hidden);
  Unroll<double>::State state;
  for (std::int64_t from = 0; from < steps; from += 50) {
    SpikeBits part(50, 2, sources);
    for (std::int64_t t = 0; t < 50; ++t)
      for (std::int64_t b = 0; b < 2; ++b)
        std::copy_n(input.row(from + t, b), input.words(), part.row(t, b));
    u.forward(50, 2, {.spikes = {{"list", part}}}, true, from == 0 ? nullptr : &state);
    state = u.state();
    for (std::int64_t t = 0; t < 50; ++t)
      for (std::int64_t b = 0; b < 2; ++b)
        std::copy_n(u.spikes("hidden").row(t, b), parts.words(), parts.row(from + t, b));
  }
  EXPECT_GT(whole.count(), 20u);
  EXPECT_TRUE(parts == whole);
}

TEST(LearnedDelays, RefuseWhatIsNoDelay) {
  const Network net = network();
  const auto made = [&](std::map<std::string, learn::DelayOptions> delays,
                        std::vector<std::string> trained = {}) {
    return [=] { Unroll<double> u(net, {.trained = trained, .delays = delays}); };
  };
  const auto says = [](const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in: " << message;
  };
  says(refusal<NameError>(made({{"inn", {.maximum_ms = 5}}})), "'in'");
  says(refusal<ValueError>(made({{"in", {.maximum_ms = 5.5}}})), "5.5");
  says(refusal<ValueError>(made({{"in", {}}})), "the largest delay");
  says(refusal<ValueError>(made({{"in", {.minimum_ms = 7, .maximum_ms = 6}}})), "no delay");
  says(refusal<ValueError>(made({{"in", {.maximum_ms = 3}}})), "outside the range");
  says(refusal<ValueError>(made({{"in", {.maximum_ms = 12, .width_ms = -1}}})), "two taps");
  says(refusal<ValueError>(made({}, {"in.delay"})), "UnrollOptions::delays");
  Unroll<double> u(net, {.trained = {{"in.delay"}}, .delays = {{"in", {.maximum_ms = 12}}}});
  const std::vector<double> before = u.values("in.delay");
  std::vector<double> bad = before;
  for (const double x : {0.5, 12.5, std::numeric_limits<double>::quiet_NaN()}) {
    bad[3] = x;
    EXPECT_NE(refusal<ValueError>([&] { u.set("in.delay", bad); }).find("in"), std::string::npos);
    EXPECT_EQ(u.values("in.delay"), before);
  }
  says(refusal<NameError>([&] { u.set_delay_width("back", 1); }), "back");
}

}  // namespace
}  // namespace callosum
