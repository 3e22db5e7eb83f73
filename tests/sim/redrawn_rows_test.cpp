#include <gtest/gtest.h>

#include "callosum/network/connectivity.h"
#include "tests/sim/accumulators.h"

// Rows that are drawn again at delivery are the rows that would have been stored.
namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

struct Case {
  const char* name;
  Rule rule;
  Quantity time = 20_ms;        ///< less where a spike has many synapses
  std::uint64_t spikes = 2000;  ///< fewer would show nothing
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Redrawn : public testing::TestWithParam<Case> {};

Network network(const Rule& rule, Rows rows, WeightPrecision precision = WeightPrecision::full) {
  Network net(0.1_ms);
  model::ModelText t;
  t.name = "test_leaky";
  t.equations = text("dv/dt = (1.2 - v + a)/(5*ms) : 1\nda/dt = -a/(2*ms) : 1");
  t.threshold = text("v > 1");
  t.reset = text("v = 0");
  const View cells =
      net.add("cells", 2600, model::Model(t), {.initial = {{"v", Values::uniform(0, 1)}}});
  net.connect(cells, cells, rule,
              {.target = "a",
               .weight = Values::normal(0.02, 0.02),
               .delay = Values::uniform(0.3_ms, 2_ms),
               .weight_precision = precision,
               .rows = rows,
               .name = "drawn"});
  net.connect(cells, net.slice(cells, 500, 2100), fixed_probability(0.01),
              {.target = "a", .weight = -0.03, .delay = 1_ms, .rows = rows, .name = "constant"});
  View every_seventh = net.slice(cells, 3, 2500);
  every_seventh.step = 7;
  net.connect(cells, every_seventh, fixed_probability(0.4),
              {.target = "a", .weight = -0.001, .delay = 1_ms, .rows = rows, .name = "apart"});
  return net;
}

TEST_P(Redrawn, GiveTheTargetsOfTheWholeBlock) {
  const Network net = network(GetParam().rule, Rows::procedural, WeightPrecision::half);
  std::vector<std::uint32_t> targets;
  std::vector<std::uint16_t> memory;
  for (std::uint32_t p = 0; p < 3; ++p) {
    const Connectivity c(net, p, 11);
    std::vector<BlockSynapses> blocks(c.blocks());
    for (std::uint32_t b = 0; b < c.blocks(); ++b) c.draw(b, blocks[b]);
    std::size_t synapses = 0;
    for (std::uint32_t s = 0; s < c.sources(); s += 3)
      for (std::uint32_t first = 0; first < c.blocks(); ++first) {
        std::vector<std::uint32_t> expected;
        for (std::uint32_t b = first; b < c.blocks(); ++b)
          for (auto k = blocks[b].row_offsets[s]; k < blocks[b].row_offsets[s + 1]; ++k)
            expected.push_back(b * block_size + blocks[b].targets[k]);
        c.draw_targets(s, first, c.blocks(), targets, memory);
        ASSERT_EQ(targets, expected);
        synapses += targets.size();
      }
    EXPECT_GT(synapses, 1000u);
  }
}

TEST_P(Redrawn, GiveTheRowsOfTheWholeBlock) {
  const Network net = network(GetParam().rule, Rows::procedural, WeightPrecision::half);
  for (std::uint32_t p = 0; p < 3; ++p) {
    const Connectivity c(net, p, 11);
    BlockSynapses block, row, rows[3];
    ASSERT_EQ(c.blocks(), 3u);
    std::size_t synapses = 0;
    for (std::uint32_t b = 0; b < c.blocks(); ++b) {
      c.draw(b, block);
      for (std::uint32_t s = 0; s < c.sources(); s += 7) {
        c.draw_row(s, b, row);
        c.draw_rows(s, 0, 3, rows);
        ASSERT_EQ(rows[b].targets, row.targets);
        ASSERT_EQ(rows[b].weights, row.weights);
        ASSERT_EQ(rows[b].delays, row.delays);
        const auto first = block.row_offsets[s], last = block.row_offsets[s + 1];
        ASSERT_EQ(row.targets,
                  std::vector(block.targets.begin() + first, block.targets.begin() + last));
        synapses += row.targets.size();
        if (p != 0) continue;
        ASSERT_EQ(row.weights,
                  std::vector(block.weights.begin() + first, block.weights.begin() + last));
        ASSERT_EQ(row.delays,
                  std::vector(block.delays.begin() + first, block.delays.begin() + last));
      }
    }
    EXPECT_GT(synapses, 1000u);
  }
}

TEST_P(Redrawn, FireTheSpikesOfStoredRowsForAnyNumberOfThreads) {
  std::uint64_t expected = 0;
  for (const Rows rows : {Rows::stored, Rows::procedural})
    for (const int threads : {1, 2, 3}) {
      Simulation sim(network(GetParam().rule, rows), {.threads = threads});
      sim.run(GetParam().time);
      const RunStatistics statistics = sim.statistics();
      EXPECT_GT(statistics.spikes, GetParam().spikes);
      if (expected == 0) expected = statistics.spike_hash;
      EXPECT_EQ(statistics.spike_hash, expected);
      EXPECT_EQ(statistics.synapse_bytes == 0, rows == Rows::procedural);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Redrawn,
    testing::Values(Case{"Probability", fixed_probability(0.05).without_autapses()},
                    Case{"Outdegree", fixed_outdegree(130)},
                    Case{"Total", fixed_total_number(300000)},
                    Case{"TotalWithoutMultapses", fixed_total_number(300000).without_multapses()},
                    Case{"All", all_to_all(), 4_ms, 500}),
    [](const auto& info) { return info.param.name; });

TEST(RedrawnRows, AreRefusedWhereARuleDrawsByTarget) {
  EXPECT_THROW(network(fixed_indegree(10), Rows::procedural), UnsupportedError);
  EXPECT_NO_THROW(network(fixed_indegree(10), Rows::stored));
}

TEST(RedrawnRows, AreNoPartOfTheNetworkHash) {
  EXPECT_EQ(network(all_to_all(), Rows::procedural).hash(),
            network(all_to_all(), Rows::stored).hash());
  EXPECT_NE(network(all_to_all(), Rows::stored).hash(),
            network(all_to_all(), Rows::stored, WeightPrecision::half).hash());
}

}  // namespace
}  // namespace callosum
