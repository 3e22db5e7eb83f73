#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"

// What the library's synapses and sources give, against closed forms and slow oracles.
namespace callosum {
namespace {

using namespace callosum::literals;

Quantity ms(double t) { return Quantity::from_internal(t, dimension::time); }

/// Integrates what it receives in `input`: increments divided by dt are the input itself.
model::Model probe(const std::string& input, const std::string& unit) {
  model::ModelText t;
  t.name = "probe";
  t.equations.text = input + " : " + unit + "\ndq/dt = " + input + " : " + unit + "*second";
  return model::Model(t);
}

/// The input that a synapse model gives its target in each step, one synapse of weight 1 (internal
/// units).
std::vector<double> course(const std::string& name, const std::vector<double>& arrivals,
                           double dt_ms, double total_ms) {
  const model::Model synapse = library::synapse(name);
  std::string target;
  Dimension unit;
  for (const model::Variable& v : synapse.variables())
    if (v.summed) target = v.name.substr(0, v.name.size() - 5), unit = v.dimension;
  Network net(ms(dt_ms), name);
  std::vector<Quantity> times;
  for (double t : arrivals) times.push_back(ms(t - dt_ms));
  const View list =
      net.add_spike_list("list", 1, std::vector<std::uint32_t>(times.size(), 0), times);
  PopulationOptions options;
  options.parameters.emplace(target, Quantity::from_internal(0, unit));
  const View to =
      net.add("to", 1, probe(target, unit == dimension::current ? "amp" : "siemens"), options);
  net.connect(list, to, all_to_all(),
              {.target = "", .weight = Quantity::from_internal(1, unit), .model = synapse});
  net.record(to, "q", ms(dt_ms));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(total_ms));
  const std::vector<double> q = Recording(sim.recording()).traces.at(0).values;
  std::vector<double> input(q.size() - 1);
  for (std::size_t k = 0; k + 1 < q.size(); ++k) input[k] = (q[k + 1] - q[k]) / dt_ms;
  return input;
}

double biexponential(double t, double rise, double decay) {
  const double peak = rise * decay / (decay - rise) * std::log(decay / rise);
  const auto f = [&](double s) { return std::exp(-s / decay) - std::exp(-s / rise); };
  return f(t) / f(peak);
}

struct Shape {
  std::string name;
  std::function<double(double)> value;  // t ms after the arrival, weight 1
};

TEST(LibrarySynapses, LinearOnesFollowTheirClosedForm) {
  const auto alpha = [](double t) { return std::numbers::e * t / 2 * std::exp(-t / 2); };
  const auto decay = [](double t) { return std::exp(-t / 2); };
  const auto two = [](double rise, double fall) {
    return [=](double t) { return biexponential(t, rise, fall); };
  };
  const std::vector<Shape> shapes = {
      {"exp_current", decay},         {"exp_conductance", decay},
      {"alpha_current", alpha},       {"alpha_conductance", alpha},
      {"biexp_current", two(0.5, 5)}, {"biexp_conductance", two(0.5, 5)},
      {"gaba_a", two(0.5, 8)},        {"nmda", two(2, 100)}};
  for (const Shape& shape : shapes) {
    const double dt = 0.1, first = 1.0, second = 4.5;
    const std::vector<double> input = course(shape.name, {first, second}, dt, 40);
    for (std::size_t k = 0; k < input.size(); ++k) {
      const double t = static_cast<double>(k) * dt;
      const double expected = (t > first - 0.01 ? shape.value(t - first) : 0) +
                              (t > second - 0.01 ? shape.value(t - second) : 0);
      ASSERT_NEAR(input[k], expected, 1e-10) << shape.name << " at " << t << " ms";
    }
  }
}

/// Largest difference of the course from that of a fine solution of the paper's equations.
double error(const std::string& name, double dt, const std::vector<double>& arrivals,
             std::vector<double> y,
             const std::function<std::vector<double>(const std::vector<double>&)>& slope,
             const std::function<void(std::vector<double>&)>& spike,
             const std::function<double(const std::vector<double>&)>& output) {
  const double total = 120, fine = 0.001;
  const std::vector<double> input = course(name, arrivals, dt, total);
  double worst = 0;
  std::size_t next = 0;
  const auto sum = [](std::vector<double> a, const std::vector<double>& b, double h) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += h * b[i];
    return a;
  };
  const int per_step = static_cast<int>(std::llround(dt / fine));
  for (std::size_t k = 0; k < input.size(); ++k) {
    if (next < arrivals.size() && std::abs(arrivals[next] - static_cast<double>(k) * dt) < 1e-6) {
      spike(y);
      ++next;
    }
    worst = std::max(worst, std::abs(input[k] - output(y)));
    for (int j = 0; j < per_step; ++j) y = sum(y, slope(sum(y, slope(y), fine / 2)), fine);
  }
  EXPECT_EQ(next, arrivals.size());
  return worst;
}

using State = std::vector<double>;

