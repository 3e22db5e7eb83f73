#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "callosum/format/network_file.h"
#include "callosum/sim/simulation.h"

// Rates and irregularity of the shipped networks against Brian2 (tests/references/README.md).
namespace callosum {
namespace {

using nlohmann::json;

struct Sample {
  double mean = 0, error = 0;  // of the mean
};

Sample sample(const std::vector<double>& x) {
  Sample s;
  for (double v : x) s.mean += v / x.size();
  double squares = 0;
  for (double v : x) squares += (v - s.mean) * (v - s.mean);
  s.error = std::sqrt(squares / (x.size() - 1) / x.size());
  return s;
}

class NetworkAgainstBrian2 : public testing::TestWithParam<const char*> {};

TEST_P(NetworkAgainstBrian2, HasItsRatesAndIntervalVariation) {
  const std::string name = GetParam();
  const json reference =
      json::parse(std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/brian2_networks.json"))
          .at("networks")
          .at(name);
  const Network net =
      format::read_network(CALLOSUM_SOURCE_DIR "/networks/" + name + ".toml").network;
  std::map<std::string, std::vector<double>> rates, cvs;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Simulation sim(net, {.threads = 2, .seed = seed});
    sim.run(Quantity(reference["seconds"].get<double>(), dimension::time));
    const Recording recording = sim.recording();
    for (const auto& population : recording.populations) {
      rates[population.name].push_back(population.rate_hz);
      cvs[population.name].push_back(population.cv_isi);
    }
  }
  // Two samples of five seeds: four standard errors of the difference, and 2 % for the schedules,
  // which differ by one step of delay.
  for (const char* population : {"exc", "inh"}) {
    std::vector<double> their_rates, their_cvs;
    for (const auto& run : reference["runs"]) {
      their_rates.push_back(run["populations"][population]["rate_hz"]);
      their_cvs.push_back(run["populations"][population]["cv_isi"]);
    }
    const auto compare = [&](const char* what, Sample ours, Sample theirs) {
      const double bound = 4 * std::hypot(ours.error, theirs.error) + 0.02 * theirs.mean;
      EXPECT_LE(std::abs(ours.mean - theirs.mean), bound)
          << name << " " << population << " " << what << ": ours " << ours.mean << " +- "
          << ours.error << ", Brian2 " << theirs.mean << " +- " << theirs.error;
      RecordProperty(std::string(population) + "_" + what,
                     std::to_string(ours.mean) + " / " + std::to_string(theirs.mean));
    };
    ASSERT_EQ(rates[population].size(), 5u) << "no population " << population;
    compare("rate_hz", sample(rates[population]), sample(their_rates));
    compare("cv_isi", sample(cvs[population]), sample(their_cvs));
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, NetworkAgainstBrian2, testing::Values("coba", "cuba", "brunel"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace callosum
