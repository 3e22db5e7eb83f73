#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callosum/core/units.h"
#include "callosum/network/network.h"
#include "callosum/nir/graph.h"
#include "callosum/nir/linear_map.h"

namespace callosum::nir {

/// How the differential equations of a graph become steps. NIR does not say.
enum class NirSteps {
  exact,     ///< the solution for an input that is held during the step
  euler,     ///< explicit Euler: v sees the current from before the step
  snntorch,  ///< Euler where v sees the current from after the step, as snnTorch has it
  norse,     ///< the same, and a spike adds w_in to the current, whatever the step, as Norse has it
};

struct NirOptions {
  Quantity dt = Quantity(1e-4, dimension::time);
  NirSteps steps = NirSteps::euler;
  /// What the graph counts times in. Every published file is in seconds, whatever NIR's page says.
  bool milliseconds = false;
  /// Real-valued inputs, [time, unit], held during their steps; an input that is not named takes
  /// spikes.
  std::map<std::string, std::vector<double>> values = {};
  /// Spikes of inputs, [time, unit]: not zero where there is one.
  std::map<std::string, std::vector<double>> spikes = {};
};

/// A graph as a network.
struct NirNetwork {
  Network network;
  /// Population of each node that has a state, of each input that takes spikes, and of each output;
  /// nodes of graphs in graphs are "graph.node".
  std::map<std::string, std::string> populations = {};
  std::map<std::string, Shape> shapes = {};  ///< of what they give out
  std::vector<std::string> inputs = {}, outputs = {};
  /// What was assumed because the graph does not say it, one sentence each.
  std::vector<std::string> assumptions = {};
};

/// Nodes without a state become the weights of projections, neurons become the models discrete_li,
/// discrete_lif, discrete_cuba_li, discrete_cuba_lif, an input a list of spikes. Spikes act in the
/// step in which they are fired; where a loop closes, one step later. Values that are no spikes are
/// read one step late. Everything that fires or comes out is recorded. Throws ShapeError,
/// ValueError, UnsupportedError, naming the node.
NirNetwork network_of(const NirGraph& graph, const NirOptions& options = {});

}  // namespace callosum::nir
