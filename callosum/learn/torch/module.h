#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "callosum/core/precision.h"
#include "callosum/learn/torch/constraint.h"
#include "callosum/learn/torch/plain_path.h"
#include "callosum/learn/torch/trainable.h"
#include "callosum/learn/unroll.h"

namespace callosum::learn {

struct ModuleOptions {
  std::uint64_t seed = 1;
  int threads = 1;
  Precision precision = Precision::single;  ///< of all tensors
  model::AdjointOptions surrogate = {.surrogate = model::Surrogate::fast_sigmoid};
  std::map<std::string, model::AdjointOptions> surrogates = {};  ///< of single populations
  /// What becomes a parameter: projections (their weights) and "population.parameter". Absent: the
  /// weights of every projection. "projection.delay" where `delays` gives its range.
  std::optional<std::vector<std::string>> trained = {};
  std::map<std::string, Constraint> constraints = {};  ///< by name in `trained`
  std::map<std::string, DelayOptions> delays = {};     ///< of projections, by name
  std::map<std::string, Feedback> feedback = {};       ///< of projections; run() only
  /// "population.parameter" that receives a current over [time, batch, unit] as an input.
  std::vector<std::string> currents = {};
  /// What a run gives out: "population", its spikes [time, batch, unit]; "population.count", their
  /// sum over time [batch, unit]; "population.state", at the end of each step [time, batch, unit].
  std::vector<std::string> outputs = {};
  bool input_gradients = false;  ///< let gradients through to input tensors
};

/// What a run is given, by name of population or current.
struct ModuleInputs {
  std::map<std::string, at::Tensor> tensors = {};  ///< [time, batch, unit]; spikes are 0 and 1
  std::map<std::string, SpikeBits> spikes = {};    ///< spikes of populations, a bit each
};

/// Where a batch stands after a run, for the next to go on from.
using CarriedState = std::shared_ptr<const void>;

/// A network as a module of libtorch: an autograd node around `Unroll`, whose parameters are the
/// network's own weights and neuron parameters in internal units (ms, mV, pA, nS). A run begins at
/// the initial state unless it is given another's end. Modules that have no state in time may stand
/// between two of these.
///
/// Backward runs the reverse of the last run; of an earlier one, it runs forward again first.
class Module : public Trainable {
 public:
  /// Throws what `Unroll` throws, and NameError for an output that does not exist.
  explicit Module(const Network& network, ModuleOptions options = {});
  /// The network of a file (docs/guide/network-file.md).
  static std::shared_ptr<Module> read(const std::filesystem::path& file,
                                      ModuleOptions options = {});
  ~Module() override;

  /// The only input into the only output: spikes [time, batch, unit] of the input population.
  at::Tensor forward(const at::Tensor& spikes);
  /// Outputs by name. Throws ShapeError naming both sides, NameError for an input that does not
  /// exist, ValueError for spikes that are not 0 or 1.
  std::map<std::string, at::Tensor> run(const ModuleInputs& inputs,
                                        const CarriedState& from = nullptr);
  std::map<std::string, at::Tensor> run_spikes(const SpikeBits& spikes) override {
    return run({.spikes = {{input(), spikes}}});
  }
  /// The end of the last run.
  CarriedState carried() const;

  /// The plain path: what a step of it does, autograd follows operation by operation. Slower, and
  /// the oracle of `run`; for modules inside a loop.
  using State = PlainPath::State;
  State start(std::int64_t batch) const;
  /// One step with inputs [batch, unit]; the outputs of this step, "population.count" being the
  /// step's own.
  SlotTensors step(State& state, const SlotTensors& inputs) const;

  const std::vector<std::string>& trained() const override;
  /// The tensor of a name in `trained`: weights and delays of all pairs are [source, target],
  /// others [synapse]; neuron parameters [] or [unit].
  at::Tensor& parameter(const std::string& name) override;
  /// Between backward pass and optimiser: gradients of what a constraint holds become zero.
  void constrain_gradients() override;
  /// After an optimiser's step: constraints hold again. Without a constraint of its own, a neuron
  /// parameter stays inside the range its model states; delays always stay inside theirs.
  void constrain() override;
  /// The kernel of a projection's learned delays becomes this wide, ms; 0: two taps. For annealing.
  void set_delay_width(const std::string& projection, double width_ms) override;
  /// Learned delays become whole steps, as network() writes them, and their kernels two taps: what
  /// is measured afterwards is what `Simulation` does.
  void round_delays() override;

  /// The network with the present parameters, which `Simulation` runs with the same spikes.
  Network network() const override;
  const Network& description() const override;  ///< as it was given
  const ModuleOptions& options() const;
  std::uint64_t seed() const override { return options().seed; }
  const std::map<std::string, DelayOptions>& learned_delays() const override {
    return options().delays;
  }
  std::string input() const;  ///< only_input()
  /// Spikes of a population in the last run.
  const SpikeBits& spikes(const std::string& population) const override;
  /// Of the last run: spikes times the synapses they reach before its end, all samples together.
  double synaptic_operations() const override;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

/// The name of the only population of model "spike_list"; NameError when there is not one.
std::string only_input(const Network& network);

}  // namespace callosum::learn
