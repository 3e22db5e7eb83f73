#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/archive.h"
#include "callosum/core/random.h"
#include "callosum/jit/kernel.h"
#include "callosum/model/step.h"
#include "callosum/network/network.h"
#include "callosum/sim/aligned.h"
#include "callosum/sim/partition.h"

namespace callosum::sim {

/// What a population needs beside its description.
struct PopulationNeeds {
  std::set<std::string> inputs;  ///< states that receive arrivals
  std::set<std::string> driven;  ///< parameters that change every step
};

/// The state of one population: a column per lane slot of its step program, padded to whole blocks
/// of lanes, and one value for every shared slot. T is the precision of the run.
template <class T>
class PopulationState {
 public:
  /// `replica` keys what a run draws (initial states, noise), not what the network is (parameters).
  PopulationState(const Network& network, std::uint32_t id, const PopulationNeeds& needs,
                  std::uint64_t seed, const jit::KernelOptions& kernel, std::uint32_t replica = 0);

  std::uint32_t size() const { return population_.size; }
  std::int64_t padded() const { return padded_; }
  bool has_model() const { return has_model_; }  ///< false for spike lists

  /// What one thread needs to run the kernel: its own copy of the slot table.
  struct Context {
    std::vector<void*> slots;
    std::vector<T> uniforms;
    std::vector<T*> arrivals;  ///< this step's, by inputs()
  };
  Context context() const { return {slots_, uniforms_, std::vector<T*>(inputs_.size())}; }

  /// A step of lanes [begin, end) that begins at t_ms; `draw` keys its random numbers. Safe for
  /// disjoint ranges, each caller with a context made since the last `set`.
  void step(Context& context, std::int64_t begin, std::int64_t end, double t_ms,
            std::uint64_t draw);

  /// A bit a neuron that fired in the last step; null for models that never do.
  const std::uint64_t* spikes() const { return spikes_; }

  /// Column of a state, null when there is none of this name.
  T* column(const std::string& name) const;
  /// Column of a driven parameter, null for others.
  T* driven(const std::string& name) const;
  /// Column of a state or driven parameter, null for others.
  T* present(const std::string& name) const;
  /// A parameter's own values (before stimuli): one, or one a neuron.
  const std::vector<double>& parameter(const std::string& name) const;

  const Population& description() const { return population_; }
  const model::StepOptions& step_options() const { return options_; }

  /// Values of a state or parameter, one a neuron.
  std::vector<double> values(const std::string& name) const;
  /// Sets states or parameters; recompiles when a parameter must become per neuron. Changes nothing
  /// when it throws.
  void set(const std::vector<std::uint32_t>& neurons, const std::string& name,
           const std::vector<double>& values);
  void restore_state();            ///< states as they were after construction
  void restart_at(double now_ms);  ///< what time `now_ms` was is time 0

  /// States (names and columns) for the watch over NaN.
  const std::vector<std::pair<std::string, T*>>& states() const { return states_; }
  const std::vector<std::string>& inputs() const { return inputs_; }

  /// States of the block of neurons that begins at `begin`, under the name `block`.
  void save(ArchiveWriter& out, const std::string& block, std::uint32_t begin) const;
  void load(const ArchiveReader& in, const std::string& block, std::uint32_t begin);
  /// Parameters as `set` left them, under the name `population`.
  void save_parameters(ArchiveWriter& out, const std::string& population) const;
  void load_parameters(const ArchiveReader& in, const std::string& population);

  double compile_seconds() const { return compile_seconds_; }
  std::size_t bytes() const;

 private:
  void compile();
  void run_constants();
  void fill_draws(const Context& context, std::int64_t begin, std::int64_t end,
                  std::uint64_t draw) const;
  std::vector<double> drawn(const Values& values, const model::Variable& variable,
                            std::uint32_t replica) const;
  std::vector<double> initial_values(const model::Variable& variable) const;
  void set_parameter(const std::vector<std::uint32_t>& neurons, const std::string& name,
                     const std::vector<double>& values);

  const Network& network_;
  const Population& population_;
  PopulationNeeds needs_;
  std::uint64_t seed_;
  std::uint32_t replica_;
  jit::KernelOptions kernel_options_;
  bool has_model_ = true;
  std::int64_t padded_ = 0;
  model::StepOptions options_;
  model::StepProgram compiled_;
  std::shared_ptr<const jit::Kernel> kernel_;
  std::map<std::string, std::vector<double>> parameters_;  ///< one value, or one a neuron
  std::map<std::string, Aligned<T>> columns_;              ///< by slot name
  std::vector<void*> slots_;  ///< as the kernel wants them; inputs filled per step
  std::vector<T> uniforms_;
  std::vector<Aligned<std::uint64_t>> masks_;
  std::vector<std::uint64_t*> mask_pointers_;
  const std::uint64_t* spikes_ = nullptr;
  std::vector<std::uint32_t> input_slots_;
  std::vector<std::string> inputs_;
  int time_slot_ = -1;
  struct Draw {
    std::uint32_t slot;
    bool normal;  ///< else uniform
    StreamKey key;
  };
  std::vector<Draw> draws_;
  std::vector<std::pair<std::string, T*>> states_;
  std::map<std::string, std::vector<T>> initial_;
  double compile_seconds_ = 0;
};

}  // namespace callosum::sim
