#include "callosum/learn/event_prop.h"

#include <gtest/gtest.h>

#include <optional>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "tests/learn/gradient_checks.h"
#include "tests/learn/off_grid_network.h"

// EventProp: the solver in continuous time against central differences, and the version on the grid
// against that solver as the grid becomes finer.
namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::learn_tests;
using learn::EventProp;
using learn::SpikeBits;

constexpr std::size_t sources = 6, neurons = 5;
constexpr double end = 60;

double uniform(std::uint64_t key, std::uint64_t at) {
  return Stream(StreamKey(key, 11, Purpose::user), at).uniform();
}
/// The coefficient of a neuron's spike number `ordinal` in the loss.
double coefficient(std::size_t neuron, std::size_t ordinal) {
  return 2 * uniform(7, 100 * neuron + ordinal) - 1;
}

/// Inputs into neurons, and neurons into each other; input times are multiples of 1 ms.
OffGridNetwork continuous(std::uint64_t seed, double t_ref) {
  OffGridNetwork net;
  net.inputs = sources;
  net.neurons = neurons;
  net.t_ref = t_ref;
  std::uint64_t k = 0;
  const auto draw = [&] { return uniform(seed, k++); };
  for (std::size_t i = 0; i < sources; ++i)
    for (std::size_t j = 0; j < neurons; ++j)
      net.synapses.push_back({i, sources + j, 0.14 * draw() - 0.02, 1 + std::floor(4 * draw())});
  for (std::size_t i = 0; i < neurons; ++i)
    for (std::size_t j = 0; j < neurons; ++j)
      net.synapses.push_back(
          {sources + i, sources + j, 0.1 * draw() - 0.05, 1 + std::floor(4 * draw())});
  for (int t = 1; t < 50; ++t)
    for (std::size_t i = 0; i < sources; ++i)
      if (draw() < 0.12) net.input.push_back({double(t), i});
  return net;
}

double loss(const std::vector<OffGridNetwork::Spike>& spikes) {
  std::vector<std::size_t> seen(neurons);
  double sum = 0;
  for (const auto& s : spikes) sum += coefficient(s.unit, seen[s.unit]++) * s.time;
  return sum;
}
std::vector<double> by_time(const std::vector<OffGridNetwork::Spike>& spikes) {
  std::vector<std::size_t> seen(neurons);
  std::vector<double> bars;
  for (const auto& s : spikes) bars.push_back(coefficient(s.unit, seen[s.unit]++));
  return bars;
}
std::vector<std::size_t> counts(const std::vector<OffGridNetwork::Spike>& spikes) {
  std::vector<std::size_t> seen(neurons);
  for (const auto& s : spikes) ++seen[s.unit];
  return seen;
}

class EventPropOf : public testing::TestWithParam<double> {};  // refractory time, ms

TEST_P(EventPropOf, ContinuousTimeIsThatOfCentralDifferences) {
  std::size_t checked = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    OffGridNetwork net = continuous(seed, GetParam());
    const auto spikes = net.run(end);
    ASSERT_GT(spikes.size(), 8u);
    const auto gradient = net.gradient(by_time(spikes), end);  // before others run
    std::vector<double> of_weights, of_delays, weights, delays;
    for (std::size_t k = 0; k < net.synapses.size(); ++k)
      for (double OffGridNetwork::Synapse::*of :
           {&OffGridNetwork::Synapse::weight, &OffGridNetwork::Synapse::delay}) {
        const bool weight = of == &OffGridNetwork::Synapse::weight;
        double& x = net.synapses[k].*of;
        const double at = x;
        bool same = true;
        // Central differences twice, so that crossings at a flat angle do not spoil them.
        const auto slope = [&](double h) {
          x = at + h;
          const auto up = net.run(end);
          x = at - h;
          const auto down = net.run(end);
          x = at;
          same = same && counts(up) == counts(spikes) && counts(down) == counts(spikes);
          return (loss(up) - loss(down)) / (2 * h);
        };
        const double by_difference = (4 * slope(0.5e-6) - slope(1e-6)) / 3;
        if (!same) continue;
        (weight ? of_weights : of_delays).push_back(by_difference);
        (weight ? weights : delays).push_back(weight ? gradient.weights[k] : gradient.delays[k]);
        ++checked;
      }
    expect_close(weights, of_weights, 1e-6, "weights");
    expect_close(delays, of_delays, 1e-6, "delays");
  }
  EXPECT_GT(checked, 300u) << "hardly any spike may appear or vanish";
}

