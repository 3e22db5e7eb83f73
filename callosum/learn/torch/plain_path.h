#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <memory>
#include <set>

#include "callosum/learn/delay_taps.h"
#include "callosum/learn/torch/program_tensors.h"
#include "callosum/network/network.h"

namespace callosum::learn {

/// A network stepped in libtorch's own operations, a step a call: what autograd sees through. Its
/// equations are those of the simulation; sums are libtorch's, so spikes may differ from those of
/// the fused path where a potential meets its threshold within rounding.
class PlainPath {
 public:
  struct Options {
    std::uint64_t seed = 1;
    at::ScalarType type = at::kDouble;
    model::AdjointOptions surrogate;
    std::map<std::string, model::AdjointOptions> surrogates = {};
    std::vector<std::string> currents = {};           ///< "population.parameter"
    std::map<std::string, DelayOptions> delays = {};  ///< of projections, by name
  };
  /// `network` is one that `Unroll` takes.
  PlainPath(Network network, Options options);
  ~PlainPath();
  PlainPath(PlainPath&&) noexcept;

  /// Where a batch stands. Parameters are taken over when it begins.
  struct State {
    std::int64_t step = 0, batch = 0;
    std::vector<SlotTensors> states = {};             ///< by population, [batch, unit]
    std::vector<std::deque<at::Tensor>> spikes = {};  ///< by population, [batch, unit], newest last
    std::vector<SlotTensors> constants = {};          ///< by population: parameters, derived values
    /// By projection: delay -> [from, to].
    std::vector<std::map<std::uint32_t, at::Tensor>> weights = {};
  };
  /// The initial state of `batch` samples. `parameters`: tensors in place of the network's own
  /// values, weights [synapse] by projection, delays (ms) by "projection.delay", parameters [] or
  /// [unit] by "population.name".
  State start(std::int64_t batch, const SlotTensors& parameters = {}) const;

  /// One step. `inputs`: spikes of input populations and currents, [batch, unit]; those left out
  /// are silent or zero. Afterwards state.spikes and state.states hold what the step left.
  void step(State& state, const SlotTensors& inputs) const;
  void set_delay_width(const std::string& projection, double width_ms);
  /// How many synapses a spike of each neuron of a population reaches, by delay.
  std::map<std::uint32_t, std::vector<double>> synapses_of(std::uint32_t population) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callosum::learn
