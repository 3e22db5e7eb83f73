#include "callosum/nets/delay_layer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr const char* where = "layer of delays";

void check_kernels(const DelayKernels& k) {
  check::shape(where, "weights", k.weights, {check::any, 2, check::any, check::any, check::any});
  check::shape(where, "bias", k.bias, {k.weights.size(0)});
  for (std::int64_t side : {3, 4})
    if (k.weights.size(side) % 2 == 0)
      throw ValueError({.where = where,
                        .what = "size of the kernel",
                        .got = std::to_string(k.weights.size(side)),
                        .expected = "an odd number"});
}

void check_fits(const at::Tensor& weights, const std::array<std::int64_t, 3>& size) {
  for (std::size_t k = 0; k < 3; ++k)
    if (weights.size(static_cast<std::int64_t>(k) + 2) > size[k])
      throw ShapeError({.where = where,
                        .what = "the kernel is larger than the movie",
                        .got = check::shape_text(weights.sizes().slice(2)),
                        .expected = "at most " + check::shape_text(size)});
}

at::Tensor kept(const at::Tensor& weights, const at::Tensor& order, double share) {
  check::within(where, "share of the weights", share, 0, 1);
  const auto n =
      std::max<std::int64_t>(1, std::llround(share * static_cast<double>(weights.numel())));
  at::Tensor mask = at::zeros({weights.numel()}, weights.options());
  mask.index_fill_(0, order.slice(0, 0, n), 1);
  return weights.detach() * mask.view(weights.sizes());
}

}  // namespace

at::Tensor delayed_evidence(const DelayKernels& kernels, const at::Tensor& events, bool symmetric,
                            std::int64_t stride) {
  check_kernels(kernels);
  check::shape(where, "events", events, {2, check::any, check::any, check::any});
  check::at_least(where, "stride", stride, 1);
  check_fits(kernels.weights, {events.size(1), events.size(2), events.size(3)});
  // What libraries call a convolution is a correlation: its last tap in time is now.
  at::Tensor taps = kernels.weights.flip({2, 3, 4}), bias = kernels.bias;
  if (symmetric) taps = at::cat({taps, taps.flip({1})}), bias = at::cat({bias, bias});
  const at::Tensor all =
      at::conv3d(events.unsqueeze(0), taps, bias, at::IntArrayRef{1, stride, stride}).squeeze(0);
  if (!symmetric) return all;
  const std::int64_t classes = kernels.bias.size(0);
  return at::maximum(all.slice(0, 0, classes), all.slice(0, classes));
}

DelayedEvents::DelayedEvents(const DelayKernels& kernels) {
  check_kernels(kernels);
  const at::NoGradGuard guard;
  weights_ = kernels.weights.detach().to(at::kFloat).permute({1, 2, 3, 4, 0}).contiguous();
  bias_ = kernels.bias.detach().to(at::kFloat);
  const at::Tensor where_not = weights_.nonzero();
  synapses_ = where_not.size(0);
  dense_ = 4 * synapses_ >= weights_.numel();
  const auto index = where_not.accessor<std::int64_t, 2>();
  const auto w = weights_.accessor<float, 5>();
  for (std::int64_t k = 0; k < synapses_; ++k) {
    const auto i = index[k];
    sparse_[static_cast<std::size_t>(i[0])].push_back(
        {static_cast<std::int32_t>(i[1]), static_cast<std::int32_t>(i[2]),
         static_cast<std::int32_t>(i[3]), static_cast<std::int32_t>(i[4]),
         w[i[0]][i[1]][i[2]][i[3]][i[4]]});
  }
}

