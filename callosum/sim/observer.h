#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/jit/kernel.h"
#include "callosum/model/step.h"
#include "callosum/sim/aligned.h"

namespace callosum::sim {

template <class T>
class PopulationState;

/// One state or subexpression of a population, computed when asked from the present states,
/// parameters and driven parameters.
template <class T>
class Observer {
 public:
  /// Throws UnsupportedError for what has no value at an instant (noise).
  Observer(PopulationState<T>& population, std::string name, const jit::KernelOptions& kernel);
  /// Whether the value depends on a parameter that stimuli or continuous projections drive.
  bool reads_driven() const { return reads_driven_; }
  /// Takes over what `set` changed since.
  void refresh();
  /// Lanes [begin, end), both multiples of model::lane_padding. Safe for disjoint ranges.
  void compute(std::int64_t begin, std::int64_t end, double t_ms);
  const T* values() const { return out_; }

 private:
  PopulationState<T>& population_;
  model::Program program_;
  jit::Kernel kernel_;
  std::vector<Aligned<T>> memory_;
  std::vector<void*> slots_;
  std::vector<T> uniforms_;
  T* out_ = nullptr;
  int time_slot_ = -1;
  bool reads_driven_ = false;
};

}  // namespace callosum::sim
