#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"

// A network whose weights feed back, against Brian2 (tests/references/brian2_closed_loop.py): to
// the spike until rounding makes the first difference, in distribution after it.
namespace callosum {
namespace {

using namespace callosum::literals;

constexpr std::uint32_t neurons = 500, excitatory = 400, out = 40;

struct Lists {
  std::vector<std::uint32_t> sources, targets;
  Rule rule() const { return pairs(sources, targets); }
};

Network closed_loop(std::uint64_t state) {
  const auto draw = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  };
  std::vector<double> V_m;
  for (std::uint32_t i = 0; i < neurons; ++i)
    V_m.push_back(-60 + 10 * (static_cast<double>(draw()) / 2147483648.0));
  Lists learning, others, inhibition;
  for (std::uint32_t i = 0; i < neurons; ++i)
    for (std::uint32_t k = 0; k < out; ++k) {
      const auto j = static_cast<std::uint32_t>(draw() % neurons);
      Lists& list = i >= excitatory ? inhibition : j < excitatory ? learning : others;
      list.sources.push_back(i);
      list.targets.push_back(j);
    }
  // A jump of 1 mV in the equation of Brian2 is C_m / tau_m * 1 mV = 10 pA.
  const double w_ex = 32.4, w_in = -180;
  const auto pA = [](double x) { return Quantity::from_internal(x, dimension::current); };
  Network net(0.1_ms);
  const View all = net.add("all", neurons,
                           library::neuron("lif_psc_exp")
                               .with({{"C_m", 200_pF},
                                      {"tau_m", 20_ms},
                                      {"E_L", -49_mV},
                                      {"V_th", -50_mV},
                                      {"V_reset", -60_mV},
                                      {"t_ref", 5_ms},
                                      {"tau_syn_ex", 5_ms},
                                      {"tau_syn_in", 10_ms}}),
                           {.initial = {{"V_m", Values::array(V_m, dimension::voltage)}}});
  net.connect(all, all, learning.rule(),
              {.target = "I_ex",
               .weight = pA(w_ex),
               .delay = 1.5_ms,
               .model = library::synapse("stdp_additive"),
               .parameters = {{"w_max", pA(2 * w_ex)}, {"A_plus", 0.005}, {"A_minus", 0.00525}}});
  net.connect(all, all, others.rule(),
              {.target = "I_ex", .weight = pA(w_ex), .delay = 1.5_ms, .name = "others"});
  net.connect(all, all, inhibition.rule(), {.target = "I_in", .weight = pA(w_in), .delay = 1.5_ms});
  net.record_spikes(all);
  return net;
}

/// Mean and its standard error.
struct Mean {
  double mean = 0, error = 0;
};
Mean mean_of(const std::vector<double>& x) {
  Mean m;
  for (const double v : x) m.mean += v / static_cast<double>(x.size());
  for (const double v : x) m.error += (v - m.mean) * (v - m.mean);
  const auto n = static_cast<double>(x.size());
  m.error = std::sqrt(m.error / (n - 1) / n);
  return m;
}

TEST(ClosedLoopAgainstBrian2, IsTheSameToTheFirstDifferingSpikeAndInDistributionAfterIt) {
  const nlohmann::json reference = nlohmann::json::parse(
      std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/brian2_closed_loop.json"));
  std::map<std::string, std::vector<double>> ours, theirs;
  for (const auto& run : reference["runs"]) {
    Simulation sim(closed_loop(run["seed"].get<std::uint64_t>()),
                   {.precision = Precision::twofold});
    sim.run(5_s);
    const Recording recording = sim.recording();
    const SpikeRecord& spikes = recording.spikes.at(0);
    const auto first =
        run["first_spikes"].get<std::vector<std::pair<std::int64_t, std::uint32_t>>>();
    std::size_t same = 0;
    while (same < std::min(first.size(), spikes.steps.size()) &&
           first[same] == std::pair{spikes.steps[same] - 1, spikes.neurons[same]})
      ++same;
    RecordProperty("same_spikes_" + run["seed"].dump(), static_cast<int>(same));
    std::cout << "seed " << run["seed"] << ": " << same << " of " << first.size()
              << " first spikes are the same\n";
    EXPECT_GT(same, 500u) << run["seed"];
    std::vector<double> w = sim.get_synapses(0, "weight");
    for (double& x : w) x /= 32.4;
    std::sort(w.begin(), w.end());
    double mean = 0, square = 0;
    for (const double x : w) mean += x / static_cast<double>(w.size());
    for (const double x : w) square += (x - mean) * (x - mean) / static_cast<double>(w.size());
    ours["rate_hz"].push_back(static_cast<double>(spikes.steps.size()) / neurons / 5);
    ours["weight_mean"].push_back(mean);
    ours["weight_sd"].push_back(std::sqrt(square));
    for (int d = 1; d < 10; ++d)
      ours["decile " + std::to_string(d)].push_back(w[w.size() * static_cast<std::size_t>(d) / 10]);
    for (const char* name : {"rate_hz", "weight_mean", "weight_sd"})
      theirs[name].push_back(run[name].get<double>());
    for (int d = 1; d < 10; ++d)
      theirs["decile " + std::to_string(d)].push_back(
          run["weight_deciles"][static_cast<std::size_t>(d - 1)].get<double>());
  }
  // Four standard errors of the difference of two means over the seeds, and a thousandth for the
  // way a decile is read.
  for (const auto& [name, values] : ours) {
    const Mean a = mean_of(values), b = mean_of(theirs[name]);
    std::cout << name << ": " << a.mean << " +- " << a.error << ", Brian2 " << b.mean << " +- "
              << b.error << "\n";
    EXPECT_LT(std::abs(a.mean - b.mean), 4 * std::hypot(a.error, b.error) + 1e-3 * std::abs(b.mean))
        << name;
  }
  EXPECT_GT(mean_of(ours["weight_sd"]).mean, 0.01) << "nothing was learned";
}

}  // namespace
}  // namespace callosum