at::Tensor DelayedEvents::operator()(const at::Tensor& events,
                                     const std::array<std::int64_t, 3>& size) const {
  check::shape(where, "events", events, {check::any, 4});
  const std::int64_t delays = weights_.size(1), rows = weights_.size(2), columns = weights_.size(3),
                     classes = weights_.size(4);
  for (std::size_t k = 0; k < 3; ++k)
    if (weights_.size(static_cast<std::int64_t>(k) + 1) > size[k])
      throw ShapeError({.where = where,
                        .what = "the kernel is larger than the movie",
                        .got = check::shape_text(weights_.sizes().slice(1, 3)),
                        .expected = "at most " + check::shape_text(size)});
  const std::int64_t steps = size[0] - delays + 1, height = size[1] - rows + 1,
                     width = size[2] - columns + 1;
  at::Tensor out = at::empty({steps, height, width, classes}, at::kFloat);
  out.copy_(bias_.expand_as(out));
  float* const b = out.data_ptr<float>();
  const float* const w = weights_.data_ptr<float>();
  const at::Tensor list = events.to(at::kLong).contiguous();
  const auto e = list.accessor<std::int64_t, 2>();
  for (std::int64_t k = 0; k < list.size(0); ++k) {
    const std::int64_t p = e[k][0], t = e[k][1], y = e[k][2], x = e[k][3];
    if (p < 0 || p > 1 || t < 0 || t >= size[0] || y < 0 || y >= size[1] || x < 0 || x >= size[2])
      throw ValueError({.where = where,
                        .what = "event " + std::to_string(k) + " lies outside",
                        .got = check::shape_text({p, t, y, x}),
                        .expected = "below " + check::shape_text({2, size[0], size[1], size[2]})});
    if (k > 0 && t < e[k - 1][1])
      throw ValueError(
          {.where = where,
           .what = "events out of order",
           .got = "time " + std::to_string(t) + " after " + std::to_string(e[k - 1][1]),
           .expected = "ascending times"});
    // A synapse's row r and column c stand for dy = r - rows / 2 and dx; an output at 0 for the
    // pixel half a kernel from the border.
    const std::int64_t t0 = t - delays + 1, y0 = y - rows + 1, x0 = x - columns + 1;
    if (!dense_) {
      for (const Synapse& s : sparse_[static_cast<std::size_t>(p)]) {
        const std::int64_t at_t = t0 + s.delay, at_y = y0 + s.row, at_x = x0 + s.column;
        if (at_t >= 0 && at_t < steps && at_y >= 0 && at_y < height && at_x >= 0 && at_x < width)
          b[((at_t * height + at_y) * width + at_x) * classes + s.target] += s.weight;
      }
      continue;
    }
    const std::int64_t first = std::max<std::int64_t>(0, -x0),
                       last = std::min<std::int64_t>(columns, width - x0);
    for (std::int64_t d = std::max<std::int64_t>(0, -t0); d < std::min(delays, steps - t0); ++d)
      for (std::int64_t r = std::max<std::int64_t>(0, -y0); r < std::min(rows, height - y0); ++r) {
        const float* const from = w + ((((p * delays + d) * rows + r) * columns) + first) * classes;
        float* const to = b + (((t0 + d) * height + y0 + r) * width + x0 + first) * classes;
        for (std::int64_t i = 0; i < (last - first) * classes; ++i) to[i] += from[i];
      }
  }
  return out.permute({3, 0, 1, 2});
}

at::Tensor keep_largest(const at::Tensor& weights, double share) {
  return kept(weights, weights.detach().abs().flatten().argsort(-1, true), share);
}

at::Tensor keep_random(const at::Tensor& weights, double share, Draws& draws) {
  return kept(weights, draws.permutation(weights.numel()), share);
}

at::Tensor keep_shortest(const at::Tensor& weights, double share) {
  check::shape(where, "weights", weights,
               {check::any, check::any, check::any, check::any, check::any});
  const at::Tensor delays =
      at::arange(weights.size(2)).view({1, 1, -1, 1, 1}).expand(weights.sizes());
  return kept(weights, at::argsort(delays.flatten(), /*stable=*/true), share);
}

}  // namespace callosum::nets
