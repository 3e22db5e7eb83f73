#include "callosum/learn/bit_budget.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/library/library.h"

namespace callosum::learn {
namespace {

using namespace callosum::literals;

TEST(BitBudget, CountsTheWorkedExampleOfALayer) {
  const LayerCost layer{.name = "784-256",
                        .operations = 784 * 256,
                        .steps = 4,
                        .spike_bits = 1,
                        .weight_bits = 4,
                        .active = 0.1,
                        .weights = 784 * 256};
  EXPECT_DOUBLE_EQ(layer.bits(), 16);
  EXPECT_DOUBLE_EQ(layer.effort(), 3211264);
  EXPECT_DOUBLE_EQ(layer.sparse_effort(), 321126.4);
  EXPECT_DOUBLE_EQ(layer.synaptic_operations(), 80281.6);
  EXPECT_DOUBLE_EQ(layer.memory_bits(), 802816);
  BitBudget budget;
  budget.add(layer);
  budget.add(layer);
  EXPECT_DOUBLE_EQ(budget.effort(), 2 * 3211264);
  EXPECT_DOUBLE_EQ(budget.memory_bits(), 2 * 802816);
}

TEST(BitBudget, OfANetworkHasALayerAProjection) {
  Network net(1_ms);
  const View in = net.add_spike_list("in", 20, {}, {});
  const View out = net.add("out", 5, library::neuron("lif_psc_exp"));
  net.connect(in, out, all_to_all(), {.target = "I_ex", .weight = 1_pA, .name = "in"});
  net.connect(out, out, all_to_all(), {.target = "I_ex", .weight = 1_pA, .name = "back"});
  const BitBudget b = BitBudget::of(net, 10, {{"in", 0.2}}, 8);
  ASSERT_EQ(b.layers().size(), 2u);
  EXPECT_DOUBLE_EQ(b.layers()[0].synaptic_operations(), 20 * 5 * 10 * 0.2);
  EXPECT_DOUBLE_EQ(b.layers()[1].synaptic_operations(), 25 * 10);
  EXPECT_DOUBLE_EQ(b.memory_bits(), 125 * 8);
  EXPECT_THROW(BitBudget::of(net, 10, {{"inn", 0.2}}), NameError);
  EXPECT_THROW(BitBudget::of(net, 10, {{"in", 1.2}}), ValueError);
  EXPECT_THROW(BitBudget::of(net, 0, {}), ValueError);
}

TEST(BitBudget, RefusesWhatIsNoCost) {
  BitBudget b;
  EXPECT_THROW(b.add({.name = "l", .weight_bits = 0}), ValueError);
  EXPECT_THROW(b.add({.name = "l", .spike_bits = 33}), ValueError);
  EXPECT_THROW(b.add({.name = "l", .active = std::nan("")}), ValueError);
  EXPECT_THROW(b.add({.name = "l", .operations = -1}), ValueError);
  EXPECT_TRUE(b.layers().empty());
}

// Time steps are bits of activation: T binary steps are a quantiser of T + 1 levels.
TEST(BitBudget, IntegrateAndFireIsAUniformQuantiser) {
  Stream stream(StreamKey(1, name_hash("quantiser"), Purpose::user), 0);
  std::int64_t reached = 0, hard_differs = 0;
  for (int k = 0; k < 20000; ++k) {
    const double threshold = 0.5 + stream.uniform(), start = threshold * stream.uniform();
    const double input = threshold * stream.uniform();
    const auto steps = static_cast<std::int64_t>(1 + stream.below(16));
    const std::int64_t count = integrate_and_fire_count(start, input, threshold, steps);
    ASSERT_EQ(count, quantised_count(start, input, threshold, steps))
        << start << ' ' << input << ' ' << threshold << ' ' << steps;
    reached += count;
    // Reset to zero loses what was above the threshold.
    double u = start;
    std::int64_t hard = 0;
    for (std::int64_t t = 0; t < steps; ++t)
      if ((u += input) >= threshold) u = 0, ++hard;
    hard_differs += hard != count;
  }
  EXPECT_GT(reached, 50000);
  EXPECT_GT(hard_differs, 5000);
  EXPECT_THROW(integrate_and_fire_count(0, 1, 0, 4), ValueError);
  EXPECT_THROW(quantised_count(0, 1, 1, 0), ValueError);
}

}  // namespace
}  // namespace callosum::learn
