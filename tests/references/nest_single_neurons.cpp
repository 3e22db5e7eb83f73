#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"

// Single neurons against traces made with NEST (tests/references/README.md).
namespace callosum {
namespace {

using nlohmann::json;

struct Case {
  std::string nest;                  // key in the file
  std::vector<std::string> targets;  // excitatory, inhibitory
  double bound_mV;                   // largest difference of V_m away from spikes
  int spike_slack;                   // steps by which a spike may differ
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.nest; }
};

const json& traces() {
  static const json data =
      json::parse(std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/single-neurons.json"));
  return data;
}

const char* const parameters[] = {"C_m",   "E_L",        "I_e",        "V_reset", "V_th", "t_ref",
                                  "tau_m", "tau_syn_ex", "tau_syn_in", "E_ex",    "E_in", "g_L",
                                  "E_K",   "E_Na",       "g_K",        "g_Na",    "V_T"};

class NestSingleNeuron : public testing::TestWithParam<Case> {};

TEST_P(NestSingleNeuron, HasTheSameVoltagesAndSpikes) {
  const Case& c = GetParam();
  const json& reference = traces().at(c.nest);
  const model::Model model = library::neuron(c.nest);

  const Quantity dt(1e-4, dimension::time);
  const auto ms = [](double t) { return Quantity(t * 1e-3, dimension::time); };
  Network net(dt, c.nest);
  PopulationOptions options;
  for (const char* name : parameters) {
    const model::Variable* variable = model.find(name);
    if (variable == nullptr || !reference["parameters"].contains(name)) continue;
    options.parameters.emplace(
        name,
        Quantity::from_internal(reference["parameters"][name].get<double>(), variable->dimension));
  }
  options.initial.emplace(
      "V_m",
      Quantity::from_internal(reference["parameters"]["E_L"].get<double>(), dimension::voltage));
  const View neuron = net.add("neuron", 1, model, options);

  const auto spikes = [&](const char* key, const char* delay, const std::string& target,
                          double sign) {
    std::vector<Quantity> times;
    for (double t : reference[key]) times.push_back(ms(t));
    const View source =
        net.add_spike_list(key, 1, std::vector<std::uint32_t>(times.size(), 0), times);
    const Dimension unit = model.at(target).dimension;
    net.connect(source, neuron, all_to_all(),
                {.target = target,
                 .weight = Quantity::from_internal(sign * reference["weight"].get<double>(), unit),
                 .delay = ms(reference[delay].get<double>())});
  };
  const bool conductance = model.find("E_in") != nullptr;
  spikes("exc_spikes", "exc_delay", c.targets[0], 1);
  spikes("inh_spikes", "inh_delay", c.targets[1], conductance ? 1 : -1);

  // NEST's generator sits one minimum delay before the neuron: its current is felt one step later.
  Stimulus step;
  step.kind = Stimulus::Kind::steps;
  step.to = neuron;
  step.target = "I_e";
  const auto& on_off = reference["step_current"];
  const double shift = 0.1;
  step.times = {std::llround((on_off[0].get<double>() + shift) * 10),
                std::llround((on_off[1].get<double>() + shift) * 10)};
  step.value = Values::array({on_off[2].get<double>(), 0.0}, dimension::current);
  net.stimulate(step);

  net.record_spikes(neuron);
  net.record(neuron, "V_m", dt);
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(200));

  const Recording recording = sim.recording();
  const auto& found = recording.spikes.at(0).steps;
  ASSERT_EQ(found.size(), reference["spikes"].size());
  std::vector<std::int64_t> expected;
  for (std::size_t i = 0; i < found.size(); ++i) {
    expected.push_back(std::llround(reference["spikes"][i].get<double>() * 10));
    EXPECT_LE(std::abs(found[i] - expected[i]), c.spike_slack) << "spike " << i;
  }
  const auto& V = recording.traces.at(0).values;
  const std::int64_t first = std::llround(reference["t0"].get<double>() * 10);
  double worst = 0;
  for (std::size_t k = 0; k < reference["V_m"].size(); ++k) {
    const std::int64_t at = first + static_cast<std::int64_t>(k);
    bool near_spike = false;
    if (c.spike_slack > 0)
      for (std::int64_t s : expected) near_spike |= std::abs(at - s) <= c.spike_slack + 1;
    if (near_spike) continue;
    worst = std::max(worst, std::abs(V.at(at) - reference["V_m"][k].get<double>()));
  }
  RecordProperty("worst_mV", std::to_string(worst));
  EXPECT_LE(worst, c.bound_mV);
}

// Exact integrators: the file's ten decimals. Conductances: NEST integrates adaptively, we with
// exponential Euler.
INSTANTIATE_TEST_SUITE_P(Models, NestSingleNeuron,
                         testing::Values(Case{"iaf_psc_delta", {"V_m", "V_m"}, 1e-8, 0},
                                         Case{"iaf_psc_exp", {"I_ex", "I_in"}, 1e-8, 0},
                                         Case{"iaf_psc_alpha", {"K_ex", "K_in"}, 1e-8, 0},
                                         Case{"iaf_cond_exp", {"g_ex", "g_in"}, 0.5, 2}),
                         [](const auto& info) { return info.param.nest; });

}  // namespace
}  // namespace callosum
