#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/jit/kernel.h"
#include "callosum/learn/delay_taps.h"
#include "callosum/learn/spike_bits.h"
#include "callosum/model/adjoint.h"
#include "callosum/network/network.h"

namespace callosum::learn {

/// What a derivative is multiplied by on its way back through a projection.
enum class Feedback {
  transposed,  ///< its weights: the gradient
  random,      ///< fixed normal numbers of the first weights' root mean square (Lillicrap, Cownden,
               ///< Tweed and Akerman 2016, Nat. Commun. 7:13276)
  sign,        ///< the signs of its weights times that number (Liao, Leibo and Poggio 2016, AAAI)
};

/// Names: a projection's own for its weights, "projection.delay" for its delays,
/// "population.variable" for parameters and states.
struct UnrollOptions {
  std::uint64_t seed = 1;
  int threads = 1;
  /// What stands for the derivative of a spike: for all populations, and for single ones.
  model::AdjointOptions surrogate = {.surrogate = model::Surrogate::fast_sigmoid};
  std::map<std::string, model::AdjointOptions> surrogates = {};
  /// Whose gradients are wanted; absent: the weights of every projection.
  std::optional<std::vector<std::string>> trained = {};
  /// Projections whose delays need not be whole steps, by name: the range they may move in. Their
  /// gradients are wanted where `trained` holds "projection.delay".
  std::map<std::string, DelayOptions> delays = {};
  /// By projection; others carry derivatives back by their own weights.
  std::map<std::string, Feedback> feedback = {};
  /// Parameters that receive a current (or whatever they are) over [time, batch, unit], added to
  /// their own value as a stimulus is.
  std::vector<std::string> currents = {};
  std::vector<std::string> record = {};  ///< states whose values are given out
  bool input_gradients = false;          ///< gradients of input spikes and currents too
  jit::KernelOptions kernel = {};
};

/// A static network unrolled over [time, batch, unit], forward and reverse (DESIGN section 5). It
/// steps the program that `Simulation` steps, with the same order of sums: sample 0 has the bits of
/// a Simulation of the same seed and input, and so has every sample of a network that draws no
/// numbers as it runs. The reverse pass is the program's adjoint; where a spike is, its derivative
/// is the surrogate named in the options. Results do not depend on the number of threads or the
/// width of vectors.
///
/// Populations of model "spike_list" are inputs. A network is static when its projections carry
/// spikes by `target += weight`. Anything else is refused by name, with UnsupportedError:
/// plasticity, synapses with equations of their own, continuous projections. Stimuli that draw
/// numbers draw others for every sample. T is the precision.
template <class T>
class Unroll {
 public:
  explicit Unroll(Network network, UnrollOptions options = {});
  ~Unroll();
  Unroll(Unroll&&) noexcept;

  struct Inputs {
    /// By input population; one that is left out fires as its own list says, in every sample.
    std::map<std::string, SpikeBits> spikes = {};
    /// By name in options.currents, [time, batch, unit]; one left out is zero.
    std::map<std::string, std::span<const T>> currents = {};
  };
  /// Where every sample of a run stands: what it takes to go on from there.
  struct State {
    std::int64_t step = 0, batch = 0;
    std::vector<std::vector<T>> states = {};  ///< by population, [batch, state, padded unit]
    std::vector<SpikeBits> recent = {};       ///< by population: the last steps that delays reach
  };
  /// Runs `batch` samples over `steps`, from the initial state or from where another run ended.
  /// With `keep`, what the reverse pass needs is kept until the next call; it ends where this run
  /// began, and lets no gradient through to a run before. Throws ShapeError naming both sides,
  /// NameError, and NumericalError naming population, state and sample when a state is not finite
  /// at the end.
  void forward(std::int64_t steps, std::int64_t batch, const Inputs& inputs, bool keep = true,
               const State* from = nullptr);
  /// The end of the last forward pass.
  State state() const;
  std::int64_t steps() const;
  std::int64_t batch() const;

  const SpikeBits& spikes(std::string_view population) const;
  /// A recorded state at the end of each step, [time, batch, unit].
  std::span<const T> recorded(std::string_view name) const;

  /// Derivatives of the loss. Those left out are zero.
  struct Cotangents {
    std::map<std::string, std::span<const T>> spikes = {};  ///< by population, [time, batch, unit]
    std::map<std::string, std::span<const T>> counts = {};  ///< of sums over time, [batch, unit]
    std::map<std::string, std::span<const T>> recorded = {};  ///< [time, batch, unit]
  };
  /// The reverse of the last forward pass that kept; replaces all gradients. Throws ShapeError,
  /// NameError, and ValueError when there is no such pass.
  void backward(const Cotangents& cotangents);

  const std::vector<std::string>& trained() const;
  /// Values and gradients of weights and delays ([synapse] in (source, draw order): for all-to-all
  /// [source, target]) and parameters (one value, or one a unit), internal units (delays: ms).
  std::vector<T> values(std::string_view name) const;
  /// Throws ShapeError, NameError, and ValueError for numbers that are not finite, outside the
  /// model's bounds, or delays outside their range.
  void set(std::string_view name, std::span<const T> values);
  /// The kernel of a projection's learned delays becomes this wide, ms; 0: two taps.
  void set_delay_width(std::string_view projection, double width_ms);
  /// Every learned delay becomes the nearest whole number of steps, and its kernel two taps: then
  /// this fires as `Simulation` of network().
  void round_delays();
  std::span<const T> gradient(std::string_view trained) const;
  /// Gradient of an input, [time, batch, unit]: a population of spikes or a current.
  std::span<const T> input_gradient(std::string_view name) const;

  /// The network with the present weights and parameters, for `Simulation` or a file; learned
  /// delays are rounded to whole steps.
  Network network() const;
  std::size_t bytes() const;  ///< of weights, states and all that is kept

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace callosum::learn
