#include "callosum/nets/training.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "callosum/nets/layers.h"
#include "callosum/nets/optimiser.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

MovieOptions movie_options(const Trial& t) {
  return {.side = t.whole("pixels"), .steps = t.whole("frames")};
}

/// Which weights may be anything but zero, and how large beside the largest, [1, 2, delay, row,
/// column].
at::Tensor limits(const Trial& t, const Plan& plan) {
  const at::Tensor m = cone(plan.delays, plan.side).view({1, 1, plan.delays, plan.side, plan.side});
  if (!plan.one_fixed_delay) return m.expand({1, 2, -1, -1, -1}).contiguous();
  nets::Draws draws(t.seed, "fixed delays");
  at::Tensor keys =
      draws.uniform({1, 2, plan.delays, plan.side, plan.side}, 0, 1, at::kFloat) * m.gt(0.01);
  // The middle has the shortest one, where training begins.
  keys.select(3, plan.side / 2).select(3, plan.side / 2).select(2, 0).fill_(1);
  return m * keys.eq(keys.amax(2, true)).to(at::kFloat);
}

at::Tensor first_weights(const Trial& t, const Plan& plan, const at::Tensor& limit) {
  nets::Draws draws(t.seed, "kernels");
  const std::int64_t middle = plan.side / 2;
  at::Tensor w = 0.01 *
                 draws.normal({plan.motions.classes(), 2, plan.delays, plan.side, plan.side}, 0, 1,
                              at::kFloat) *
                 limit;
  w.select(3, middle).select(3, middle).select(2, 0).copy_(
      at::tensor({4.0f, -4.0f}).expand({w.size(0), 2}));
  return w;
}

/// Mean loss over voxels: evidence [class, T, y, x], labels [T].
at::Tensor loss(const at::Tensor& evidence, const at::Tensor& labels, bool logistic) {
  const std::int64_t voxels = evidence.size(2) * evidence.size(3);
  const at::Tensor rows = evidence.flatten(1).t();
  const at::Tensor target = labels.repeat_interleave(voxels);
  if (!logistic) return nets::cross_entropy(rows, target);
  const at::Tensor one_hot = at::one_hot(target, rows.size(1)).to(at::kFloat);
  // -log sigma(B) for the motion, -log(1 - sigma(B)) for the others.
  return (rows.clamp_min(0) - rows * one_hot + (-rows.abs()).exp().log1p()).sum(1).mean();
}

at::Tensor padded(const Layer& layer, const at::Tensor& events) {
  const std::int64_t p = layer.padding();
  return p == 0 ? events : at::constant_pad_nd(events, {p, p, p, p});
}

}  // namespace

std::int64_t Layer::padding() const { return plan.side > 9 ? (plan.side - 9) / 2 : 0; }

at::Tensor cone(std::int64_t delays, std::int64_t side) {
  constexpr double widest = 2.5, pi = std::numbers::pi;
  const at::Tensor x = at::linspace(-1, 1, side + 2, at::kDouble).slice(0, 1, side + 1);
  const at::Tensor r = (x.square().unsqueeze(1) + x.square().unsqueeze(0)).sqrt();
  const at::Tensor window = ((1 + (pi * r).cos()) / 2 * r.lt(1)).clamp_min(0).pow(0.25);
  std::vector<at::Tensor> planes;
  for (std::int64_t tau = 0; tau < delays; ++tau) {
    // A single delay sees as far as the longest of many.
    const double back = delays == 1 ? 1 : double(tau) / double(delays - 1);
    const double reach = widest * back + 0.05;
    planes.push_back(window * (-r.square() / (2 * reach * reach)).exp());
  }
  return at::stack(planes).to(at::kFloat);
}

Material material(const Trial& t) {
  nets::Draws train(t.seed, "textures"), test(t.seed, "test textures");
  Photographs real = photographs();
  // As many windows over photographs as over noise.
  Material m{noise_textures(t.whole("textures"), 240, train), real.test,
             noise_textures(3, 240, test)};
  for (std::int64_t k = 0; k < t.whole("textures"); ++k)
    m.train.push_back(real.train[static_cast<std::size_t>(k) % real.train.size()]);
  return m;
}

