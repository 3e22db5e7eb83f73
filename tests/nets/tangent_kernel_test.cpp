#include "callosum/nets/tangent_kernel.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/cognitive_tasks.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/layers.h"

namespace callosum::nets {
namespace {

TEST(TangentKernel, OfATwoLayerLinearNetIsTheClosedForm) {
  // f = w2 W1 x: K(x, x') = x^T (W1^T W1 + |w2|^2 I) x'.
  Draws draws(1, "kernel");
  const at::Tensor w1 = trainable(draws.normal({5, 3})), w2 = trainable(draws.normal({1, 5}));
  const at::Tensor x = draws.normal({4, 3});
  const at::Tensor kernel = tangent_kernel(x.mm(w1.t()).mm(w2.t()), {w1, w2});
  const at::Tensor metric =
      w1.t().mm(w1).detach() + at::ones({3}, at::kDouble).diag() * w2.detach().square().sum();
  EXPECT_LT((kernel - x.mm(metric).mm(x.t())).abs().max().item<double>(), 1e-12);
}

TEST(TangentKernel, CountsEveryParameterAndIsMadeOfBlocks) {
  Draws draws(2, "kernel");
  const at::Tensor w = trainable(draws.normal({1, 10000})), idle = trainable(draws.normal({3}));
  const at::Tensor x = draws.normal({2, 10000});
  const at::Tensor kernel = tangent_kernel(x.mm(w.t()), {w, idle});
  EXPECT_LT((kernel - x.mm(x.t())).abs().max().item<double>(), 1e-8);
  EXPECT_THROW(tangent_kernel({}, {w}), ShapeError);
}

TEST(CognitiveTasks, AskForAChoiceInTheLastStepOnly) {
  for (CognitiveTask task : {CognitiveTask::two_alternatives, CognitiveTask::match_to_sample,
                             CognitiveTask::context_dependent}) {
    Draws draws(1, "task");
    const TaskBatch batch = cognitive_trials(draws, task, 400);
    EXPECT_EQ(batch.inputs.sizes(), (at::IntArrayRef{8, 400, channels(task)}));
    EXPECT_EQ(batch.labels.slice(0, 0, 7).abs().sum().item<std::int64_t>(), 0);
    EXPECT_EQ(batch.inputs[7].abs().sum().item<double>(), 0);
    EXPECT_TRUE(batch.inputs.slice(0, 0, 7).select(2, 0).eq(1).all().item<bool>());
    const double ones = batch.labels[7].eq(1).sum().item<double>();
    EXPECT_EQ(ones + batch.labels[7].eq(2).sum().item<double>(), 400);
    EXPECT_NEAR(ones, 200, 60);
  }
  Draws draws(1, "task");
  EXPECT_THROW(cognitive_trials(draws, CognitiveTask::two_alternatives, 0), ValueError);
}

TEST(CognitiveTasks, TheStimulusTellsTheChoiceAsFarAsItsCoherenceAllows) {
  Draws draws(4, "task");
  const TaskBatch two = cognitive_trials(draws, CognitiveTask::two_alternatives, 2000);
  const at::Tensor sums = two.inputs.sum(0);
  const at::Tensor guess = sums.select(1, 2).gt(sums.select(1, 1)).to(at::kLong) + 1;
  const double right = guess.eq(two.labels[7]).to(at::kDouble).mean().item<double>();
  // An ideal observer: mean over the coherences of Phi(sqrt(14) c / 20).
  double ideal = 0;
  for (double c : {0.0, 6.4, 12.8, 25.6, 51.2})
    ideal += 0.5 * std::erfc(-std::sqrt(7.0) * c / 20 / std::sqrt(1.0)) / 5;
  EXPECT_NEAR(right, ideal, 0.03);
  const TaskBatch dms = cognitive_trials(draws, CognitiveTask::match_to_sample, 500);
  const at::Tensor sample = dms.inputs[0].select(1, 1).gt(0.5),
                   test = dms.inputs[6].select(1, 1).gt(0.5);
  EXPECT_TRUE(sample.eq(test).eq(dms.labels[7].eq(1)).all().item<bool>());
}

}  // namespace
}  // namespace callosum::nets
