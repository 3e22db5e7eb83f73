#include "callosum/sim/sliced_delivery.h"

#include <gtest/gtest.h>

#include "tests/sim/accumulators.h"

// Delivery into rings in slices against sums in the order that DESIGN section 4 states.
namespace callosum::sim {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

constexpr std::uint32_t sources = 40, targets = 20000;  // three slices
constexpr std::int64_t steps = 120;

struct Projected {
  Synapses synapses;
  std::uint32_t first_source;  // of the view
};

// Two projections onto one input, the second from a part of the sources.
struct Wired {
  explicit Wired(std::int64_t shortest, std::int64_t longest) : net(0.1_ms) {
    const View from = net.add("from", sources, adder(true));
    const View to = net.add("to", targets, adder());
    all.push_back({random_synapses(3, 60000, sources, targets, shortest, longest), 0});
    all.push_back({random_synapses(4, 20000, sources / 2, targets, shortest, shortest + 5), 20});
    net.connect(
        from, to, all[0].synapses.rule(),
        {.target = "a", .weight = all[0].synapses.weight(), .delay = all[0].synapses.delay()});
    net.connect(
        net.slice(from, 20, 40), to, all[1].synapses.rule(),
        {.target = "a", .weight = all[1].synapses.weight(), .delay = all[1].synapses.delay()});
    positions.resize(2);
    positions[1].assign(sources, -1);
    for (std::int32_t i = 0; i < 20; ++i) positions[1][20 + static_cast<std::size_t>(i)] = i;
    spikes = random_spikes(5, sources, steps, 0.05);
  }
  std::vector<double> expected() const {
    std::vector<Arrival> arriving;
    for (std::uint32_t p = 0; p < all.size(); ++p) {
      Spikes own;
      for (const auto& [step, neuron] : spikes)
        if (neuron >= all[p].first_source) own.emplace_back(step, neuron - all[p].first_source);
      arrivals(own, all[p].synapses, p, arriving);
    }
    return sums<float>(arriving, targets, steps);
  }
  Network net;
  std::vector<Projected> all;
  std::vector<std::vector<std::int32_t>> positions;
  Spikes spikes;
};

// State of every target at every step; `restart` is a step at which time starts anew.
std::vector<double> delivered(const Wired& w, std::int64_t interval,
                              const std::vector<Segment>& segments, std::int64_t restart = -1) {
  using Delivery = SlicedDelivery<float>;
  const std::uint32_t longest = std::max(Connectivity(w.net, 0, 1).maximum_delay(),
                                         Connectivity(w.net, 1, 1).maximum_delay());
  Ring<float> ring(Delivery::window - 1, padded_lanes(targets), Delivery::slice_bits);
  Exchange exchange(interval, longest, 1, 1, 2);
  std::vector<Delivery> workers(segments.size());
  for (std::size_t t = 0; t < segments.size(); ++t)
    for (std::uint32_t p = 0; p < 2; ++p)
      workers[t].add(ring, segments[t],
                     {p, 0, &w.positions[p],
                      std::make_unique<SlicedStore<float>>(Connectivity(w.net, p, 1), segments[t],
                                                           Delivery::slice_bits)});
  std::vector<float> state(targets, 0);
  std::vector<double> result(state.begin(), state.end());
  auto next = w.spikes.begin();
  std::int64_t shift = 0;  // of time that started anew
  for (std::int64_t step = 0; step < steps; ++step) {
    if (step == restart) {
      ring.clear();
      exchange.restart_at(step);
      shift = step;
    }
    const std::int64_t n = step - shift;
    if (n % interval == 0)
      for (Delivery& worker : workers) worker.deliver(exchange, n, n - interval, n);
    for (std::uint32_t i = 0; i < targets; ++i) {
      float& arrived = ring.lanes(n, i)[i];
      state[i] += arrived;
      arrived = 0;
    }
    result.insert(result.end(), state.begin(), state.end());
    FoundSpikes& found = exchange.at(n, 0);
    found.clear(2);
    for (; next != w.spikes.end() && next->first == step + 1; ++next)
      found.neurons.push_back(next->second);
    found.begin[1] = found.begin[2] = static_cast<std::uint32_t>(found.neurons.size());
  }
  return result;
}

class AnyInterval : public testing::TestWithParam<std::int64_t> {};

TEST_P(AnyInterval, AddsEveryTermInOrderForAnyIntervalAndSplit) {
  const std::int64_t interval = GetParam();
  for (const std::int64_t longest : {interval + 3, interval + 30}) {
    SCOPED_TRACE(longest);
    const Wired w(interval, longest);
    const std::vector<double> expected = w.expected();
    EXPECT_NE(expected.back(), 0);
    EXPECT_EQ(delivered(w, interval, {{1, 0, targets}}), expected);
    EXPECT_EQ(delivered(w, interval, {{1, 0, 3072}, {1, 3072, 10240}, {1, 10240, targets}}),
              expected);
  }
}

TEST_P(AnyInterval, KeepsWhatIsOnItsWayWhenTimeStartsAnew) {
  const std::int64_t interval = GetParam();
  const Wired w(interval, interval + 20);
  const std::vector<double> expected = w.expected();
  for (const std::int64_t restart : {1, 8, 13, 55}) {
    SCOPED_TRACE(restart);
    EXPECT_EQ(delivered(w, interval, {{1, 0, targets}}, restart), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Intervals, AnyInterval, testing::Values(1, 2, 4, 8),
                         [](const auto& info) { return std::to_string(info.param); });

TEST(SlicedStore, TakesRowsOfMoreThanSixteenBits) {
  Network net(0.1_ms);
  const View from = net.add("from", 2, adder(true));
  const View to = net.add("to", 50, adder());
  net.connect(from, to, fixed_total_number(300000),
              {.target = "a", .weight = 1.0, .delay = Values::uniform(0.1_ms, 2_ms)});
  const Connectivity connectivity(net, 0, 7);
  const SlicedStore<double> store(connectivity, {1, 0, 50}, 13);
  EXPECT_EQ(store.synapses(), 300000u);
  std::vector<double> slice(65536, 0), expected(65536, 0);
  BlockSynapses drawn;
  connectivity.draw(0, drawn);
  for (std::uint32_t s = 0; s < 2; ++s)
    for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k)
      expected[((3u + drawn.delays[k]) % 8) << 13 | drawn.targets[k]] += 1;
  for (std::uint32_t s = 0; s < 2; ++s)
    store.add(store.piece(0, s, store.shortest(), store.longest() + 1), 3, slice.data());
  EXPECT_EQ(slice, expected);
}

TEST(SlicedStore, AskedForPartOfTheDelaysGivesThatPart) {
  Network net(0.1_ms);
  const View from = net.add("from", 30, adder(true));
  const View to = net.add("to", 9000, adder());
  net.connect(from, to, fixed_probability(0.1),
              {.target = "a", .weight = 2.0, .delay = Values::normal(1.5_ms, 0.75_ms)});
  const Connectivity connectivity(net, 0, 7);
  const SlicedStore<float> store(connectivity, {1, 0, 9000}, 13);
  std::vector<std::vector<int>> expected(30 * 2, std::vector<int>(store.longest() + 1));
  BlockSynapses drawn;
  for (std::uint32_t block = 0; block < 9; ++block) {
    connectivity.draw(block, drawn);
    for (std::uint32_t s = 0; s < 30; ++s)
      for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k)
        ++expected[s * 2 + block / 8].at(drawn.delays[k]);
  }
  for (std::uint32_t s = 0; s < 30; ++s)
    for (std::uint32_t slice = 0; slice < 2; ++slice)
      for (std::uint32_t d = store.shortest(); d <= store.longest(); ++d) {
        const auto piece = store.piece(slice, s, d, d + 1);
        ASSERT_EQ(static_cast<int>(piece.last - piece.first), expected[s * 2 + slice][d]);
        if (expected[s * 2 + slice][d] > 0) {
          ASSERT_LE(d, store.longest(s));
        }
      }
  EXPECT_LT(static_cast<double>(store.bytes()),
            2.0 * static_cast<double>(store.synapses()) +
                2 * 30 * (2.0 * (store.longest() - store.shortest() + 3) + 4) + 2 * 30 + 1);
}

}  // namespace
}  // namespace callosum::sim
