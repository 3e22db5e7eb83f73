#pragma once

#include <set>

#include "callosum/core/team.h"
#include "callosum/learn/event_prop.h"
#include "callosum/learn/unroll.h"

namespace callosum::learn {

template <class T>
struct EventProp<T>::Impl {
  Impl(Network network, EventPropOptions options);

  enum class Kind { list, neuron, readout };
  enum class Variable { I_ex, I_in, V_m, other };
  struct Constants {
    double tau_m, C_m, keep_V;  ///< keep: over a step
    double E_L = 0, I_e = 0, V_th = 0, V_reset = 0;
    std::int64_t refractory = 0;                           ///< steps
    double tau_s[2] = {}, keep_I[2] = {}, I_to_V[2] = {};  ///< of I_ex, I_in
  };
  struct Cell {
    std::string name;
    std::uint32_t units;
    Kind kind;
    std::vector<Constants> constants = {};  ///< [unit]
    std::span<const T> V, I[2];             ///< of the last forward pass
    std::span<const T> by_time, by_V;       ///< cotangents
  };
  struct Synapse {
    std::uint32_t delay, target, index;
  };
  struct Wires {
    std::uint32_t from, to;
    Variable variable;
    std::vector<std::size_t> rows;  ///< by source neuron; within a row delays ascend
    std::vector<Synapse> synapses;
    std::set<std::uint32_t> delays;
    std::size_t size = 0;
    std::vector<T> weights, by_weight, by_delay;  ///< [synapse]
  };
  /// The derivative of the loss with respect to what one sample has at a time, walking back.
  struct Walk {
    std::vector<std::vector<double>> by_V, by_I[2];  ///< by population, [unit]
    std::vector<std::vector<double>> by_spike;       ///< by population, of times, [step, unit]
    std::vector<std::vector<std::int64_t>>
        held_after;  ///< by population: V is held after this step
    std::vector<std::uint32_t> ids;
  };
  /// Sums over a run of samples.
  struct Chunk {
    std::vector<std::vector<double>> by_weight, by_delay;  ///< by projection
  };

  void read_parameters(Cell& cell, const Population& population);
  void read_synapses(std::uint32_t projection);
  std::uint32_t projection(std::string_view name) const;
  std::uint32_t population(std::string_view name) const;

  void take(const Cotangents& cotangents);
  void sample_back(std::int64_t sample, Walk& walk, Chunk& chunk) const;
  void arrivals_back(std::int64_t n, std::int64_t sample, Walk& walk, Chunk& chunk) const;
  void events_back(std::uint32_t p, std::int64_t n, std::int64_t sample, Walk& walk) const;
  void integrate_back(std::uint32_t p, std::int64_t n, Walk& walk) const;
  double slope(const Cell& cell, std::uint32_t i, std::int64_t n, std::int64_t sample,
               double V) const;
  double crossing_slope(const Cell& cell, std::uint32_t i, std::int64_t n,
                        std::int64_t sample) const;

  EventPropOptions options;
  Team team;
  Unroll<T> unroll;
  Network network;
  std::vector<Cell> cells;   ///< by population
  std::vector<Wires> wires;  ///< by projection
  bool ran = false;
};

}  // namespace callosum::learn
