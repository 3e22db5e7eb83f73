#include "callosum/sim/synapse_store.h"

#include <gtest/gtest.h>

#include "callosum/sim/synapse_order.h"
#include "tests/sim/accumulators.h"

namespace callosum::sim {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

constexpr std::uint32_t sources = 50, targets = 4000;

Network drawn(Values weight, Values delay) {
  Network net(0.1_ms);
  const View from = net.add("from", sources, adder(true));
  const View to = net.add("to", targets, adder());
  net.connect(from, to, fixed_probability(0.3),
              {.target = "a", .weight = std::move(weight), .delay = std::move(delay)});
  return net;
}

// Synapse by synapse: (target, delay, weight) of a row as the rule draws it.
using Row = std::vector<std::tuple<std::uint32_t, std::uint32_t, double>>;

Row row(const Connectivity& connectivity, std::uint32_t source, const Segment& segment) {
  Row result;
  BlockSynapses b;
  for (std::uint32_t block = segment.begin / block_size; block * block_size < segment.end;
       ++block) {
    connectivity.draw(block, b);
    for (std::uint32_t k = b.row_offsets[source]; k < b.row_offsets[source + 1]; ++k)
      result.emplace_back(block * block_size + b.targets[k],
                          b.delays.empty() ? connectivity.delay() : b.delays[k],
                          b.weights.empty() ? connectivity.weight() : b.weights[k]);
  }
  return result;
}

class Store : public testing::TestWithParam<bool> {};

TEST_P(Store, HoldsEveryRowByDelayAndWithinADelayInDrawOrder) {
  const Network net = GetParam() ? drawn(Values::normal(1, 0.1), Values::uniform(0.1_ms, 3_ms))
                                 : drawn(2.5, 1.5_ms);
  const Connectivity connectivity(net, 0, 9);
  for (const Segment segment : {Segment{1, 0, targets}, Segment{1, 1024, 3072}}) {
    const SynapseStore<float> store(connectivity, segment);
    std::uint64_t synapses = 0;
    for (std::uint32_t s = 0; s < sources; ++s) {
      Row expected = row(connectivity, s, segment);
      std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
        return std::get<1>(a) < std::get<1>(b);
      });
      Row got;
      std::int64_t before = -1;
      store.for_each_bucket(s, [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
        EXPECT_GT(static_cast<std::int64_t>(delay), before) << "one bucket a delay, ascending";
        before = delay;
        for (std::uint64_t k = first; k < last; ++k)
          got.emplace_back(segment.begin + store.targets()[k], delay, store.weight(k));
      });
      ASSERT_EQ(got.size(), expected.size());
      for (std::size_t k = 0; k < got.size(); ++k) {
        ASSERT_EQ(std::get<0>(got[k]), std::get<0>(expected[k]));
        ASSERT_EQ(std::get<1>(got[k]), std::get<1>(expected[k]));
        ASSERT_EQ(std::get<2>(got[k]), static_cast<float>(std::get<2>(expected[k])));
      }
      synapses += got.size();
    }
    EXPECT_EQ(store.synapses(), synapses);
    EXPECT_GT(synapses, 20000u);
  }
}

TEST_P(Store, AddsARowToTheSlotsItsDelaysReach) {
  const Network net = GetParam() ? drawn(Values::normal(1, 0.1), Values::uniform(0.1_ms, 3_ms))
                                 : drawn(2.5, 1.5_ms);
  const Connectivity connectivity(net, 0, 9);
  const Segment segment{1, 1024, targets};
  const SynapseStore<double> store(connectivity, segment);
  Ring<double> ring(connectivity.maximum_delay(), 4032),
      expected(connectivity.maximum_delay(), 4032);
  const std::int64_t n = 1234;
  const Row synapses = row(connectivity, 7, segment);
  EXPECT_EQ(store.deliver(7, n, ring), synapses.size());
  for (const auto& [target, delay, weight] : synapses) expected.slot(n + delay)[target] += weight;
  for (std::size_t slot = 0; slot < ring.slots(); ++slot)
    for (int i = 0; i < 4032; ++i)
      ASSERT_EQ(ring.slot(static_cast<std::int64_t>(slot))[i],
                expected.slot(static_cast<std::int64_t>(slot))[i]);
}

TEST_P(Store, IsFoundAgainFromTheOrderOfDraws) {
  const Network net = GetParam() ? drawn(Values::normal(1, 0.1), Values::uniform(0.1_ms, 3_ms))
                                 : drawn(2.5, 1.5_ms);
  const Connectivity connectivity(net, 0, 9);
  const Segment segment{1, 1024, targets};
  const SynapseStore<double> store(connectivity, segment);
  std::vector<int> seen(store.synapses());
  for_each_drawn(connectivity, segment, [&](const DrawnSynapse& d) {
    ASSERT_LT(d.stored, seen.size());
    ++seen[d.stored];
    ASSERT_EQ(store.weight(d.stored), d.weight);
  });
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<std::ptrdiff_t>(seen.size()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Store, testing::Bool(),
                         [](const auto& info) { return info.param ? "Drawn" : "Constant"; });

TEST(SynapseStore, CostsTwoBytesASynapseWhereWeightAndDelayAreConstant) {
  const Network net = drawn(2.5, 1.5_ms);
  const SynapseStore<float> store(Connectivity(net, 0, 9), {1, 0, targets});
  EXPECT_LT(static_cast<double>(store.bytes()),
            2.0 * static_cast<double>(store.synapses()) + 8 * (sources + 1) + 64);
}

TEST(Ring, KeepsWhatIsOnItsWayWhenTimeStartsAnew) {
  Ring<double> ring(5, 64);
  for (int d = 0; d <= 5; ++d) ring.slot(1003 + d)[7] = d + 1;
  ring.restart_at(1003);
  for (int d = 0; d <= 5; ++d) EXPECT_EQ(ring.slot(d)[7], d + 1);
  ring.clear();
  for (int d = 0; d <= 5; ++d) EXPECT_EQ(ring.slot(d)[7], 0);
}

}  // namespace
}  // namespace callosum::sim