Network on_grid(const OffGridNetwork& net, double dt_ms) {
  Network n(Quantity::from_internal(dt_ms, dimension::time));
  const View in = n.add_spike_list("in", sources, {}, {});
  const View h =
      n.add("h", neurons, library::neuron("lif_psc_exp"),
            {.parameters = {{"C_m", 1_pF},
                            {"tau_m", 10_ms},
                            {"tau_syn_ex", 5_ms},
                            {"E_L", 0_mV},
                            {"V_reset", 0_mV},
                            {"V_th", 1_mV},
                            {"t_ref", Quantity::from_internal(net.t_ref, dimension::time)}}});
  std::vector<double> weights, delays;
  for (const auto& s : net.synapses) {
    weights.push_back(s.weight);
    delays.push_back(s.delay);
  }
  const auto part = [](const std::vector<double>& all, std::size_t from, std::size_t to,
                       Dimension d) {
    return Values::array(std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(from),
                                             all.begin() + static_cast<std::ptrdiff_t>(to)),
                         d);
  };
  const std::size_t edge = sources * neurons, all = net.synapses.size();
  n.connect(in, h, all_to_all(),
            {.target = "I_ex",
             .weight = part(weights, 0, edge, dimension::current),
             .delay = part(delays, 0, edge, dimension::time),
             .name = "in"});
  n.connect(h, h, all_to_all(),
            {.target = "I_ex",
             .weight = part(weights, edge, all, dimension::current),
             .delay = part(delays, edge, all, dimension::time),
             .name = "back"});
  return n;
}

/// How far gradients on the grid are from those in continuous time, by weights and by delays,
/// relative to the largest; nothing where another number of spikes fires.
std::optional<std::pair<double, double>> gap_on_grid(OffGridNetwork& net, double dt) {
  const auto spikes = net.run(end);
  const auto exact = net.gradient(by_time(spikes), end);
  const std::size_t edge = sources * neurons;
  const auto steps = static_cast<std::int64_t>(std::lround(end / dt));
  SpikeBits in(steps, 1, sources);
  for (const auto& s : net.input)
    in.set(std::lround(s.time / dt) - 1, 0, static_cast<std::uint32_t>(s.unit));
  EventProp<double> grid(on_grid(net, dt));
  grid.forward(steps, 1, {{"in", in}});
  const SpikeBits& fired = grid.spikes("h");
  std::vector<double> bars(static_cast<std::size_t>(steps) * neurons);
  std::vector<std::size_t> seen(neurons);
  for (std::int64_t t = 0; t < steps; ++t)
    for (std::uint32_t i = 0; i < neurons; ++i)
      if (fired.test(t, 0, i))
        bars[static_cast<std::size_t>(t) * neurons + i] = coefficient(i, seen[i]++);
  if (seen != counts(spikes)) return std::nullopt;
  grid.backward({.times = {{"h", bars}}});
  double weight = 0, delay = 0, largest_weight = 0, largest_delay = 0;
  for (std::size_t k = 0; k < net.synapses.size(); ++k) {
    const char* name = k < edge ? "in" : "back";
    const std::size_t at = k < edge ? k : k - edge;
    largest_weight = std::max(largest_weight, std::abs(exact.weights[k]));
    largest_delay = std::max(largest_delay, std::abs(exact.delays[k]));
    weight = std::max(weight, std::abs(grid.weight_gradient(name)[at] - exact.weights[k]));
    delay = std::max(delay, std::abs(grid.delay_gradient(name)[at] - exact.delays[k]));
  }
  return std::pair{weight / largest_weight, delay / largest_delay};
}