Layer trained(const Trial& t, const Plan& plan, const Material& from) {
  const at::Tensor limit = limits(t, plan);
  Layer layer{plan, {}, first_weights(t, plan, limit)};
  layer.kernels = {nets::trainable(layer.first),
                   nets::trainable(at::zeros({plan.motions.classes()}, at::kFloat))};
  const nets::Parameters parameters = {layer.kernels.weights, layer.kernels.bias};
  nets::Optimiser adam = nets::Optimiser::adam(parameters, {.rate = t["rate"]});
  const auto keep_within_limits = [&] {
    const at::NoGradGuard guard;
    at::Tensor& w = layer.kernels.weights;
    const at::Tensor bound = limit * w.abs().max();
    w.copy_(at::minimum(at::maximum(w, -bound), bound));
  };
  const std::int64_t steps = t.whole("steps");
  for (std::int64_t k = 0; k < steps; ++k) {
    nets::Draws draws(t.seed, "training", static_cast<std::uint64_t>(k));
    const Movie m = movie(from.train, plan.motions, movie_options(t), draws);
    // Every second pixel of every second row, another quarter of them each time.
    const at::Tensor events = padded(layer, m.events)
                                  .slice(2, std::int64_t(draws.stream().below(2)))
                                  .slice(3, std::int64_t(draws.stream().below(2)));
    keep_within_limits();
    // A movie shows few motions: the last steps are small, so that none of them is favoured.
    const double share = double(k) / double(steps);
    adam.set_rate(t["rate"] * 0.5 * (1.0001 + std::cos(std::numbers::pi * share)));
    adam.clear_gradients();
    loss(nets::delayed_evidence(layer.kernels, events, true, 2), m.labels.slice(0, plan.delays - 1),
         plan.logistic)
        .backward();
    adam.step();
    t.progress(0.9 * double(k) / double(steps));
  }
  keep_within_limits();
  layer.kernels = {layer.kernels.weights.detach(), layer.kernels.bias.detach()};
  return layer;
}

Movies test_movies(const Trial& t, const Motions& motions, const Textures& textures,
                   std::int64_t count) {
  Movies all;
  for (std::int64_t k = 0; k < count; ++k) {
    nets::Draws draws(t.seed, "test", static_cast<std::uint64_t>(k));
    all.push_back(movie(textures, motions, movie_options(t), draws));
  }
  return all;
}

Score score(const Layer& layer, const at::Tensor& weights, const Movies& movies) {
  const at::NoGradGuard guard;
  const nets::DelayKernels kernels{weights, layer.kernels.bias};
  const Motions& motions = layer.plan.motions;
  double right = 0, all = 0, settled_right = 0, settled = 0, either = 0;
  for (const Movie& m : movies) {
    const at::Tensor b = nets::delayed_evidence(kernels, padded(layer, m.events), true, 2);
    const at::Tensor answer = b.mean(at::IntArrayRef{2, 3}).argmax(0);
    // Of kernels with fewer delays, too, the instants that all see.
    const std::int64_t from = 8;
    const at::Tensor labels = m.labels.slice(0, from), since = m.since.slice(0, from);
    const at::Tensor seen = answer.slice(0, answer.size(0) - labels.size(0));
    const at::Tensor hit = seen.eq(labels), old = since.ge(from);
    const std::int64_t n = motions.directions;
    const at::Tensor ring = at::floor_divide(labels, at::scalar_tensor(n, at::kLong)) * n;
    const at::Tensor opposite = ring + (labels - ring + n / 2).remainder(n);
    const auto count = [](const at::Tensor& x) { return x.sum().item<double>(); };
    right += count(hit);
    all += double(labels.size(0));
    settled_right += count(hit.logical_and(old));
    settled += count(old);
    either += count(hit.logical_or(seen.eq(opposite)));
  }
  return {100 * right / all, 100 * settled_right / std::max(settled, 1.0),
          100 * right / std::max(either, 1.0)};
}

}  // namespace callosum::experiment
