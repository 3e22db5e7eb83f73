#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "callosum/network/network.h"

namespace callosum::learn {

/// Shared weights from one population to another: a convolution of its spikes, means over square
/// windows, normalisation. All three are linear once training is over, so that they become plain
/// synapses.
struct Convolution {
  std::string name = {}, from = {}, to = {};
  std::array<std::int64_t, 3> input{};  ///< `from` as [channel, row, column]
  std::int64_t channels = 1;            ///< of `to`
  std::int64_t kernel = 3, stride = 1, padding = 0;
  std::int64_t pool = 1;       ///< edge of the windows averaged over; what is over is left out
  bool norm = true;            ///< normalise every channel over samples, steps and places
  std::string target = "V_m";  ///< state of `to` that synapses add to
  std::string driven = "I_e";  ///< parameter of `to` through which the module adds to it

  /// `to` as [channel, row, column]. Throws ShapeError when the window is larger than the input,
  /// ValueError for a size that is not positive.
  std::array<std::int64_t, 3> output() const;
};

/// Convolution and means as one convolution: [channels, input channels, edge, edge] with
/// edge = kernel + (pool - 1) stride, moved on by stride pool places. Differentiable.
at::Tensor pooled_kernel(const Convolution& convolution, const at::Tensor& weights);

/// The synapses that a convolution stands for: weight per channel pair and place, in units of the
/// target, then the constant each target neuron gets in each step.
struct Unfolded {
  std::vector<std::uint32_t> sources, targets;  ///< ascending by source, then target
  std::vector<double> weights;
  std::vector<double> constants;  ///< by target
};
/// `weights` [channels, input channels, kernel, kernel] and `constants` [channels], both double.
Unfolded unfold(const Convolution& convolution, const at::Tensor& weights,
                const at::Tensor& constants);

/// What a unit of the parameter `driven`, held over one step, adds to the state `target` of each
/// neuron of a population. Throws UnsupportedError unless it is added to this state alone, and is
/// the same wherever the neuron stands below its threshold.
std::vector<double> step_response(const Network& network, const std::string& population,
                                  const std::string& target, const std::string& driven);

}  // namespace callosum::learn