TEST(EventProp, OnTheGridComesToContinuousTimeAtFirstOrder) {
  int networks = 0;
  double order = 0, delay_order = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    OffGridNetwork net = continuous(seed, 2.5);
    const auto coarse = gap_on_grid(net, 0.02), fine = gap_on_grid(net, 0.00125);
    if (!coarse || !fine) continue;  // a spike appears or vanishes
    ++networks;
    EXPECT_LT(fine->first, 0.1);
    EXPECT_LT(fine->second, 0.1);
    order += std::log(coarse->first / fine->first) / std::log(16);
    delay_order += std::log(coarse->second / fine->second) / std::log(16);
  }
  ASSERT_GE(networks, 2);
  EXPECT_NEAR(order / networks, 1, 0.4);
  EXPECT_NEAR(delay_order / networks, 1, 0.4);
}

INSTANTIATE_TEST_SUITE_P(Refractory, EventPropOf, testing::Values(0.0, 2.5), [](const auto& info) {
  return std::string(info.param == 0 ? "None" : "LongerThanADelay");
});

TEST(EventProp, OfAReadoutsIntegralIsThatOfFiniteDifferencesInTheSpikeTimes) {
  // One spike into a readout whose potential is integrated: by weight and by delay in closed form,
  // integral of w exp(-(t - t_a)/tau) from t_a to the end.
  for (const double dt : {0.1, 0.025}) {
    Network n(Quantity::from_internal(dt, dimension::time));
    const View in = n.add_spike_list("in", 1, {}, {});
    const View out = n.add("out", 1, library::neuron("leaky_integrator"));
    n.connect(in, out, all_to_all(), {.target = "V_m", .weight = 2_mV, .delay = 3_ms, .name = "w"});
    EventProp<double> e(n);
    const auto steps = static_cast<std::int64_t>(std::lround(40 / dt));
    SpikeBits bits(steps, 1, 1);
    bits.set(std::lround(5 / dt) - 1, 0, 0);
    e.forward(steps, 1, {{"in", bits}});
    e.backward({.potentials = {{"out", std::vector<double>(static_cast<std::size_t>(steps), dt)}}});
    const double left = std::exp(-32.0 / 20);
    EXPECT_NEAR(e.weight_gradient("w")[0], 20 * (1 - left), 1.1 * dt);
    EXPECT_NEAR(e.delay_gradient("w")[0], -2 * left, 0.1 * dt);
  }
}

TEST(EventProp, GivesTheSameBitsForAnyThreadsAndRefusesWhatItCannot) {
  OffGridNetwork net = continuous(1, 2.5);
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    EventProp<float> e(on_grid(net, 0.5), {.threads = threads});
    e.forward(100, 20, {{"in", random_bits(1, 100, 20, sources, 0.1)}});
    EXPECT_GT(e.spikes("h").count(), 100u);
    e.backward({.times = {{"h", std::vector<float>(100 * 20 * neurons, 1)}}});
    const std::vector<float> g(e.weight_gradient("in").begin(), e.weight_gradient("in").end());
    if (first.empty()) first = g;
    EXPECT_TRUE(g == first);
    EXPECT_LT(*std::min_element(g.begin(), g.end()), 0) << "more weight, earlier spikes";
    EXPECT_THROW(e.backward({.times = {{"h", std::vector<float>(7)}}}), ShapeError);
    EXPECT_THROW(e.backward({.times = {{"g", {}}}}), NameError);
    EXPECT_THROW(e.weight_gradient("inn"), NameError);
  }
  Network other(1_ms);
  other.add("n", 2, library::neuron("izhikevich"));
  EXPECT_THROW(EventProp<float>{other}, UnsupportedError);
  EventProp<float> fresh(on_grid(net, 0.5));
  EXPECT_THROW(fresh.backward({}), ValueError);
}

}  // namespace
}  // namespace callosum
