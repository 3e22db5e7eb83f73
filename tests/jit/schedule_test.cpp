#include "callosum/jit/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "callosum/model/builder.h"

namespace callosum {
namespace {

using model::Op;
using model::SlotKind;
using model::Value;

/// `chains` chains of `length` square roots, one after the other.
model::Program chains(int count, int length) {
  model::Builder b("chains");
  for (int c = 0; c < count; ++c) {
    const auto slot = b.slot({"x" + std::to_string(c), SlotKind::state, true, Dimension{}});
    Value v = b.load(slot);
    for (int i = 0; i < length; ++i) v = b.emit(Op::sqrt, {v});
    b.store(slot, v);
  }
  return b.finish();
}

std::vector<Value> ordered(const model::Program& program) {
  return jit::interleave(program, std::vector<bool>(program.code.size(), true));
}

TEST(Schedule, KeepsEveryInstructionOnceAndOperandsBeforeTheirUsers) {
  for (const int count : {1, 3, 200}) {
    const auto program = chains(count, 7);
    const auto order = ordered(program);
    ASSERT_EQ(order.size(), program.code.size());
    std::vector<std::size_t> place(order.size(), order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    for (Value v = 0; v < order.size(); ++v) {
      ASSERT_LT(place[v], order.size());
      for (const Value x : program.code[v].operands) EXPECT_LT(place[x], place[v]);
    }
  }
}

TEST(Schedule, IndependentChainsTakeTurns) {
  const int length = 10;
  const auto program = chains(2, length);
  const auto order = ordered(program);
  // The chains stand one after the other in the program; now each has half of either half.
  const auto of_first = std::count_if(order.begin(), order.begin() + length + 1,
                                      [&](Value v) { return v < length + 1; });
  EXPECT_NEAR(static_cast<double>(of_first), (length + 1) / 2.0, 1.5);
}

TEST(Schedule, LeavesOutWhatAllLanesShare) {
  const auto program = chains(2, 4);
  std::vector<bool> varies(program.code.size(), false);
  for (Value v = 5; v < 10; ++v) varies[v] = true;
  EXPECT_EQ(jit::interleave(program, varies), (std::vector<Value>{5, 6, 7, 8, 9}));
}

TEST(Schedule, WideProgramsDoNotKeepEverythingWaiting) {
  const int count = 400;
  const auto program = chains(count, 3);
  const auto order = ordered(program);
  int waiting = 0, most = 0;
  for (const Value v : order) {
    if (program.code[v].op == Op::load) ++waiting;
    const bool last = v + 1 == order.size() || program.code[v + 1].op == Op::load;
    if (last) --waiting;  // stored
    most = std::max(most, waiting);
  }
  EXPECT_LE(most, 64);
}

}  // namespace
}  // namespace callosum
