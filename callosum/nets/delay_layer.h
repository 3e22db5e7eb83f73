#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

#include "callosum/nets/draws.h"

namespace callosum::nets {

/// A layer in which every input (pixel, polarity) reaches a neuron through a synapse of each of
/// many delays: learning their weights makes each neuron a detector of one spatiotemporal motif of
/// spikes (Grimaldi and Perrinet 2023, Biol. Cybern., arXiv 2307.14077):
///   B(c, t, y, x) = b_c + sum over p, tau, dy, dx of K(c, p, tau, dy, dx) A(p, t - tau, y - dy, x
///   - dx),
/// events A in {0, 1}, delays tau from 0 on, causal.
struct DelayKernels {
  at::Tensor weights;  ///< K: [class, 2, delay, row, column], odd in the last two
  at::Tensor bias;     ///< b: [class]
};

/// B by convolution, where the whole kernel fits and at every `stride`-th pixel. events: [2, T,
/// rows, columns]. Returns [class, T - delays + 1, ...], the first at t = delays - 1, the middle of
/// the kernel on the first pixel that is half a kernel from the border. With `symmetric`, the
/// larger of B for these events and for those of opposite polarity, at each place: the gradient
/// goes to the larger. ShapeError for what does not fit; ValueError for even kernels.
at::Tensor delayed_evidence(const DelayKernels& kernels, const at::Tensor& events,
                            bool symmetric = false, std::int64_t stride = 1);

/// The same event by event: each event adds its synapses' weights to the neurons about it, at each
/// synapse's time. The work is that of events times synapses that are not zero.
class DelayedEvents {
 public:
  explicit DelayedEvents(const DelayKernels& kernels);

  std::int64_t synapses() const { return synapses_; }  ///< not zero, of one place
  /// events: [n, 4], whole numbers p, t, y, x, ascending in t; size: T, rows, columns. Returns what
  /// `delayed_evidence` does. ShapeError; ValueError for events outside or out of order.
  at::Tensor operator()(const at::Tensor& events, const std::array<std::int64_t, 3>& size) const;

 private:
  struct Synapse {
    std::int32_t delay, row, column, target;
    float weight;
  };
  at::Tensor weights_, bias_;                   ///< weights [2, delay, row, column, class]
  std::array<std::vector<Synapse>, 2> sparse_;  ///< by polarity, where most are zero
  std::int64_t synapses_ = 0;
  bool dense_ = false;
};

/// Keeps the share of weights that are largest in magnitude, at least one; the others are zero.
at::Tensor keep_largest(const at::Tensor& weights, double share);
/// Keeps this share of them, drawn at random.
at::Tensor keep_random(const at::Tensor& weights, double share, Draws& draws);
/// Keeps the shortest delays of [class, 2, delay, row, column], the last of them in part (its first
/// taps), so that a share of all weights is left.
at::Tensor keep_shortest(const at::Tensor& weights, double share);

}  // namespace callosum::nets
