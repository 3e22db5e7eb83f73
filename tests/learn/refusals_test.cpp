#include <gtest/gtest.h>

#include <limits>

#include "callosum/core/error.h"
#include "callosum/learn/unroll.h"
#include "callosum/library/library.h"
#include "tests/learn/refusal.h"
#include "tests/sim/accumulators.h"

// What cannot be unrolled is refused by its name, and a failed call changes nothing.
namespace callosum {
namespace {

using namespace callosum::literals;
using learn::SpikeBits;
using learn::Unroll;
using learn::UnrollOptions;

void expect_says(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << part << " in: " << message;
}

Network small() {
  Network net(1_ms);
  const View list = net.add_spike_list("list", 3, {0, 1}, {1_ms, 2_ms});
  const View n = net.add("n", 2, library::neuron("lif_psc_exp"));
  net.connect(list, n, all_to_all(), {.target = "I_ex", .weight = 900_pA, .name = "w"});
  return net;
}

TEST(UnrollRefuses, WhatIsNotStatic) {
  {
    Network net = small();
    const View n = net.population("n");
    net.connect(net.population("list"), n, all_to_all(),
                {.target = "I_ex",
                 .weight = 1_pA,
                 .model = accumulators::synapse("", "I_ex_post += weight*V_m_post/mV"),
                 .name = "reads the target"});
    expect_says(refusal<UnsupportedError>([&] { Unroll<float> u(net); }),
                {"reads the target", "target += weight"});
  }
  {
    Network net = small();
    net.add("rates", 2, library::neuron("rate_tanh"));
    const View rates = net.population("rates");
    net.connect(rates, rates, all_to_all(),
                {.target = "I", .weight = 1.0, .source_variable = "r", .name = "continuous"});
    expect_says(refusal<UnsupportedError>([&] { Unroll<float> u(net); }), {"continuous", "got r"});
  }
}

TEST(UnrollRefuses, UnknownNamesWithTheNearest) {
  const auto with = [](UnrollOptions o) {
    return refusal<Error>([&] { Unroll<float> u(small(), o); });
  };
  expect_says(with({.trained = {{"v"}}}), {"v", "trained"});
  expect_says(with({.trained = {{"n.tau_mm"}}}), {"tau_mm", "tau_m"});
  expect_says(with({.trained = {{"nn.tau_m"}}}), {"did you mean 'n'"});
  expect_says(with({.trained = {{"n.V_m"}}}), {"V_m", "parameter"});
  expect_says(with({.trained = {{"w", "w"}}}), {"twice", "w"});
  expect_says(with({.currents = {"n.V_m"}}), {"V_m", "parameter"});
  expect_says(with({.record = {"n.tau_m"}}), {"tau_m", "state"});
  expect_says(with({.surrogates = {{"nn", {}}}}), {"nn", "did you mean 'n'"});
}

TEST(UnrollRefuses, ShapesThatDoNotFitNamingBothSides) {
  Unroll<float> u(small(), {.currents = {"n.I_e"}, .record = {"n.V_m"}});
  u.forward(20, 4, {});
  const SpikeBits before = u.spikes("n");
  SpikeBits wrong(20, 3, 3);
  expect_says(refusal<ShapeError>([&] {
                u.forward(20, 4, {.spikes = {{"list", wrong}}});
              }),
              {"list", "[20, 3, 3]", "[20, 4, 3]"});
  std::vector<float> few(7);
  expect_says(refusal<ShapeError>([&] {
                u.forward(20, 4, {.currents = {{"n.I_e", few}}});
              }),
              {"n.I_e", "7", "80 rows of 2"});
  expect_says(refusal<ShapeError>([&] { u.forward(20, 0, {}); }), {"0 samples"});
  expect_says(refusal<NameError>([&] {
                u.forward(20, 4, {.currents = {{"n.I_ee", few}}});
              }),
              {"n.I_ee", "did you mean 'n.I_e'"});
  expect_says(refusal<ShapeError>([&] {
                u.backward({.recorded = {{"n.V_m", few}}});
              }),
              {"n.V_m", "7"});
  expect_says(refusal<ShapeError>([&] { u.set("w", std::vector<float>(5)); }), {"w", "5", "6"});
  EXPECT_EQ(u.steps(), 20);
  EXPECT_EQ(u.batch(), 4);
  EXPECT_TRUE(u.spikes("n") == before);
}

TEST(UnrollRefuses, ToReverseWhatWasNotKeptAndValuesThatAreNoNumbers) {
  Unroll<float> u(small());
  expect_says(refusal<ValueError>([&] { u.backward({}); }), {"forward"});
  u.forward(10, 1, {}, false);
  expect_says(refusal<ValueError>([&] { u.backward({}); }), {"keep"});
  std::vector<float> w(6, std::numeric_limits<float>::quiet_NaN());
  expect_says(refusal<ValueError>([&] { u.set("w", w); }), {"w", "finite"});
  expect_says(refusal<ValueError>([&] { u.set("n.tau_m", std::vector<float>{-1}); }), {"tau_m"});
  EXPECT_EQ(u.values("n.tau_m")[0], 10.0f);
}

TEST(UnrollRefuses, StatesThatAreNotFinite) {
  Network net = small();
  Unroll<float> u(net);
  u.set("w", std::vector<float>(6, 3e38f));
  expect_says(refusal<NumericalError>([&] { u.forward(30, 2, {}); }),
              {"population 'n'", "sample 0"});
}

}  // namespace
}  // namespace callosum
