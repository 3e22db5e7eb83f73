#include "callosum/memory/cam_memory.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"

namespace callosum::memory {
namespace {

using Bits = std::vector<std::uint32_t>;

TEST(CamMemory, LearnsRecallsByEitherSideAndForgets) {
  CamMemory memory(5, 10);
  EXPECT_EQ(memory.recall_cue(3), Bits{});
  memory.learn(3, {4, 5, 6});
  memory.learn(1, {5, 7});
  EXPECT_EQ(memory.recall_cue(3), (Bits{4, 5, 6}));
  EXPECT_EQ(memory.recall_content({5}), (Bits{1, 3}));
  EXPECT_EQ(memory.recall_content({4, 7}), (Bits{1, 3}));
  memory.learn(3, {1, 4});
  EXPECT_EQ(memory.recall_cue(3), (Bits{1, 4}));
  EXPECT_EQ(memory.recall_content({5}), Bits{1});
  memory.forget(3);
  EXPECT_EQ(memory.recall_cue(3), Bits{});
  EXPECT_EQ(memory.recall_content({1, 4}), Bits{});
  EXPECT_EQ(memory.recall_cue(1), (Bits{5, 7}));
}

TEST(CamMemory, HoldsWhatItLearnedInItsWeights) {
  CamMemory memory(2, 3);
  memory.learn(1, {0, 2});
  const std::vector<double> w = memory.cue_weights(), v = memory.content_weights();
  ASSERT_EQ(w.size(), 6u);
  for (std::size_t cue = 0; cue < 2; ++cue)
    for (std::size_t bit = 0; bit < 3; ++bit) {
      const bool held = cue == 1 && bit != 1;
      EXPECT_EQ(w[cue * 3 + bit] > 5, held) << cue << ", " << bit;
      EXPECT_EQ(v[bit * 2 + cue] > 5, held) << cue << ", " << bit;
    }
}

TEST(CamMemory, LearnsNothingWhileItsWeightsAreFrozenOrTheDelayIsOnTheAxon) {
  CamMemory frozen(3, 4), axonal(3, 4, {.dendritic = false});
  frozen.set_plastic(false);
  for (CamMemory* memory : {&frozen, &axonal}) {
    memory->learn(2, {0, 3});
    EXPECT_EQ(memory->recall_cue(2), Bits{});
  }
  frozen.set_plastic(true);
  frozen.learn(2, {0, 3});
  EXPECT_EQ(frozen.recall_cue(2), (Bits{0, 3}));
}

TEST(CamMemory, TiesAskedBitsToCuesThatAnswerIfItLearnsInRecall) {
  const auto asked_often = [](bool learns) {
    CamMemory memory(2, 4, {.learns_in_recall = learns});
    memory.learn(0, {0});
    for (int k = 0; k < 3; ++k) memory.recall_content({0, 3});
    return memory.recall_content({3});
  };
  EXPECT_EQ(asked_often(false), Bits{});
  EXPECT_EQ(asked_often(true), Bits{0});
}

TEST(CamMemory, ShowsEveryPopulationStepByStep) {
  CamMemory memory(5, 10);
  std::vector<CamDrive> drives(9);
  for (int k = 0; k < 3; ++k) drives[static_cast<std::size_t>(k)] = {{0}, {0, 1, 8, 9}};
  const auto rows = memory.run(drives);
  ASSERT_EQ(rows.size(), 9u);
  const std::string cue = "[0]", content = "[0, 1, 8, 9]", none = "-";
  using Row = std::array<std::string, 12>;
  EXPECT_EQ(cam_table_row(rows[0]),
            (Row{cue, content, none, none, none, none, none, none, none, none, none, none}));
  EXPECT_EQ(cam_table_row(rows[2]),
            (Row{cue, content, none, none, content, "[0]", none, none, none, none, none, none}));
  EXPECT_EQ(cam_table_row(rows[3]),
            (Row{none, none, cue, content, none, none, cue, content, none, none, none, none}));
  for (const std::size_t k : {5u, 7u}) {
    EXPECT_EQ(rows[k][10], Bits{0}) << k;
    EXPECT_EQ(rows[k][11], (Bits{0, 1, 8, 9})) << k;
  }
}

TEST(CamMemory, RefusesWhatItCannotHold) {
  EXPECT_THROW(CamMemory(0, 3), ValueError);
  EXPECT_THROW(CamMemory(3, 0), ValueError);
  EXPECT_THROW(CamMemory(3, 3, {.depression = -1}), ValueError);
  EXPECT_THROW(CamMemory(3, 3, {.learn_steps = 6}), ValueError);
  CamMemory memory(3, 4);
  EXPECT_THROW(memory.learn(3, {0}), ValueError);
  EXPECT_THROW(memory.learn(0, {4}), ValueError);
  EXPECT_THROW(memory.learn(0, {}), ValueError);
  EXPECT_THROW(memory.learn(0, {1, 1}), ValueError);
  EXPECT_THROW(memory.recall_cue(3), ValueError);
  EXPECT_THROW(memory.recall_content({4}), ValueError);
  EXPECT_THROW(memory.run({{{5}, {}}}), ValueError);
}

TEST(CamMemory, WarnsOfSchedulesThatOverlap) {
  std::vector<CamDrive> drives(30);
  for (const std::size_t k : {0u, 1u, 2u}) drives[k] = {{0}, {1}};
  drives[7] = {{0}, {}};
  drives[13] = {{}, {1}};
  EXPECT_TRUE(cam_warnings(drives).empty());
  drives[18] = {{0, 1}, {2}};
  const auto warnings = cam_warnings(drives);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("2 cues"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("5 steps after"), std::string::npos) << warnings[1];
}

}  // namespace
}  // namespace callosum::memory
