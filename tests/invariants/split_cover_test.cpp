#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "callosum/format/network_file.h"
#include "callosum/library/library.h"
#include "tests/sim/busy_network.h"
#include "tests/sim/local_ranks.h"

// Threads, ranks, stored or redrawn rows, vector width, network: every pair of two of their values
// meets in a short run, and none of it shows in the spikes. CALLOSUM_FULL=1 runs all combinations.
namespace callosum {
namespace {

using namespace callosum::literals;

/// Indices into the levels of each factor.
constexpr std::size_t factors = 5;
using Split = std::array<std::size_t, factors>;

const std::vector<int> threads{1, 2, 3, 7}, ranks{1, 2, 3}, lanes{4, 8, 16};
const std::vector<Rows> rows{Rows::stored, Rows::procedural};
const std::vector<std::string> networks{"brunel", "microcircuit", "slices"};
const Split levels{threads.size(), ranks.size(), rows.size(), lanes.size(), networks.size()};

std::vector<Split> all_runs() {
  std::vector<Split> runs{Split{}};
  for (std::size_t f = 0; f < factors; ++f) {
    std::vector<Split> longer;
    for (const Split& run : runs)
      for (std::size_t level = 0; level < levels[f]; ++level) {
        longer.push_back(run);
        longer.back()[f] = level;
      }
    runs = std::move(longer);
  }
  return runs;
}

using Pair = std::array<std::size_t, 4>;  // factor, level, factor, level

std::set<Pair> pairs_of(const Split& run) {
  std::set<Pair> pairs;
  for (std::size_t f = 0; f < factors; ++f)
    for (std::size_t g = 0; g < f; ++g) pairs.insert({f, run[f], g, run[g]});
  return pairs;
}

/// Runs that meet all pairs: again and again the one that meets most of those left.
std::vector<Split> pairwise_cover() {
  const std::vector<Split> all = all_runs();
  std::set<Pair> left;
  for (const Split& run : all) left.merge(pairs_of(run));
  std::vector<Split> cover;
  while (!left.empty()) {
    std::size_t most = 0;
    Split best{};
    for (const Split& run : all) {
      const auto pairs = pairs_of(run);
      const auto here = static_cast<std::size_t>(std::count_if(
          pairs.begin(), pairs.end(), [&](const Pair& p) { return left.contains(p); }));
      if (here > most) {
        most = here;
        best = run;
      }
    }
    for (const Pair& p : pairs_of(best)) left.erase(p);
    cover.push_back(best);
  }
  return cover;
}

/// A shipped network, its rows stored or not. In-degrees are probabilities here, since they cannot
/// be drawn row by row.
Network shipped(const std::string& name, double scale, Rows how) {
  std::ifstream file(CALLOSUM_SOURCE_DIR "/networks/" + name + ".toml");
  std::stringstream read;
  read << file.rdbuf();
  std::string text = read.str();
  for (const std::string rule : {"fixed_indegree = 1000", "fixed_indegree = 250"})
    if (const std::size_t at = text.find(rule); at != std::string::npos)
      text.replace(at, rule.size(), "fixed_probability = 0.1");
  const std::string head = "[[projection]]\n";
  if (how == Rows::procedural)
    for (std::size_t at = 0; (at = text.find(head, at)) != std::string::npos;) {
      at += head.size();
      text.insert(at, "rows = \"procedural\"\n");
    }
  return format::read_network_text(text, name, {.scale = scale, .dt = {}, .set = {}}).network;
}

/// Delays that differ, and enough synapses for rings in slices where they are stored.
Network slices(Rows how) {
  Network net(0.1_ms, "slices");
  const View exc = net.add("exc", 9000, library::neuron("lif_psc_exp"),
                           {.parameters = {{"I_e", Values::uniform(300_pA, 450_pA)}},
                            .initial = {{"V_m", Values::uniform(-70_mV, -55_mV)}}});
  const View inh = net.add("inh", 1500, library::neuron("lif_psc_exp"),
                           {.initial = {{"V_m", Values::uniform(-70_mV, -55_mV)}}});
  for (const View& to : {exc, inh}) {
    net.connect(exc, to, fixed_probability(0.03),
                {.target = "I_ex",
                 .weight = Values::normal(20_pA, 4_pA),
                 .delay = Values::normal(1.5_ms, 0.75_ms),
                 .weight_precision = WeightPrecision::half,
                 .rows = how});
    net.connect(inh, to, fixed_probability(0.05),
                {.target = "I_in",
                 .weight = Values::normal(-80_pA, 8_pA),
                 .delay = Values::normal(0.8_ms, 0.4_ms),
                 .rows = how});
  }
  return net;
}

Network network(const Split& run) {
  const std::string& name = networks[run[4]];
  if (name == "slices") return slices(rows[run[2]]);
  return shipped(name, name == "brunel" ? 1 : 0.1, rows[run[2]]);
}

std::uint64_t hash_of(const Split& run) {
  std::uint64_t hash = 0, spikes = 0;
  const Network net = network(run);
  local_ranks::run(ranks[run[1]], [&](std::shared_ptr<Ranks> here) {
    Simulation sim(net,
                   {.threads = threads[run[0]], .kernel = {.lanes = lanes[run[3]]}, .ranks = here});
    for (const std::int64_t piece : {7, 393}) sim.run_steps(piece);
    const RunStatistics statistics = sim.statistics();
    if (here->rank() != 0) return;
    hash = statistics.spike_hash;
    spikes = statistics.spikes;
  });
  EXPECT_GT(spikes, 100u) << networks[run[4]] << " is silent";
  return hash;
}

TEST(SplitCoverPlan, MeetsEveryPairInAtMost25Runs) {
  std::set<Pair> met;
  for (const Split& run : pairwise_cover()) met.merge(pairs_of(run));
  std::size_t pairs = 0;
  for (std::size_t f = 0; f < factors; ++f)
    for (std::size_t g = 0; g < f; ++g) pairs += levels[f] * levels[g];
  EXPECT_EQ(met.size(), pairs);
  EXPECT_LE(pairwise_cover().size(), 25u);
}

class SplitCover : public testing::TestWithParam<std::size_t> {};  // network

TEST_P(SplitCover, DoesNotShowInTheSpikes) {
  Split plain{};
  plain[4] = GetParam();
  const std::uint64_t expected = hash_of(plain);
  for (const Split& run : std::getenv("CALLOSUM_FULL") ? all_runs() : pairwise_cover()) {
    if (run[4] != GetParam()) continue;
    SCOPED_TRACE(testing::Message()
                 << threads[run[0]] << " threads, " << ranks[run[1]] << " ranks, "
                 << (rows[run[2]] == Rows::stored ? "stored" : "procedural") << ", "
                 << lanes[run[3]] << " lanes");
    EXPECT_EQ(hash_of(run), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, SplitCover, testing::Range<std::size_t>(0, 3),
                         [](const auto& info) { return networks[info.param]; });

}  // namespace
}  // namespace callosum
