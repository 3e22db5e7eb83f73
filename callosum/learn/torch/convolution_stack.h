#pragma once

#include <memory>

#include "callosum/learn/torch/convolution.h"
#include "callosum/learn/torch/module.h"

namespace callosum::learn {

/// A convolutional spiking network: populations that are stepped by `Module`, one after the other,
/// and between them libtorch's convolution, mean over windows and batch normalisation, step by step
/// of the same frame: a spike reaches the next population within its step.
///
/// Trained: "name", the weights [channels, input channels, kernel, kernel] of each convolution;
/// "name.offset" [channels], in the target's unit; where it normalises, "name.gain" [channels].
/// Normalisation is over samples, steps and places of a batch (Ioffe and Szegedy 2015, algorithm
/// 1), in evaluation by running means (buffers).
class ConvolutionStack final : public Trainable {
 public:
  /// `network`: one population of model "spike_list", others, no projections. Of the options
  /// `seed`, `threads`, `surrogate`, `surrogates` and `outputs` are used; NameError,
  /// UnsupportedError for others. Every population has one convolution into it, from the input or
  /// from one that has its own before it in the list; ShapeError where sizes differ.
  ConvolutionStack(const Network& network, std::vector<Convolution> convolutions,
                   ModuleOptions options);
  ~ConvolutionStack() override;

  std::map<std::string, at::Tensor> run_spikes(const SpikeBits& spikes) override;
  const std::vector<std::string>& trained() const override;
  at::Tensor& parameter(const std::string& name) override;
  const SpikeBits& spikes(const std::string& population) const override;
  double synaptic_operations() const override;
  std::uint64_t seed() const override;

  const Network& description() const override;  ///< as it was given
  /// With running means folded into explicit synapses of no delay and constant currents: what
  /// `Simulation` runs. Potentials differ from evaluation's by rounding alone.
  Network network() const override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace callosum::learn
