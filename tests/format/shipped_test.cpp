#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "callosum/core/error.h"
#include "callosum/format/network_file.h"
#include "callosum/network/connectivity.h"

namespace callosum::format {
namespace {

NetworkFile shipped(const std::string& name, const NetworkOverrides& overrides = {}) {
  return read_network(CALLOSUM_SOURCE_DIR "/networks/" + name + ".toml", overrides);
}

double expected_synapses(const Network& net) {
  double sum = 0;
  for (std::uint32_t i = 0; i < net.projections().size(); ++i)
    sum += Connectivity(net, i, 1).expected();
  return sum;
}

TEST(ShippedNetworks, AreAllReadAndDescribed) {
  std::set<std::string> names;
  const std::map<std::string, double> steps{
      {"mnist", 1}, {"spoken-digits", 5}, {"n-mnist", 10}, {"conv-mnist", 1}};
  for (const auto& entry : std::filesystem::directory_iterator(CALLOSUM_SOURCE_DIR "/networks")) {
    const NetworkFile file = read_network(entry.path().string());
    names.insert(entry.path().stem().string());
    EXPECT_FALSE(file.title.empty()) << entry.path();
    EXPECT_FALSE(file.reference.empty()) << entry.path();
    EXPECT_FALSE(file.duration.empty()) << entry.path();
    EXPECT_EQ(file.network.name(), entry.path().stem().string());
    const auto own = steps.find(file.network.name());
    EXPECT_EQ(file.network.grid().dt_ms(), own == steps.end() ? 0.1 : own->second);
  }
  for (const char* name : {"coba", "cuba", "cobahh", "brunel", "microcircuit", "mnist",
                           "spoken-digits", "n-mnist", "conv-mnist"})
    EXPECT_EQ(names.count(name), 1u) << name;
}

TEST(ShippedNetworks, HaveThePublishedSizesAndSynapses) {
  for (const char* name : {"coba", "cuba", "cobahh"}) {
    const Network net = shipped(name).network;
    EXPECT_EQ(net.neurons(), 4000u) << name;
    EXPECT_NEAR(expected_synapses(net), 4000.0 * 4000 * 0.02, 1) << name;
  }
  const Network brunel = shipped("brunel").network;
  EXPECT_EQ(brunel.neurons(), 12500u);
  EXPECT_EQ(expected_synapses(brunel), 12500.0 * 1250);
  const Network microcircuit = shipped("microcircuit").network;
  EXPECT_EQ(microcircuit.neurons(), 77169u);
  // ln(1 - p) / ln(1 - 1/(Ns Nt)) summed over the paper's probabilities.
  EXPECT_NEAR(expected_synapses(microcircuit), 298880941, 100);
}

TEST(ShippedNetworks, CubaHasTheJumpsOfThePaperAsCurrents) {
  const Network net = shipped("cuba").network;
  EXPECT_NEAR(net.projections()[0].synapse.weight.first(), 16.2, 1e-12);
  EXPECT_NEAR(net.projections()[2].synapse.weight.first(), -90, 1e-12);
}

TEST(ShippedNetworks, BrunelTakesItsRegimeFromVariables) {
  const Network as_is = shipped("brunel").network;
  EXPECT_NEAR(as_is.stimuli()[0].rate.first(), 0.02, 1e-15);  // 20 Hz, eta = 2
  EXPECT_EQ(as_is.stimuli()[0].sources, 1000);
  EXPECT_NEAR(as_is.projections()[2].synapse.weight.first(), -0.5, 1e-15);
  NetworkOverrides slow;
  slow.set = {{"g", "4.5"}, {"eta", "0.9"}};
  const Network net = shipped("brunel", slow).network;
  EXPECT_NEAR(net.stimuli()[0].rate.first(), 0.009, 1e-15);
  EXPECT_NEAR(net.projections()[2].synapse.weight.first(), -0.45, 1e-15);
}

TEST(ShippedNetworks, MicrocircuitHasThePublishedNumbersOfInputs) {
  const Network net = shipped("microcircuit").network;
  ASSERT_EQ(net.populations().size(), 8u);
  EXPECT_EQ(net.populations()[0].name, "L23E");
  EXPECT_EQ(net.populations()[7].size, 2948u);
  EXPECT_EQ(net.projections().size(), 55u);  // pairs whose probability is not zero
  double into_l5e = 0;
  for (std::uint32_t i = 0; i < net.projections().size(); ++i)
    if (net.populations()[net.projections()[i].to.population].name == "L5E")
      into_l5e += static_cast<double>(net.projections()[i].rule.number);
  const double p[] = {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204};
  const double n[] = {20683, 5834, 21915, 5479, 4850, 1065, 14395};
  double expected = 0;
  for (int s = 0; s < 7; ++s)
    expected += std::round(std::log(1 - p[s]) / std::log1p(-1 / (n[s] * 4850)));
  EXPECT_NEAR(into_l5e, expected, 3);
  EXPECT_EQ(net.stimuli().size(), 8u);  // no constant drive
  EXPECT_EQ(net.stimuli()[2].sources, 2100);
}

TEST(ShippedNetworks, MicrocircuitRunsOnConstantCurrentInstead) {
  NetworkOverrides dc;
  dc.set = {{"dc_drive", "1"}};
  const Network net = shipped("microcircuit", dc).network;
  ASSERT_EQ(net.stimuli().size(), 8u);
  EXPECT_EQ(net.stimuli()[0].kind, Stimulus::Kind::constant);
  EXPECT_NEAR(net.stimuli()[0].value.first(), 1600 * 0.008 * 87.81 * 0.5, 1e-9);
}

TEST(Scaling, KeepsMeanAndVarianceOfTheMicrocircuitsInput) {
  const double scale = 0.1;
  NetworkOverrides small;
  small.scale = scale;
  const Network full = shipped("microcircuit").network,
                net = shipped("microcircuit", small).network;
  const std::map<std::string, double> rates{{"L23E", 0.903}, {"L23I", 2.965}, {"L4E", 4.414},
                                            {"L4I", 5.876},  {"L5E", 7.569},  {"L5I", 8.633},
                                            {"L6E", 1.105},  {"L6I", 7.829}};
  // Mean and variance of the input of a neuron: sum of K w nu tau + I_e, sum of K w^2 nu.
  struct Input {
    double mean = 0, variance = 0;
  };
  const auto inputs = [&](const Network& of) {
    std::vector<Input> all(8);
    for (const auto& p : of.projections()) {
      const double k = static_cast<double>(p.rule.number) / p.to.size();
      const double w = p.synapse.weight.first(),
                   nu = rates.at(of.populations()[p.from.population].name);
      all[p.to.population].mean += k * w * nu * 1e-3 * 0.5;
      all[p.to.population].variance += k * w * w * nu;
    }
    for (const auto& s : of.stimuli()) {
      const double w = s.value.first(), nu = s.rate.first() * 1e3;
      all[s.to.population].mean += s.sources * w * nu * 1e-3 * 0.5;
      all[s.to.population].variance += s.sources * w * w * nu;
    }
    for (std::size_t i = 0; i < 8; ++i)
      if (of.populations()[i].parameters.count("I_e"))
        all[i].mean += of.populations()[i].parameters.at("I_e").first();
    return all;
  };
  EXPECT_EQ(net.neurons(), 7717u);  // each population rounded
  const auto before = inputs(full), after = inputs(net);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(after[i].mean, before[i].mean, 1e-3 * std::fabs(before[i].mean)) << i;
    EXPECT_NEAR(after[i].variance, before[i].variance, 1e-3 * before[i].variance) << i;
  }
}

TEST(Scaling, MultipliesSizesAndInDegreesAndLeavesProbabilities) {
  NetworkOverrides half;
  half.scale = 0.5;
  const Network brunel = shipped("brunel", half).network;
  EXPECT_EQ(brunel.neurons(), 6250u);
  EXPECT_EQ(brunel.projections()[0].rule.number, 500u);
  EXPECT_EQ(brunel.stimuli()[0].sources, 500);
  EXPECT_EQ(brunel.projections()[0].synapse.weight.first(), 0.1);
  EXPECT_EQ(shipped("coba", half).network.projections()[0].rule.probability, 0.02);
}

TEST(Scaling, RefusesToEmptyAPopulation) {
  NetworkOverrides tiny;
  tiny.scale = 1e-5;
  EXPECT_THROW(shipped("coba", tiny), Error);
  for (double bad : {0.0, -1.0, double(NAN), double(INFINITY)}) {
    tiny.scale = bad;
    EXPECT_THROW(shipped("coba", tiny), ValueError);
  }
}

TEST(Resolved, ReadsBackToAnEqualNetwork) {
  for (const char* name : {"coba", "cuba", "cobahh", "brunel", "microcircuit"})
    for (double scale : {1.0, 0.1}) {
      NetworkOverrides overrides;
      overrides.scale = scale;
      const NetworkFile file = shipped(name, overrides);
      const NetworkFile again = read_network_text(file.resolved, "resolved.toml");
      EXPECT_EQ(again.network.hash(), file.network.hash()) << name << " " << scale;
      EXPECT_EQ(again.resolved, file.resolved) << name;
      EXPECT_EQ(again.duration, file.duration);
      EXPECT_EQ(again.title, file.title);
      EXPECT_EQ(again.network.name(), name);
    }
}

}  // namespace
}  // namespace callosum::format
