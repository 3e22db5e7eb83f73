#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/nir/graph.h"
#include "callosum/nir/network_of.h"

namespace callosum::nir {

/// A population as a node, and what its input is worth there.
struct NeuronNode {
  NirNode node = {};
  std::set<std::string> targets = {};   ///< states that a spike may add to
  std::string values_target = {};       ///< parameter that takes values
  std::vector<double> spike_gain = {};  ///< of each neuron: what a weight of 1 in the graph adds
  std::vector<double> bias = {};        ///< constant input, in the graph's terms
};

/// Lists of spikes and models of kind source: Inputs of a graph.
bool is_source(const Population& population);

/// `constants`: what stimuli add to parameters, internal units. `dt_s`: the step in seconds. Throws
/// UnsupportedError naming the population and the field that NIR lacks.
NeuronNode neuron_node(const Population& population, const std::map<std::string, double>& constants,
                       double dt_s, NirSteps steps);

}  // namespace callosum::nir
