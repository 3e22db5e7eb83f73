#include "callosum/analysis/branching.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"

namespace callosum::analysis {
namespace {

using Steps = std::vector<std::int64_t>;
using Neurons = std::vector<std::uint32_t>;

TEST(Branching, IsOneOnAChainThatPassesEachSpikeOn) {
  // 0 -> 1 -> ... -> 9, and back: a spike travels round.
  Neurons sources, targets, neurons;
  Steps steps;
  for (std::uint32_t n = 0; n < 10; ++n) {
    sources.push_back(n);
    targets.push_back((n + 1) % 10);
  }
  for (std::int64_t t = 0; t < 200; ++t) {
    steps.push_back(t);
    neurons.push_back(static_cast<std::uint32_t>(t % 10));
  }
  EXPECT_DOUBLE_EQ(branching_factor(steps, neurons, neighbours(10, sources, targets), {20, 180, 4}),
                   1);
}

TEST(Branching, CountsByHand) {
  // 0 fires at 10, its targets 1 (at 11 and 14) and 2 (at 15, too late); its source 3 at 6 and 9.
  const Neighbours graph = neighbours(4, Neurons{0, 0, 3}, Neurons{1, 2, 0});
  const Steps steps{6, 9, 10, 11, 14, 15};
  const Neurons neurons{3, 3, 0, 1, 1, 2};
  // Neuron 0 alone within the window: 2 spikes after, 2 before.
  EXPECT_DOUBLE_EQ(branching_factor(steps, neurons, graph, {10, 11, 4}), 1);
  // Without a spike before, the divisor is 1. Neuron 3 at 6: 1 spike of 0 at 10.
  EXPECT_DOUBLE_EQ(branching_factor(steps, neurons, graph, {6, 7, 4}), 1);
  // Neurons 3 (mean of 1 at 6 and 1 at 9), 0 (1), 1 (0: no targets).
  EXPECT_DOUBLE_EQ(branching_factor(steps, neurons, graph, {0, 12, 4}), (1 + 1 + 0) / 3.0);
  EXPECT_TRUE(std::isnan(branching_factor({}, {}, graph, {0, 12, 4})));
}

TEST(Branching, OfANodeThatIsNotThereIsRefused) {
  EXPECT_THROW(neighbours(2, Neurons{0}, Neurons{2}), ValueError);
  EXPECT_THROW(neighbours(2, Neurons{0, 1}, Neurons{1}), ShapeError);
}

}  // namespace
}  // namespace callosum::analysis
