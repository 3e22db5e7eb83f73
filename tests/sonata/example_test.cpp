#include "example.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "callosum/data/hdf5_file.h"
#include "callosum/sim/simulation.h"
#include "callosum/sonata/network_of.h"

namespace callosum::sonata {
namespace {

using Spikes = std::vector<std::pair<std::int64_t, std::uint32_t>>;

/// The 300 neurons written out: iaf_psc_alpha by its closed form (Rotter and Diesmann 1999), the
/// tables read as numbers, arrivals after the integration, then the threshold.
class Oracle {
 public:
  Oracle(double dt, std::int64_t steps, double v_init) : dt_(dt), steps_(steps) {
    read_neurons();
    read_edges("internal_internal_edges.h5", "internal_to_internal", inner_, 2.0);
    read_edges("external_internal_edges.h5", "external_to_internal", outer_, 1.0);
    for (Neuron& n : neurons_) n.v = v_init - n.E_L;
  }

  Spikes run() {
    ex_.assign(steps_ + 1, {});
    const data::Hdf5File input(example_circuit() / "inputs/external_spike_trains.h5");
    const auto ids = input.numbers("/spikes/gids"), times = input.numbers("/spikes/timestamps");
    for (std::size_t k = 0; k < ids.size(); ++k)
      fire(outer_[static_cast<std::size_t>(ids[k])],
           std::max<std::int64_t>(1, std::llround(times[k] / dt_)));
    Spikes spikes;
    for (std::int64_t n = 0; n < steps_; ++n) {
      for (Neuron& neuron : neurons_) neuron.integrate();
      for (const auto& [target, weight] : ex_[n])
        (weight >= 0 ? neurons_[target].K_ex : neurons_[target].K_in) += weight;
      for (std::uint32_t i = 0; i < neurons_.size(); ++i)
        if (neurons_[i].fires()) {
          spikes.emplace_back(n + 1, i);
          fire(inner_[i], n + 1);
        }
    }
    return spikes;
  }

 private:
  struct Synapse {
    std::uint32_t target;
    double weight;
    std::int64_t delay;
  };
  struct Neuron {
    double E_L, V_th, V_reset;
    std::int64_t t_ref;
    double keep_v, keep_i, from_i, from_k, i_from_k;
    double v = 0, I_ex = 0, K_ex = 0, I_in = 0, K_in = 0;
    std::int64_t waiting = 0;

    void integrate() {
      if (waiting > 0)
        --waiting;
      else
        v = keep_v * v + from_i * (I_ex + I_in) + from_k * (K_ex + K_in);
      I_ex = keep_i * I_ex + i_from_k * K_ex;
      I_in = keep_i * I_in + i_from_k * K_in;
      K_ex *= keep_i;
      K_in *= keep_i;
    }
    bool fires() {
      if (waiting > 0 || v + E_L < V_th) return false;
      v = V_reset - E_L;
      waiting = t_ref;
      return true;
    }
  };

  void read_neurons() {
    // Types 100..104 and what their files hold.
    const std::map<int, std::array<double, 6>> types = {{100, {44.9, 239, 3, -78, -43, -55}},
                                                        {101, {11.5, 53, 3, -72, -25, -50}},
                                                        {102, {22.1, 117, 3, -78, -47, -50}},
                                                        {103, {22.2, 180, 3, -82, -35, -50}},
                                                        {104, {12.5, 78, 3, -73, -37, -55}}};
    const data::Hdf5File file(example_circuit() / "network/internal_nodes.h5");
    for (double type : file.numbers("/nodes/internal/node_type_id")) {
      const auto [tau_m, C, t_ref, E_L, V_th, V_reset] = types.at(static_cast<int>(type));
      const double tau_s = 2, h = dt_, e = std::exp(1.0);
      const double a = 1 / tau_s - 1 / tau_m, x = a * h, decay = std::exp(-h / tau_m);
      neurons_.push_back({E_L, V_th, V_reset, std::llround(t_ref / h), decay, std::exp(-h / tau_s),
                          decay / C * -std::expm1(-x) / a,
                          decay / C * e / tau_s * (-std::expm1(-x) - x * std::exp(-x)) / (a * a),
                          e / tau_s * h * std::exp(-h / tau_s)});
    }
  }
  void read_edges(const char* name, const std::string& population,
                  std::vector<std::vector<Synapse>>& out, double delay_ms) {
    const data::Hdf5File file(example_circuit() / "network" / name);
    const std::string at = "/edges/" + population;
    const auto sources = file.numbers(at + "/source_node_id");
    const auto targets = file.numbers(at + "/target_node_id");
    const auto weights = file.numbers(at + "/0/syn_weight");
    out.resize(300);
    for (std::size_t k = 0; k < sources.size(); ++k)
      out[static_cast<std::size_t>(sources[k])].push_back(
          {static_cast<std::uint32_t>(targets[k]), weights[k], std::llround(delay_ms / dt_)});
  }
  void fire(const std::vector<Synapse>& row, std::int64_t step) {
    for (const Synapse& s : row)  // a spike stamped k over delay d acts in step k + d - 1
      if (const std::int64_t slot = step + s.delay - 1; slot < steps_)
        ex_[slot].emplace_back(s.target, s.weight);
  }

