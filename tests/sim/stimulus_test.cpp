#include "callosum/sim/stimulus.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/sim/accumulators.h"

namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;
using Kind = Stimulus::Kind;

/// y is the driven parameter as the step that begins at a sample's time sees it.
model::Model driven() {
  model::ModelText t;
  t.name = "test_driven";
  t.equations = text("da/dt = I/ms : 1\ny = I : 1\nI : 1");
  t.parameters = {{"I", "0", "", "", {}}};
  return model::Model(t);
}

struct Driven {
  explicit Driven(std::uint32_t size = 3, Values own = 0.0) : net(0.1_ms) {
    to = net.add("to", size, driven(), {.parameters = {{"I", own}}});
    net.record(to, "y");
    net.record(to, "a");
  }
  Recording run(std::int64_t steps, int threads = 1) const {
    Simulation sim(net, {.threads = threads, .seed = 3, .precision = Precision::twofold});
    sim.run_steps(steps);
    return sim.recording();
  }
  Network net;
  View to;
};

TEST(Stimulus, ConstantIsAddedToTheParameterFromStartToStop) {
  Driven d(3, Values::array(std::vector<double>{1, 2, 3}, {}));
  d.net.stimulate({.kind = Kind::constant,
                   .to = d.net.slice(d.to, 1, 3),
                   .target = "I",
                   .value = 10.0,
                   .start = 2,
                   .stop = 5});
  const auto y = d.run(7).traces.at(0).values;
  for (int k = 0; k <= 7; ++k)
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(y[3 * k + i], i + 1 + (i >= 1 && k >= 2 && k < 5 ? 10 : 0)) << k << " " << i;
}

TEST(Stimulus, ActsOnTheStepThatBeginsAtItsTime) {
  Driven d(1);
  d.net.stimulate(
      {.kind = Kind::constant, .to = d.to, .target = "I", .value = 10.0, .start = 2, .stop = 3});
  const auto a = d.run(5).traces.at(1).values;
  for (int k = 0; k <= 5; ++k) EXPECT_NEAR(a[k], k >= 3 ? 1 : 0, 1e-12) << k;
}

TEST(Stimulus, StepsHoldEachValueUntilTheNext) {
  Driven d;
  d.net.stimulate({.kind = Kind::steps,
                   .to = d.to,
                   .target = "I",
                   .value = Values::array(std::vector<double>{5, -2, 7}, {}),
                   .times = {1, 3, 4}});
  const auto y = d.run(6).traces.at(0).values;
  const double expected[] = {0, 5, 5, -2, 7, 7, 7};
  for (int k = 0; k <= 6; ++k)
    for (int i = 0; i < 3; ++i) EXPECT_EQ(y[3 * k + i], expected[k]);
}

TEST(Stimulus, SineFollowsItsFormula) {
  Driven d;
  d.net.stimulate({.kind = Kind::sine,
                   .to = d.to,
                   .target = "I",
                   .value = 1.5,
                   .amplitude = 2.0,
                   .frequency = 40_Hz,
                   .phase = 0.3});
  const auto y = d.run(500).traces.at(0).values;
  for (int k = 0; k <= 500; ++k)
    EXPECT_NEAR(y[3 * k], 1.5 + 2 * std::sin(2 * std::numbers::pi * 40 * k * 1e-4 + 0.3), 1e-12);
}

