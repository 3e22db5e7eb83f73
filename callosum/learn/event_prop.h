#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/learn/spike_bits.h"
#include "callosum/network/network.h"

namespace callosum::learn {

struct EventPropOptions {
  std::uint64_t seed = 1;
  int threads = 1;
};

/// Gradients of spiking networks without a surrogate: between spikes the equations are linear, and
/// a spike's time moves with the potential that crosses the threshold (Wunderlich and Pehle 2021,
/// Sci. Rep. 11:12829, eq. 7 and table 1). The derivative of the loss is that of the network in
/// continuous time; on the grid it is right to first order in dt. It says nothing of spikes that
/// appear or vanish.
///
/// Takes networks whose populations have the equations of "lif_psc_exp" or "leaky_integrator" or
/// are spike lists, with static projections and no stimulus. Anything else is refused by name, with
/// UnsupportedError. The forward pass is `Unroll`'s; the reverse pass costs as many synapses as
/// spikes reach, and a few operations a neuron and step. T is the precision. Gradients have the
/// same bits for any number of threads.
template <class T>
class EventProp {
 public:
  explicit EventProp(Network network, EventPropOptions options = {});
  ~EventProp();
  EventProp(EventProp&&) noexcept;

  /// Runs `batch` samples over `steps` from the initial state; input spikes by population, as
  /// Unroll::Inputs. Throws as Unroll::forward.
  void forward(std::int64_t steps, std::int64_t batch, const std::map<std::string, SpikeBits>& in);
  const SpikeBits& spikes(std::string_view population) const;
  /// V_m at the end of each step, [time, batch, unit].
  std::span<const T> potentials(std::string_view population) const;

  /// Derivatives of the loss, [time, batch, unit] by population. Those left out are zero.
  struct Cotangents {
    /// By the time of the spike (ms) that stands in this step; read where there is one.
    std::map<std::string, std::span<const T>> times = {};
    /// Readouts: by V_m (mV) at the end of each step, of a loss that is an integral over time, a
    /// sum over steps of dt times a function of V_m.
    std::map<std::string, std::span<const T>> potentials = {};
  };
  /// The reverse of the last forward pass. Throws ShapeError, NameError, ValueError where there is
  /// none.
  void backward(const Cotangents& cotangents);

  /// [synapse] in (source, draw order), internal units; for all-to-all [source, target].
  std::vector<T> weights(std::string_view projection) const;
  void set_weights(std::string_view projection, std::span<const T> values);
  std::span<const T> weight_gradient(std::string_view projection) const;
  /// By each synapse's delay, per ms.
  std::span<const T> delay_gradient(std::string_view projection) const;

  Network network() const;  ///< with the present weights

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callosum::learn
