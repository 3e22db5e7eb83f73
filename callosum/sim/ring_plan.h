#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/on_pre.h"

namespace callosum::sim {

/// Which inputs have which ring, decided from the network alone. In slices (SlicedDelivery): those
/// that only plain, stored projections with delays of at least a step reach, one of them with
/// delays that differ, if their synapses are many enough that the index of delays is small beside
/// them. Of a single step: see punctual(). All others hold every step up to the longest delay.
class RingPlanner {
 public:
  RingPlanner(const Network& network, const std::vector<OnPre>& on_pre,
              const std::vector<Connectivity>& connectivities);

  bool sliced(std::uint32_t population, const std::string& input) const;
  /// Whether an input's ring holds the present step alone: only plain projections reach it, each
  /// with one delay of at least a step. Their spikes wait in the exchange, and are delivered in
  /// the step in which they arrive.
  bool punctual(std::uint32_t population, const std::string& input) const;
  /// Delay onto a population, in steps, at least one.
  std::uint32_t longest(std::uint32_t population) const;

 private:
  const Network& network_;
  const std::vector<OnPre>& on_pre_;
  const std::vector<Connectivity>& connectivities_;
  std::vector<bool> waiting_;

  template <class F>
  bool every_projection(std::uint32_t population, const std::string& input, F holds) const;
};

}  // namespace callosum::sim
