#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callosum/learn/delay_taps.h"
#include "callosum/learn/spike_bits.h"
#include "callosum/network/network.h"

namespace callosum::learn {

/// What `fit` and `score` need of a module of libtorch through which spikes run. Buffers are kept
/// and restored with the trained parameters. In evaluation (`eval()`) a run changes no buffer.
class Trainable : public torch::nn::Module {
 public:
  /// Populations and time step. Only samples of its only population of model "spike_list" fit.
  virtual const Network& description() const = 0;
  /// The network with the present parameters, which `Simulation` runs.
  virtual Network network() const = 0;
  virtual std::uint64_t seed() const = 0;

  /// Outputs by name, of spikes of the only input population.
  virtual std::map<std::string, at::Tensor> run_spikes(const SpikeBits& spikes) = 0;
  /// Spikes of a population in the last run.
  virtual const SpikeBits& spikes(const std::string& population) const = 0;
  /// Of the last run: spikes times the synapses they reach before its end, all samples together.
  virtual double synaptic_operations() const = 0;

  virtual const std::vector<std::string>& trained() const = 0;
  /// The tensor of a name in `trained`; NameError for another.
  virtual at::Tensor& parameter(const std::string& name) = 0;
  /// Between backward pass and optimiser.
  virtual void constrain_gradients() {}
  /// After an optimiser's step.
  virtual void constrain() {}

  /// Ranges of learned delays, by projection.
  virtual const std::map<std::string, DelayOptions>& learned_delays() const {
    static const std::map<std::string, DelayOptions> none;
    return none;
  }
  virtual void set_delay_width(const std::string& /*projection*/, double /*width_ms*/) {}
  virtual void round_delays() {}
};

}  // namespace callosum::learn
