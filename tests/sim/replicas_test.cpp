#include "callosum/sim/replicas.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "callosum/core/error.h"
#include "callosum/sim/checkpoint.h"
#include "tests/sim/busy_network.h"
#include "tests/sim/local_ranks.h"

// Replicas are independent runs of one network over the same synapses.
namespace callosum {
namespace {

using namespace callosum::literals;

constexpr std::int64_t steps = 300;

Simulation alone(const Network& net, std::uint32_t replica) {
  Simulation sim(net, {.seed = 3, .replica = replica});
  sim.run_steps(steps);
  return sim;
}

class AnyReplicas : public testing::TestWithParam<int> {};  // threads

TEST_P(AnyReplicas, AreTheRunsOfTheirNumbers) {
  // Rows in slices and by row, with variables, redrawn each step, continuous.
  for (const Network& net : {busy::network(1, true), busy::network(5)}) {
    Replicas runs(net, 4, {.threads = GetParam(), .seed = 3});
    for (const std::int64_t piece : {1, 96, 203}) runs.run_steps(piece);
    EXPECT_EQ(runs.step(), steps);
    for (int r = 0; r < runs.size(); ++r) {
      SCOPED_TRACE("replica " + std::to_string(r));
      busy::expect_same(runs[r], alone(net, static_cast<std::uint32_t>(r)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, AnyReplicas, testing::Values(1, 2, 3, 9));

TEST(Replicas, DifferInWhatARunDrawsAndNotInTheNetwork) {
  const Network net = busy::network(5);
  Replicas runs(net, 5, {.threads = 2, .seed = 3});
  const auto values = [&](int r, const char* name) { return runs[r].get({1, 0, 1500}, name); };
  const auto weights = [&](int r) { return Recording(runs[r].recording()).weights[1].values; };
  for (int r = 1; r < runs.size(); ++r) {
    EXPECT_EQ(values(r, "I_e"), values(0, "I_e")) << "a drawn parameter is of the network";
    EXPECT_NE(values(r, "V_m"), values(0, "V_m")) << "initial states are of the run";
    EXPECT_EQ(weights(r), weights(0));
  }
  runs.run_steps(steps);
  std::set<std::uint64_t> hashes;
  for (int r = 0; r < runs.size(); ++r) hashes.insert(runs[r].statistics().spike_hash);
  EXPECT_EQ(hashes.size(), 5u);
}

TEST(Replicas, BeginWithAnyNumber) {
  const Network net = busy::network(5);
  Replicas runs(net, 2, {.seed = 3, .replica = 6});
  runs.run_steps(steps);
  busy::expect_same(runs[1], alone(net, 7));
}

TEST(Replicas, LearnEachForItself) {
  Network net(0.1_ms, "learning");
  const auto from = net.add("from", 100, library::neuron("lif_psc_exp"),
                            {.parameters = {{"I_e", Values(500_pA)}},
                             .initial = {{"V_m", Values::uniform(-70_mV, -55.5_mV)}}});
  const auto to =
      net.add("to", 100, library::neuron("lif_psc_exp"), {.parameters = {{"I_e", Values(450_pA)}}});
  const auto plastic = net.connect(from, to, fixed_probability(0.2),
                                   {.target = "I_ex",
                                    .weight = Values::uniform(10_pA, 20_pA),
                                    .delay = 1_ms,
                                    .model = library::synapse("stdp_additive"),
                                    .parameters = {{"w_max", Values(40_pA)}}});
  Replicas runs(net, 3, {.threads = 2});
  const auto drawn = runs[0].get_synapses(plastic, "weight");
  EXPECT_EQ(runs[2].get_synapses(plastic, "weight"), drawn);
  runs.run(200_ms);
  EXPECT_NE(runs[0].get_synapses(plastic, "weight"), drawn);
  EXPECT_NE(runs[2].get_synapses(plastic, "weight"), runs[0].get_synapses(plastic, "weight"));
  Simulation sim(net, {.replica = 2});
  sim.run(200_ms);
  EXPECT_EQ(runs[2].get_synapses(plastic, "weight"), sim.get_synapses(plastic, "weight"));
}

// dx/dt = -x/tau with Poisson jumps at rate r is shot noise (Campbell 1909): on a grid, and after
// n steps, mean r dt sum(q^k), variance r dt sum(q^2k), q = exp(-dt/tau), k < n.
TEST(Replicas, AreIndependentSamples) {
  model::ModelText t;
  t.name = "test_shots";
  t.equations = accumulators::text("dx/dt = -x/(10*ms) : 1");
  Network net(0.5_ms);
  const auto shots = net.add("shots", 64, model::Model(t));
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .to = shots,
                 .target = "x",
                 .value = Values(1),
                 .rate = Values(1000_Hz)});
  constexpr int count = 200, n = 100;
  Replicas runs(net, count, {.threads = 2, .precision = Precision::twofold});
  runs.run_steps(n);
  const double q = std::exp(-0.05);
  const double mean = 0.5 * (1 - std::pow(q, n)) / (1 - q);
  const double variance = 0.5 * (1 - std::pow(q, 2 * n)) / (1 - q * q);
  double sum_over_all = 0, variance_of_means = 0, variance_of_one = 0;
  for (int r = 0; r < count; ++r) {
    const auto x = runs[r].get(shots, "x");
    double sum = 0;
    for (const double v : x) sum += v;
    sum_over_all += sum;
    variance_of_means += std::pow(sum / 64 - mean, 2) / count;
    variance_of_one += std::pow(x[0] - mean, 2) / count;
  }
  // Within five standard errors; a variance's is variance * sqrt(2 / count), and a little more.
  EXPECT_NEAR(sum_over_all / (64 * count), mean, 5 * std::sqrt(variance / (64 * count)));
  EXPECT_NEAR(variance_of_one, variance, 5 * variance * std::sqrt(2.2 / count));
  EXPECT_NEAR(variance_of_means, variance / 64, 5 * variance / 64 * std::sqrt(2.2 / count));
}

TEST(Replicas, KeepTheirRowsOnce) {
  const auto resident = [] {
    std::ifstream statm("/proc/self/statm");
    double size = 0, pages = 0;
    statm >> size >> pages;
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  };
  Network net(0.1_ms);
  const auto cells = net.add("cells", 5000, library::neuron("lif_psc_exp"));
  net.connect(cells, cells, fixed_probability(0.3),
              {.target = "I_ex", .weight = Values::normal(1_pA, 0.1_pA), .delay = 1_ms});
  const double before = resident();
  const Replicas one(net, 1);
  const double once = resident() - before;
  const Replicas eight(net, 8);
  const double eight_times = resident() - before - once;
  EXPECT_GT(once, 7e6 * 6) << "weights and places of 7.5 million synapses";
  EXPECT_LT(eight_times, 1.5 * once);
  EXPECT_EQ(estimate(net, {}, 8).bytes_synapses, estimate(net, {}).bytes_synapses);
  EXPECT_EQ(estimate(net, {}, 8).bytes_neurons, 8 * estimate(net, {}).bytes_neurons);
}

TEST(Replicas, GoOnAfterAStopToACommonEnd) {
  const Network net = busy::network(5);
  bool stop = true;
  // One thread tells of its first replica when that is done.
  Replicas runs(net, 3, {.seed = 3, .progress = [&](const Progress& p) {
                           EXPECT_LE(p.done, p.total);
                           return p.task != "simulating" || !stop;
                         }});
  EXPECT_THROW(runs.run_steps(steps), Interrupted);
  EXPECT_LT(runs.step(), steps);
  stop = false;
  runs.run_steps(steps - runs.step());
  for (int r = 0; r < runs.size(); ++r)
    busy::expect_same(runs[r], alone(net, static_cast<std::uint32_t>(r)));
}

TEST(Replicas, NameTheOneThatIsNoLongerFinite) {
  model::ModelText t;
  t.name = "test_wild";
  t.equations = accumulators::text("dx/dt = x/(1*ms) : 1");
  Network net(0.1_ms);
  const auto wild = net.add("wild", 10, model::Model(t));
  Replicas runs(net, 4, {.threads = 2});
  runs[2].set(net.slice(wild, 7, 8), "x", Values(1));
  try {
    runs.run_steps(5000);
    FAIL() << "an infinite state was passed over";
  } catch (const NumericalError& error) {
    EXPECT_EQ(error.detail().where, "replica 2, population 'wild', neuron 7");
  }
}

TEST(Replicas, ACheckpointIsOfOneOfThem) {
  const Network net = busy::network(5);
  const std::string path =
      (std::filesystem::path(testing::TempDir()) / ("replica_" + std::to_string(getpid())))
          .string();
  Replicas runs(net, 3, {.seed = 3});
  runs.run_steps(100);
  runs[2].save(path);
  EXPECT_EQ(read_checkpoint(path).replica, 2u);
  try {
    Simulation::resume(path, net, {.seed = 3});
    FAIL() << "another replica went on from it";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("replica"), std::string::npos) << error.what();
  }
  Simulation sim = Simulation::resume(path, net, {.seed = 3, .replica = 2});
  sim.run_steps(steps - 100);
  busy::expect_same(sim, alone(net, 2));
  std::filesystem::remove(path);
}

TEST(Replicas, ThatCannotBeRunAreRefused) {
  const Network net = busy::network(5);
  EXPECT_THROW(Replicas(net, 0), ValueError);
  EXPECT_THROW(Replicas(net, 2, {.threads = 0}), ValueError);
  const double one = estimate(net, {}).bytes;
  EXPECT_NO_THROW(Replicas(net, 1, {.memory_limit_bytes = 1.5 * one}));
  EXPECT_THROW(Replicas(net, 1000, {.memory_limit_bytes = 1.5 * one}), ResourceError);
  local_ranks::run(2, [&](std::shared_ptr<Ranks> here) {
    EXPECT_THROW(Replicas(net, 2, {.ranks = here}), UnsupportedError);
  });
}

}  // namespace
}  // namespace callosum