  double dt_;
  std::int64_t steps_;
  std::vector<Neuron> neurons_;
  std::vector<std::vector<Synapse>> inner_, outer_;
  std::vector<std::vector<std::pair<std::uint32_t, double>>> ex_;
};

Spikes spikes_of(const Recording& recording) {
  Spikes spikes;
  for (const SpikeRecord& r : recording.spikes)
    for (std::size_t k = 0; k < r.steps.size(); ++k) spikes.emplace_back(r.steps[k], r.neurons[k]);
  std::sort(spikes.begin(), spikes.end());
  return spikes;
}

TEST(SonataExample, HasTheNodesEdgesAndInputsOfItsTables) {
  const SonataNetwork sonata = read_sonata(example_circuit() / "simulation_config.json");
  const Network& network = sonata.network;
  EXPECT_EQ(network.grid().dt_ms(), 0.01);
  EXPECT_EQ(sonata.config.tstop_ms, 1500);
  ASSERT_EQ(network.populations().size(), 2u);
  EXPECT_EQ(network.populations()[0].name, "internal");
  EXPECT_EQ(network.populations()[0].size, 300u);
  EXPECT_EQ(network.populations()[0].model.name(), "lif_psc_alpha");
  EXPECT_EQ(network.populations()[1].spike_steps.size(), 4334u);
  std::size_t inner = 0, outer = 0;
  std::set<std::string> targets;
  for (const Projection& p : network.projections()) {
    (p.from.population == 0 ? inner : outer) += p.rule.sources.size();
    targets.insert(p.synapse.target);
  }
  EXPECT_EQ(inner, 27588u);
  EXPECT_EQ(outer, 20844u);
  EXPECT_EQ(targets, (std::set<std::string>{"K_ex", "K_in"}));
  // NEST's delay where the tables have none, and input off the grid: both are told.
  std::string told;
  for (const std::string& sentence : sonata.assumptions) told += sentence + "\n";
  EXPECT_TRUE(contains(told, "1 ms, as in NEST")) << told;
  EXPECT_TRUE(contains(told, "spikes of input 'external_spike_trains' go to the nearest step"))
      << told;
}

TEST(SonataExample, FiresAsItsNeuronsWrittenOutDo) {
  const SonataNetwork sonata = read_sonata(example_circuit() / "simulation_config.json");
  constexpr std::int64_t steps = 30000;  // 300 ms
  Simulation simulation(sonata.network, {.precision = Precision::twofold});
  simulation.run_steps(steps);
  const Spikes got = spikes_of(simulation.recording());
  const Spikes expected = Oracle(0.01, steps, -80).run();
  EXPECT_GT(expected.size(), 500u);
  EXPECT_EQ(got, expected);
}

TEST(SonataExample, OutputIsWrittenWhereTheConfigurationSays) {
  const TemporaryFolder folder;
  std::filesystem::copy(example_circuit().parent_path(), folder.path(),
                        std::filesystem::copy_options::recursive);
  const auto at = folder.path() / "300_pointneurons";
  // config.json names the two others, as BMTK has it.
  const SonataNetwork sonata = read_sonata(at / "config.json");
  Simulation simulation(sonata.network, {});
  simulation.run_steps(5000);
  const Recording recording = simulation.recording();
  const auto files = write_output(sonata, recording);
  ASSERT_EQ(files, (std::vector<std::filesystem::path>{at / "output/spikes.h5",
                                                       at / "output/membrane_potential.h5"}));
  const auto spikes = read_spikes(files[0]);
  ASSERT_EQ(spikes.size(), 1u);
  EXPECT_EQ(spikes[0].nodes, "internal");
  ASSERT_GT(spikes[0].ids.size(), 10u);
  const Spikes all = spikes_of(recording);
  ASSERT_EQ(spikes[0].ids.size(), all.size());
  for (std::size_t k = 0; k < all.size(); ++k) {
    EXPECT_EQ(spikes[0].ids[k], all[k].second);
    EXPECT_NEAR(spikes[0].times_ms[k], static_cast<double>(all[k].first) * 0.01, 1e-9);
  }
  const data::Hdf5File report(files[1]);
  EXPECT_EQ(report.numbers("/report/internal/mapping/node_ids"),
            (std::vector<double>{0, 80, 160, 240, 270}));
  EXPECT_EQ(report.shape("/report/internal/data"), (std::vector<std::size_t>{5001, 5}));
  EXPECT_EQ(report.attribute("/report/internal/data", "units"), "mV");
  EXPECT_EQ(report.numbers("/report/internal/data").front(), -80);  // v_init
  EXPECT_EQ(report.numbers("/report/internal/mapping/time"), (std::vector<double>{0, 50.01, 0.01}));
}

}  // namespace
}  // namespace callosum::sonata
