#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callosum/network/network.h"

/// What a network costs in bits: time steps, bits of a spike and bits of a weight count as one
/// resource, so that spiking and quantised networks can be compared (after Shen et al. 2023, arXiv
/// 2311.10802; the measures' formulas are our reading).
namespace callosum::learn {

/// One layer. An ordinary quantised network has steps = 1 and spike_bits = bits of its activations.
struct LayerCost {
  std::string name;
  double operations = 0;  ///< M: multiply-accumulates a step
  std::int64_t steps = 1;
  int spike_bits = 1, weight_bits = 32;
  double active = 1;   ///< r: share of the entering spikes that are not zero, whatever their bits
  double weights = 0;  ///< how many are stored

  double bits() const;                 ///< BB = T b_s b_w, a connection
  double effort() const;               ///< S = M T b_s b_w
  double sparse_effort() const;        ///< NS = r S
  double synaptic_operations() const;  ///< r M T: does not see the bits
  double memory_bits() const;          ///< weights times b_w
};

/// The layers of a network, and their sums.
class BitBudget {
 public:
  /// ValueError, naming the layer, unless bits are 1 to 32, steps at least 1, the share in [0, 1]
  /// and the other numbers finite and not negative.
  void add(LayerCost layer);
  /// Of a network that is simulated: a layer a projection, spikes of one bit. `rates`: spikes a
  /// unit and step of the source populations, at most 1; those left out are fully active. NameError
  /// for a population that does not exist.
  static BitBudget of(const Network& network, std::int64_t steps,
                      const std::map<std::string, double>& rates, int weight_bits = 32);

  const std::vector<LayerCost>& layers() const { return layers_; }
  double effort() const;
  double sparse_effort() const;
  double synaptic_operations() const;
  double memory_bits() const;

 private:
  std::vector<LayerCost> layers_;
};

/// Spikes of an integrate-and-fire neuron that subtracts its threshold and fires at most once a
/// step, in `steps` steps under a constant input: u starts at `start`. ValueError unless threshold
/// > 0 and steps >= 1.
std::int64_t integrate_and_fire_count(double start, double input, double threshold,
                                      std::int64_t steps);
/// clip(floor((start + steps input) / threshold), 0, steps): a uniform quantiser of steps + 1
/// levels. Equal to the count for 0 <= start < threshold and 0 <= input <= threshold, up to
/// rounding where the quotient is whole.
std::int64_t quantised_count(double start, double input, double threshold, std::int64_t steps);

}  // namespace callosum::learn
