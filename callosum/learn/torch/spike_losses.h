#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace callosum::learn {

/// What a readout says, and how wrong it is. Spikes and states are [time, batch, class], counts
/// [batch, class], labels [batch] (int64). Losses are means over the batch. Each throws ShapeError
/// for an empty batch or labels of another number, ValueError for a label that is no class, naming
/// the sample.

/// Cross-entropy of softmax(scale * counts).
at::Tensor count_cross_entropy(const at::Tensor& counts, const at::Tensor& labels,
                               double scale = 1);
/// Cross-entropy of the mean over time.
at::Tensor mean_cross_entropy(const at::Tensor& states, const at::Tensor& labels);
/// Cross-entropy of the largest value over time (Cramer et al. 2020).
at::Tensor maximum_cross_entropy(const at::Tensor& states, const at::Tensor& labels);
/// Mean squared distance of the firing rates (spikes a step) from `right` for the labelled class
/// and `wrong` for the others.
at::Tensor rate_error(const at::Tensor& counts, const at::Tensor& labels, std::int64_t steps,
                      double right = 0.8, double wrong = 0.05);
/// Step of the first spike, T where there is none, [batch, class]. Its derivative by the spike of a
/// step is that of sum over t of prod over u <= t of (1 - s_u).
at::Tensor first_spike_steps(const at::Tensor& spikes);
/// Cross-entropy of softmax(-first spike / tau), tau in steps: the class that fires first wins
/// (Mostafa 2018).
at::Tensor first_spike_cross_entropy(const at::Tensor& spikes, const at::Tensor& labels,
                                     double tau);

/// Regulariser: mean over samples and units of the squared distance of the firing rate (spikes a
/// step) from [low, high]; counts [batch, unit].
at::Tensor rate_penalty(const at::Tensor& counts, std::int64_t steps, double low, double high);

}  // namespace callosum::learn
