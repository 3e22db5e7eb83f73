#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "callosum/format/network_file.h"
#include "callosum/sim/simulation.h"

// The shipped networks, shortened, give one hash of their spikes for any number of threads,
// recorded or not, and it is the one written down in spike_hashes.txt (a change there states its
// reason).
namespace callosum {
namespace {

struct Case {
  const char* network;
  double scale, ms;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.network; }
};

std::map<std::string, std::uint64_t> golden() {
  std::map<std::string, std::uint64_t> hashes;
  std::ifstream in(CALLOSUM_SOURCE_DIR "/tests/regress/spike_hashes.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    std::uint64_t hash = 0;
    words >> name >> hash;
    hashes[name] = hash;
  }
  return hashes;
}

class SpikeHash : public testing::TestWithParam<Case> {};

TEST_P(SpikeHash, IsTheSameForEveryNumberOfThreadsAndAsWrittenDown) {
  const Case& c = GetParam();
  format::NetworkOverrides overrides;
  overrides.scale = c.scale;
  const Network shipped =
      format::read_network(CALLOSUM_SOURCE_DIR "/networks/" + std::string(c.network) + ".toml",
                           overrides)
          .network;
  const std::uint64_t expected = golden()[c.network];
  for (int threads : {1, 2, 3, 7})
    for (bool recording : {false, true}) {
      if (recording && threads != 2) continue;
      Network net = shipped;
      if (recording)
        for (std::uint32_t p = 0; p < net.populations().size(); ++p) {
          const View all{.population = p, .begin = 0, .end = net.populations()[p].size};
          net.record_spikes(all);
          net.record(net.slice(all, 0, std::min(10u, all.end)), "V_m");
        }
      Simulation sim(net, {.threads = threads, .seed = 20});
      sim.run(Quantity(c.ms * 1e-3, dimension::time));
      const RunStatistics statistics = sim.statistics();
      EXPECT_GT(statistics.spikes, 100u);
      EXPECT_EQ(statistics.spike_hash, expected)
          << c.network << " on " << threads << " threads" << (recording ? ", recording" : "")
          << ", " << statistics.spikes << " spikes";
    }
}

INSTANTIATE_TEST_SUITE_P(Shipped, SpikeHash,
                         testing::Values(Case{"coba", 1, 100}, Case{"cuba", 1, 100},
                                         Case{"cobahh", 0.5, 50}, Case{"brunel", 1, 40},
                                         Case{"microcircuit", 0.05, 100}),
                         [](const auto& info) { return std::string(info.param.network); });

}  // namespace
}  // namespace callosum