TEST(Stimulus, ArrayHoldsEachRowForAnInterval) {
  Driven d;
  d.net.stimulate({.kind = Kind::array,
                   .to = d.to,
                   .target = "I",
                   .samples = {1, 2, 3, 4, 5, 6},
                   .start = 1,
                   .interval = 2});
  const auto y = d.run(6).traces.at(0).values;
  const std::vector<double> expected = {0, 0, 0, 1, 2, 3, 1, 2, 3, 4, 5,
                                        6, 4, 5, 6, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(y, expected);
}

TEST(Stimulus, NoiseIsNormalAndRedrawnEveryInterval) {
  Driven d(2000);
  d.net.stimulate({.kind = Kind::noise,
                   .to = d.to,
                   .target = "I",
                   .value = 1.0,
                   .amplitude = 2.0,
                   .interval = 4});
  const auto y = d.run(39).traces.at(0).values;
  double sum = 0, squares = 0, product = 0;
  for (int k = 0; k < 40; ++k)
    for (int i = 0; i < 2000; ++i) {
      const double x = y[2000 * k + i];
      sum += x, squares += x * x;
      EXPECT_EQ(x, y[2000 * (k / 4 * 4) + i]);
      if (k + 4 < 40) product += (x - 1) * (y[2000 * (k + 4) + i] - 1);
    }
  const double n = 2000 * 10;  // independent draws
  EXPECT_NEAR(sum / 80000, 1, 4 * 2 / std::sqrt(n));
  EXPECT_NEAR(squares / 80000 - 1, 4, 4 * 4 * std::sqrt(2 / n));
  EXPECT_NEAR(product / 72000, 0, 4 * 4 / std::sqrt(18000.0));
}

double poisson_probability(double mean, int k) {
  return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
}

class PoissonMean : public testing::TestWithParam<double> {};

TEST_P(PoissonMean, TableInvertsTheDistributionFunction) {
  const double mean = GetParam();
  const sim::PoissonTable table(mean);
  double cumulative = 0;
  for (int k = 0; k < 3 * mean + 12; ++k) {
    // The words that give at most k are those below the distribution function at k.
    cumulative += poisson_probability(mean, k);
    const double edge = cumulative * 4294967296.0;
    if (edge < 4) continue;
    if (cumulative > 1 - 1e-8) break;
    std::uint32_t words[sim::PoissonTable::group] = {static_cast<std::uint32_t>(edge - 4),
                                                     static_cast<std::uint32_t>(edge + 4)};
    std::uint8_t counts[sim::PoissonTable::group];
    table.count(words, counts);
    EXPECT_LE(counts[0], k) << mean;
    EXPECT_GT(counts[1], k) << mean;
  }
}

// Chi square of counts by neuron and step, mean and variance over time by neuron.
TEST_P(PoissonMean, ArrivalsHaveThePoissonDistribution) {
  const double mean = GetParam();
  constexpr int size = 1100, steps = 200;
  Network net(0.1_ms);
  const View to = net.add("to", size, adder());
  net.stimulate({.kind = Kind::poisson,
                 .to = to,
                 .target = "a",
                 .value = 1.0,
                 .rate = Values(Quantity(mean * 10000, dimension::frequency))});
  net.record(to, "a");
  Simulation sim(net, {.threads = 2, .precision = Precision::twofold});
  sim.run_steps(steps);
  const auto a = Recording(sim.recording()).traces.at(0).values;
  std::map<int, double> seen;
  for (int k = 0; k < steps; ++k)
    for (int i = 0; i < size; ++i)
      seen[static_cast<int>(a[(k + 1) * size + i] - a[k * size + i])] += 1;
  double chi = 0, tail = size * steps, tail_seen = size * steps;
  int cells = 0;
  for (int k = 0; k < 3 * mean + 30; ++k) {
    const double expected = size * steps * poisson_probability(mean, k);
    if (expected < 20) continue;
    chi += (seen[k] - expected) * (seen[k] - expected) / expected;
    tail -= expected, tail_seen -= seen[k];
    ++cells;
  }
  if (tail > 5) chi += (tail_seen - tail) * (tail_seen - tail) / tail, ++cells;
  const double freedom = std::max(1, cells - 1);
  EXPECT_LT(chi, freedom + 5 * std::sqrt(2 * freedom) + 10) << cells << " cells";
  // Successive steps and neighbouring neurons are independent.
  double along = 0, across = 0;
  for (int k = 0; k + 1 < steps; ++k)
    for (int i = 0; i + 1 < size; ++i) {
      const double here = a[(k + 1) * size + i] - a[k * size + i] - mean;
      const double next = a[(k + 1) * size + i + 1] - a[k * size + i + 1] - mean;
      const double later = a[(k + 2) * size + i] - a[(k + 1) * size + i] - mean;
      along += here * later, across += here * next;
    }
  const double n = (size - 1.0) * (steps - 1);
  EXPECT_LT(std::abs(along / n), 5 * mean / std::sqrt(n));
  EXPECT_LT(std::abs(across / n), 5 * mean / std::sqrt(n));
}

INSTANTIATE_TEST_SUITE_P(Means, PoissonMean, testing::Values(0.01, 0.8, 5.0, 29.0),
                         [](const auto& info) {
                           return "Of" + std::to_string(static_cast<int>(100 * info.param)) +
                                  "Hundredths";
                         });

TEST(Poisson, RatesMayDifferByNeuronAndSourcesMultiplyThem) {
  Network net(0.1_ms);
  const View to = net.add("to", 3, adder());
  std::vector<double> rates{0, 2, 8};  // per ms
  net.stimulate({.kind = Kind::poisson,
                 .to = to,
                 .target = "a",
                 .value = 0.5,
                 .rate = Values::array(rates, dimension::frequency),
                 .sources = 10});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(20000);
  const auto a = sim.get(to, "a");
  EXPECT_EQ(a[0], 0);
  EXPECT_NEAR(a[1] / 0.5, 40000, 5 * 200);
  EXPECT_NEAR(a[2] / 0.5, 160000, 5 * 400);
}

TEST(Poisson, DependsOnNeitherThreadsNorOtherPopulationsNorOtherStimuli) {
  const auto arrivals = [](int threads, bool more) {
    Network net(0.1_ms);
    const View extra = more ? net.add("extra", 1500, adder()) : View{};
    const View to = net.add("to", 3000, adder());
    const auto drive = [&](const View& view, const char* name) {
      net.stimulate({.kind = Kind::poisson,
                     .name = name,
                     .to = view,
                     .target = "a",
                     .value = 1.0,
                     .rate = Values(4_kHz)});
    };
    if (more) drive(extra, "more");
    drive(to, "drive");
    Simulation sim(net, {.threads = threads});
    sim.run_steps(37);
    return sim.get(to, "a");
  };
  const auto one = arrivals(1, false);
  EXPECT_EQ(arrivals(3, false), one);
  EXPECT_EQ(arrivals(2, true), one);
}

// A view that strides over several blocks, counted neuron by neuron.
TEST(Poisson, OfAViewReachesItsNeuronsOnly) {
  Network net(0.1_ms);
  View some = net.add("to", 5000, adder());
  some.begin = 100;
  some.step = 3;
  some.end = 4500;
  net.stimulate(
      {.kind = Kind::poisson, .to = some, .target = "a", .value = 1.0, .rate = Values(20_kHz)});
  std::vector<double> first;
  for (int threads : {1, 4}) {
    Simulation sim(net, {.threads = threads});
    sim.run_steps(50);
    const auto a = sim.get(net.population("to"), "a");
    for (std::uint32_t i = 0; i < 5000; ++i)
      EXPECT_EQ(a[i] > 0, i >= 100 && i < 4500 && (i - 100) % 3 == 0) << i;
    if (first.empty()) first = a;
    EXPECT_EQ(a, first);
  }
}

// Long delays that differ make slices of a ring shorter than a block: the drive is as without.
TEST(PoissonStimulus, DoesNotDependOnTheSlicesThatDelaysMake) {
  const auto traces = [](std::optional<Quantity> longest) {
    Driven d(1500);
    d.net.stimulate(
        {.kind = Kind::poisson, .to = d.to, .target = "a", .value = 1.0, .rate = Values(20_kHz)});
    if (longest) {
      const auto silent = add_spikes(d.net, "silent", 20, {});
      d.net.connect(silent, d.to, fixed_probability(0.1),
                    {.target = "a", .weight = 1.0, .delay = Values::uniform(0.1_ms, *longest)});
    }
    return d.run(20).traces[1].values;
  };
  const auto alone = traces(std::nullopt);
  EXPECT_GT(alone.back(), 0);
  for (const Quantity longest : {3_ms, 6_ms, 12_ms, 100_ms})
    EXPECT_EQ(traces(longest), alone) << to_string(longest);
}

}  // namespace
}  // namespace callosum