TEST(LibrarySynapses, NonlinearOnesConvergeToAFineSolution) {
  const std::vector<double> arrivals = {2, 6, 10, 30, 80};
  const auto check = [&](const char* name, const State& start, auto slope, auto spike, auto output,
                         double bound) {
    const double coarse = error(name, 0.1, arrivals, start, slope, spike, output);
    const double fine = error(name, 0.025, arrivals, start, slope, spike, output);
    EXPECT_LE(coarse, bound) << name;
    EXPECT_LE(fine, 0.35 * coarse) << name << ": not of first order";
  };
  check(
      "nmda_saturating", State{0, 0},
      [](const State& y) {
        return State{-y[0] / 2, -y[1] / 100 + 0.5 * y[0] * (1 - y[1])};
      },
      [](State& y) { y[0] += 1; }, [](const State& y) { return y[1]; }, 0.03);
  check(
      "gaba_b", State{0, 0, 0},
      [](const State& y) {
        return State{-y[0] / 0.3, 0.09 * y[0] * (1 - y[1]) - 0.0012 * y[1],
                     0.18 * y[1] - 0.034 * y[2]};
      },
      [](State& y) { y[0] += 1; },
      [](const State& y) { return std::pow(y[2], 4) / (std::pow(y[2], 4) + 100); }, 0.01);
  check(
      "tsodyks_markram", State{1, 0, 0},
      [](const State& y) {
        return State{(1 - y[0]) / 800, -y[1] / 20, -y[2] / 3};
      },
      [](State& y) {
        y[1] += 0.5 * (1 - y[1]);
        y[2] += y[1] * y[0];
        y[0] -= y[1] * y[0];
      },
      [](const State& y) { return y[2]; }, 0.005);
}

// All synapse models with states reach a neuron of the library: a new file is covered by being one.
TEST(LibrarySynapses, EveryOneActsOnALibraryNeuron) {
  for (const std::string& name : library::names(model::ModelKind::synapse)) {
    const model::Model synapse = library::synapse(name);
    std::string target;
    Dimension unit;
    for (const model::Variable& v : synapse.variables())
      if (v.summed && v.dimension != Dimension())
        target = v.name.substr(0, v.name.size() - 5), unit = v.dimension;
    const model::Model neuron = library::neuron("lif_syn");
    if (target.empty() || neuron.find(target) == nullptr) continue;
    if (synapse.on_pre().empty()) continue;  // no spikes: continuous_test.cpp
    Network net(0.1_ms, name);
    const View list = net.add_spike_list("list", 1, {0, 0, 0}, {2_ms, 4_ms, 6_ms});
    const View to = net.add("to", 1, neuron);
    net.connect(list, to, all_to_all(),
                {.target = "", .weight = Quantity::from_internal(20, unit), .model = synapse});
    Simulation sim(net);
    sim.run(40_ms);
    EXPECT_GT(std::abs(sim.get(to, "V_m")[0] + 70), 1e-3) << name;
  }
}

Network source_net(const char* name, std::uint32_t size, PopulationOptions options, View& view) {
  Network net(0.1_ms, name);
  view = net.add("source", size, library::source(name), std::move(options));
  return net;
}

TEST(LibrarySources, GammaIntervalsHaveTheOrdersVariation) {
  for (double k : {1.0, 4.0}) {
    View view;
    Network net =
        source_net("gamma", 500, {.parameters = {{"rate", 40_Hz}, {"k", Quantity(k)}}}, view);
    Simulation sim(net, {.seed = 3});
    sim.run(8_s);
    const PopulationSummary summary = Recording(sim.recording()).populations.at(0);
    // 160,000 spikes: 0.25 % of the mean at k = 1. Bernoulli steps lower the variance by k*rate*dt.
    EXPECT_NEAR(summary.rate_hz, 40, 1.0) << k;
    EXPECT_NEAR(summary.cv_isi, 1 / std::sqrt(k), 0.02) << k;
  }
}

TEST(LibrarySources, SinePoissonFollowsItsRate) {
  View view;
  Network net = source_net("sine_poisson", 5000, {}, view);
  net.record_spikes(view);
  Simulation sim(net, {.seed = 5});
  sim.run(1_s);  // five periods of 200 ms
  double in_phase = 0, total = 0;
  const Recording recording = sim.recording();
  for (std::int64_t step : recording.spikes.at(0).steps) {
    in_phase += std::sin(2 * std::numbers::pi * 5 * static_cast<double>(step) * 1e-4);
    total += 1;
  }
  EXPECT_NEAR(total / 5000, 20, 0.4);
  EXPECT_NEAR(in_phase / total, 0.5, 0.01);  // amplitude / (2 rate)
}

TEST(LibrarySources, OrnsteinUhlenbeckHasItsMomentsAndCorrelation) {
  View view;
  Network net = source_net("ornstein_uhlenbeck", 4000, {.parameters = {{"mu", 30_pA}}}, view);
  Simulation sim(net, {.seed = 7, .precision = Precision::twofold});
  sim.run(50_ms);
  const std::vector<double> before = sim.get(view, "I");
  sim.run(5_ms);  // one correlation time
  const std::vector<double> after = sim.get(view, "I");
  double mean = 0, variance = 0, covariance = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    mean += before[i] / 4000;
    variance += (before[i] - 30) * (before[i] - 30) / 4000;
    covariance += (before[i] - 30) * (after[i] - 30) / 4000;
  }
  EXPECT_NEAR(mean, 30, 4 * 50 / std::sqrt(4000.0));
  EXPECT_NEAR(std::sqrt(variance), 50, 2.5);
  EXPECT_NEAR(covariance / variance, std::exp(-1.0), 0.06);
}

TEST(LibrarySources, SineCurrentReachesItsTargetOneStepLate) {
  View source;
  Network net = source_net("sine_current", 1, {}, source);
  PopulationOptions options;
  options.parameters.emplace("I_e", 0_pA);
  const View to = net.add("to", 1, probe("I_e", "amp"), options);
  net.connect(source, to, all_to_all(), {.target = "I_e", .source_variable = "I"});
  net.record(to, "q", 0.1_ms);
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(50_ms);
  const std::vector<double> q = Recording(sim.recording()).traces.at(0).values;
  for (std::size_t k = 1; k + 1 < q.size(); ++k)
    ASSERT_NEAR((q[k + 1] - q[k]) / 0.1,
                100 * std::sin(2 * std::numbers::pi * 0.01 * 0.1 * static_cast<double>(k)), 1e-9);
}

}  // namespace
}  // namespace callosum
