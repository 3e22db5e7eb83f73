#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "callosum/sim/continuous.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/stimulus.h"

namespace callosum::sim {

/// What a network's stimuli and continuous projections do to one population in each step.
template <class T>
class Drives {
 public:
  void add_stimulus(ActiveStimulus& stimulus, const PopulationState<T>& population);
  void add_continuous(ContinuousProjection<T>& projection, const std::string& target);
  /// Others add to it in each step after fill().
  void add_parameter(const std::string& target) { of(target); }
  /// Takes over columns and values after a `set`.
  void refresh(const PopulationState<T>& population);

  /// Driven parameters of neurons [begin, end) in step n: own value, then stimuli, then continuous
  /// projections, each in the order they were added.
  void fill(std::uint32_t begin, std::uint32_t end, std::int64_t n, std::uint64_t draw);
  /// Poisson arrivals of step n on neurons of one slice of every ring: the last terms of its slots.
  void arrive(std::vector<Ring<T>>& rings, std::uint32_t begin, std::uint32_t end, std::int64_t n,
              std::uint64_t draw);

 private:
  struct Driven {
    std::string name;
    T* column = nullptr;
    const std::vector<double>* own = nullptr;
    std::vector<ActiveStimulus*> stimuli = {};
    std::vector<ContinuousProjection<T>*> continuous = {};
  };
  Driven& of(const std::string& name);

  std::vector<Driven> driven_;
  std::vector<std::pair<std::size_t, ActiveStimulus*>> poisson_;  ///< input, stimulus
};

}  // namespace callosum::sim
