#include "callosum/nets/delay_layer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "callosum/core/error.h"

namespace callosum::nets {
namespace {

DelayKernels kernels(std::int64_t classes, std::int64_t delays, std::int64_t rows,
                     std::int64_t columns) {
  Draws draws(1, "kernels");
  return {draws.normal({classes, 2, delays, rows, columns}, 0, 1, at::kFloat),
          draws.normal({classes}, 0, 1, at::kFloat)};
}

at::Tensor movie(std::int64_t steps, std::int64_t rows, std::int64_t columns, double share) {
  Draws draws(2, "events");
  return draws.bernoulli({2, steps, rows, columns}, share, at::kFloat);
}

/// Events p, t, y, x by time.
at::Tensor list(const at::Tensor& events) {
  return events.permute({1, 0, 2, 3}).nonzero().index_select(1, at::tensor({1, 0, 2, 3}));
}

std::array<std::int64_t, 3> size(const at::Tensor& events) {
  return {events.size(1), events.size(2), events.size(3)};
}

/// The definition, term by term.
double evidence(const DelayKernels& k, const at::Tensor& events, std::int64_t c, std::int64_t t,
                std::int64_t y, std::int64_t x) {
  const auto w = k.weights.accessor<float, 5>();
  const auto a = events.accessor<float, 4>();
  const std::int64_t half_y = k.weights.size(3) / 2, half_x = k.weights.size(4) / 2;
  double sum = k.bias[c].item<double>();
  for (std::int64_t p = 0; p < 2; ++p)
    for (std::int64_t tau = 0; tau < k.weights.size(2); ++tau)
      for (std::int64_t dy = -half_y; dy <= half_y; ++dy)
        for (std::int64_t dx = -half_x; dx <= half_x; ++dx)
          sum += double{w[c][p][tau][dy + half_y][dx + half_x]} * a[p][t - tau][y - dy][x - dx];
  return sum;
}

TEST(DelayLayer, IsTheCausalSumOverDelaysAndNeighbours) {
  const DelayKernels k = kernels(3, 4, 3, 5);
  const at::Tensor events = movie(9, 6, 8, 0.3);
  const at::Tensor b = delayed_evidence(k, events);
  ASSERT_EQ(b.sizes(), (at::IntArrayRef{3, 6, 4, 4}));
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t t = 0; t < 6; ++t)
      for (std::int64_t y = 0; y < 4; ++y)
        for (std::int64_t x = 0; x < 4; ++x)
          ASSERT_NEAR(b[c][t][y][x].item<double>(), evidence(k, events, c, t + 3, y + 1, x + 2),
                      1e-5);
}

TEST(DelayLayer, EventByEventGivesTheSame) {
  const DelayKernels whole = kernels(4, 5, 5, 3);
  Draws draws(3, "pruning");
  for (double activity : {0.0, 0.01, 0.2}) {
    const at::Tensor events = movie(20, 12, 11, activity);
    for (const at::Tensor& weights :
         {whole.weights, keep_largest(whole.weights, 0.1), keep_random(whole.weights, 0.02, draws),
          keep_shortest(whole.weights, 0.5)}) {
      const DelayKernels k{weights, whole.bias};
      const DelayedEvents by_events(k);
      EXPECT_EQ(by_events.synapses(), weights.ne(0).sum().item<std::int64_t>());
      EXPECT_TRUE(at::allclose(by_events(list(events), size(events)), delayed_evidence(k, events),
                               1e-5, 1e-5))
          << activity << ' ' << by_events.synapses();
    }
  }
}

// Three inputs reach b1 with delays 1, 5, 9 and b2 with 8, 5, 1: only spikes that arrive together
// count (Perrinet 2023, the group's companion text).
TEST(DelayLayer, AMotifThatArrivesTogetherIsDetectedByItsNeuronOnly) {
  DelayKernels k{at::zeros({2, 2, 11, 1, 3}), at::zeros({2})};
  const std::int64_t delays[2][3] = {{1, 5, 9}, {8, 5, 1}};
  for (std::int64_t b = 0; b < 2; ++b)
    // The input at column x is seen from the middle, 1, at dx = 1 - x.
    for (std::int64_t x = 0; x < 3; ++x) k.weights[b][0][delays[b][x]][0][2 - x] = 1;
  const auto peak = [&](std::int64_t t0, std::int64_t t1, std::int64_t t2) {
    at::Tensor events = at::zeros({2, 40, 1, 3});
    events[0][10 + t0][0][0] = 1, events[0][10 + t1][0][1] = 1, events[0][10 + t2][0][2] = 1;
    return delayed_evidence(k, events).amax(at::IntArrayRef{1, 2, 3});
  };
  EXPECT_TRUE(at::equal(peak(9, 5, 1), at::tensor({3.0f, 1.0f})));
  EXPECT_TRUE(at::equal(peak(1, 4, 8), at::tensor({1.0f, 3.0f})));
  EXPECT_TRUE(at::equal(peak(0, 0, 0), at::tensor({1.0f, 1.0f})));
}

TEST(DelayLayer, TheSymmetricOneDoesNotKnowPolarity) {
  const DelayKernels k = kernels(3, 3, 3, 3);
  const at::Tensor events = movie(8, 7, 7, 0.3), other = events.flip({0});
  const at::Tensor b = delayed_evidence(k, events, true);
  EXPECT_TRUE(at::allclose(b, delayed_evidence(k, other, true), 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(b, at::maximum(delayed_evidence(k, events), delayed_evidence(k, other)),
                           1e-5, 1e-5));
  EXPECT_FALSE(at::allclose(delayed_evidence(k, events), delayed_evidence(k, other)));
  const at::Tensor few = delayed_evidence(k, events, true, 2);
  EXPECT_TRUE(at::allclose(few, b.slice(2, 0, 5, 2).slice(3, 0, 5, 2), 1e-5, 1e-5));
}

TEST(DelayLayer, PruningKeepsTheShareItWasAsked) {
  const at::Tensor w = kernels(3, 4, 3, 3).weights;
  Draws draws(4, "pruning");
  const auto left = [](const at::Tensor& kept) { return kept.ne(0).sum().item<std::int64_t>(); };
  EXPECT_EQ(left(keep_largest(w, 0.25)), w.numel() / 4);
  EXPECT_EQ(left(keep_random(w, 0.25, draws)), w.numel() / 4);
  EXPECT_EQ(left(keep_largest(w, 0)), 1);
  EXPECT_GE(keep_largest(w, 0.25).abs().max().item<float>(), w.abs().max().item<float>());
  EXPECT_TRUE(at::equal(keep_shortest(w, 0.5).slice(2, 0, 2), w.slice(2, 0, 2)));
  EXPECT_EQ(left(keep_shortest(w, 0.5)), w.numel() / 2);
  EXPECT_THROW(keep_largest(w, 1.5), ValueError);
}

TEST(DelayLayer, RefusesWhatDoesNotFit) {
  const DelayKernels k = kernels(2, 4, 3, 3);
  EXPECT_THROW(delayed_evidence(k, at::zeros({2, 3, 5, 5})), ShapeError) << "too short a movie";
  EXPECT_THROW(delayed_evidence(k, at::zeros({3, 9, 5, 5})), ShapeError) << "three polarities";
  EXPECT_THROW(delayed_evidence(kernels(2, 4, 2, 3), at::zeros({2, 9, 5, 5})), ValueError);
  const DelayedEvents by_events(k);
  const auto one = [](std::int64_t p, std::int64_t t) {
    return at::tensor({p, t, std::int64_t{2}, std::int64_t{2}}).view({1, 4});
  };
  EXPECT_THROW(by_events(one(0, 0), {3, 5, 5}), ShapeError);
  EXPECT_THROW(by_events(one(2, 0), {9, 5, 5}), ValueError);
  EXPECT_THROW(by_events(one(0, 9), {9, 5, 5}), ValueError);
  EXPECT_THROW(by_events(at::cat({one(0, 3), one(0, 2)}), {9, 5, 5}), ValueError) << "order";
}

}  // namespace
}  // namespace callosum::nets
