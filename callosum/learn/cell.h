#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/jit/kernel.h"
#include "callosum/learn/still_states.h"
#include "callosum/learn/tape.h"
#include "callosum/model/step.h"
#include "callosum/network/network.h"
#include "callosum/sim/aligned.h"
#include "callosum/sim/constant_program.h"
#include "callosum/sim/population_state.h"

namespace callosum::learn {

struct CellOptions {
  model::AdjointOptions adjoint;
  std::set<std::string> trained = {};           ///< parameters whose gradient is wanted
  std::set<std::string> driven_gradients = {};  ///< driven parameters whose gradient is wanted
  jit::KernelOptions kernel = {};
  std::uint64_t seed = 1;
};

/// Initial values that are expressions of parameters and that the population does not override, as
/// a program of constants that stores "initial(x)". `parameters`: one value, or one a neuron.
model::Program initial_program(const Population& population,
                               const std::map<std::string, std::vector<double>>& parameters);
/// Keys the random numbers that a step draws into its slot `draw` (DESIGN section 4).
StreamKey draw_key(const Population& population, const model::Slot& draw, std::uint64_t seed,
                   std::int64_t sample);

/// What one thread holds of one population while it works through a tile of samples. Rows have the
/// population's padded lanes.
template <class T>
struct CellRows {
  sim::Aligned<T> states;       ///< [sample, state]
  sim::Aligned<T> driven;       ///< [sample, driven parameter]
  sim::Aligned<T> draws;        ///< [sample, draw]
  sim::Aligned<T> bars;         ///< [sample, state]
  sim::Aligned<T> spike_bars;   ///< [sample]
  sim::Aligned<T> driven_bars;  ///< [sample, driven parameter]
  /// [slot, input, sample]: what arrives in a step, in slot 0, which is zero between steps; in the
  /// reverse pass, derivatives by it, of the steps of a window and those that delays reach back to.
  sim::Aligned<T> arrivals;
  sim::Aligned<std::uint64_t> masks;  ///< [sample, event]
  std::vector<std::vector<void*>> columns, columns_back,
      columns_active;  ///< by sample: what the kernels read
  std::vector<std::vector<std::uint64_t*>> mask_pointers;
  std::vector<T> uniforms, uniforms_back, uniforms_active;
};

/// A population as the unroll sees it: its step and the adjoint of it, as kernels over one sample's
/// row of neurons, and what leads from their constants to the model's parameters.
template <class T>
class Cell {
 public:
  Cell(const Network& network, std::uint32_t population, const sim::PopulationNeeds& needs,
       const CellOptions& options);

  std::uint32_t size() const { return size_; }
  std::size_t lanes() const { return lanes_; }  ///< padded
  bool fires() const { return spike_mask_ >= 0; }
  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& driven() const { return driven_; }
  const std::vector<std::string>& states() const { return states_; }
  bool stays_zero(std::size_t state) const { return still_.contains(states_[state]); }
  const T* initial() const { return initial_.data(); }  ///< [state]
  int kept() const { return taped_.kept; }              ///< rows a step leaves for the reverse pass
  /// The driven parameter's own value, a row; null where the step does not read it.
  const T* own_value(std::size_t driven) const { return own_values_[driven].data(); }
  const std::vector<std::string>& summed() const { return summed_; }  ///< rows of `sums`

  /// Parameters: one value, or one a neuron.
  bool is_parameter(const std::string& name) const { return parameters_.contains(name); }
  const std::vector<double>& parameter(const std::string& name) const {
    return parameters_.at(name);
  }
  /// Returns whether what step() keeps from now on is another number of rows or means another
  /// thing.
  bool set(const std::string& name, std::vector<double> values);

  CellRows<T> rows(std::size_t samples, std::size_t slots) const;
  /// Where the arrivals of an input in a step's slot stand, of one of `samples` samples.
  T* arrivals(CellRows<T>& rows, std::size_t slot, std::size_t input, std::size_t samples,
              std::size_t u) const {
    return rows.arrivals.data() + ((slot * inputs_.size() + input) * samples + u) * lanes_;
  }
  /// One step of one of `samples` samples: states in place, arrivals left zero, a bit of `spikes`
  /// for each neuron that fires; `kept`, unless null, receives what step_back needs.
  void step(CellRows<T>& rows, std::size_t u, std::size_t samples, std::int64_t sample,
            std::int64_t n, double t_ms, T* kept, std::uint64_t* spikes) const;
  /// The reverse of step n: `bars` from after the step to before it, derivatives by arrivals of
  /// `slot`.
  void step_back(CellRows<T>& rows, std::size_t u, std::size_t slot, std::size_t samples,
                 double t_ms, const T* kept, T* sums) const;

  /// Whether the derivative of a spike is zero outside a part of the range.
  bool compact() const { return active_ != nullptr; }
  /// A bit of `mask` for each neuron whose spike_bars matter in the reverse of step n.
  void find_active(CellRows<T>& rows, std::size_t u, double t_ms, const T* kept,
                   std::uint64_t* mask) const;

  /// Derivatives of the trained parameters from `sums` [summed(), lanes] and the derivative with
  /// respect to the initial states, [state, lanes].
  std::map<std::string, std::vector<double>> parameter_gradients(const T* sums,
                                                                 const T* initial) const;

 private:
  void compile(const model::Program& step);
  void find_slots();
  Held held(const model::Slot& slot, const sim::ConstantProgram& constants) const;
  bool find_still();  ///< whether the kernels are others now
  std::set<std::string> depending_on(const std::set<std::string>& parameters) const;
  void fill(const model::Program& program, std::vector<T>& uniforms);
  bool refresh();  ///< as find_still
  void refresh_initial();
  void fill_draws(CellRows<T>& rows, std::size_t u, std::int64_t sample, std::int64_t n) const;
  void add_gradients(const model::Program& adjoint, const std::vector<std::string>& names,
                     const T* bars, const std::string& prefix,
                     std::map<std::string, std::vector<double>>& result) const;

  const Population& population_;
  CellOptions options_;
  std::uint32_t size_;
  std::size_t lanes_;
  std::set<std::string> reached_by_trained_;  ///< parameters and derived values of the step
  std::vector<std::string> inputs_, driven_, states_, summed_;
  model::StepProgram compiled_;
  /// States that begin at zero and stay there with the present parameters; the kernels leave them
  /// out.
  std::set<std::string> still_;
  TapedStep taped_;
  std::unique_ptr<jit::Kernel> plain_, forward_, backward_, active_;
  model::Program constants_adjoint_, initial_adjoint_;
  std::map<std::string, std::vector<double>> parameters_;
  std::map<std::string, sim::Aligned<T>> lane_values_;  ///< parameters and derived, by slot
  std::vector<T> uniforms_, uniforms_back_, uniforms_active_;
  std::vector<sim::Aligned<T>> own_values_;
  sim::Aligned<T> initial_;
  int time_slot_ = -1, time_slot_back_ = -1, spike_mask_ = -1, first_kept_ = -1;
  std::vector<int> arrivals_;   ///< slots of the step, by input
  std::vector<int> kept_back_;  ///< slots of the reverse program, -1: it does not read it
  std::vector<int> kept_active_;
  int time_slot_active_ = -1;
  std::vector<int> arrivals_back_;  ///< by input
  std::vector<int> sums_back_;      ///< by summed()
  std::vector<model::Slot> draws_;
};

}  // namespace callosum::learn
