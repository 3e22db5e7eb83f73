#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "callosum/nir/graph.h"
#include "callosum/nir/linear_map.h"

namespace callosum::nir {

/// What arrives at a node: maps from nodes with a state and from inputs, and a constant.
struct Arriving {
  std::map<std::string, LinearMap> from = {};
  std::vector<double> bias = {};
};

/// A graph with the graphs in it written out: their nodes are "graph.node", their Inputs and
/// Outputs pass on what they get. Answers what a node gets through nodes without a state.
class FlatGraph {
 public:
  /// `step`: dt in the graph's unit of time. Throws UnsupportedError for a graph within a graph
  /// that has not one Input and one Output.
  FlatGraph(const NirGraph& graph, double step);

  const NirNode& node(const std::string& name) const { return nodes_.at(name); }
  /// Names with inputs first, then depth first: an edge to an earlier node closes a loop.
  const std::vector<std::string>& order() const { return order_; }
  bool closes_loop(const std::string& from, const std::string& to) const;

  /// An input of the whole graph, not of one within it.
  bool is_input(const std::string& name) const;
  bool has_state(const std::string& name) const;
  bool fires(const std::string& name) const;      ///< inputs are taken to
  bool continues(const std::string& name) const;  ///< an edge leads on

  /// Of what a node gives out; empty where nothing tells. Throws ShapeError, ValueError.
  Shape shape_of(const std::string& name);
  /// Throws UnsupportedError for a loop without a state, ShapeError where sizes do not fit.
  const Arriving& arriving(const std::string& name);
  /// Nodes with one value for a whole layer.
  const std::vector<std::string>& spread() const { return spread_; }

 private:
  const std::vector<std::string>& before(const std::string& name) const;
  Shape input_shape(const std::string& name);
  void find_order();
  static void add(Arriving& all, Arriving part, const std::string& name);

  double step_;
  std::map<std::string, NirNode> nodes_;
  std::vector<std::pair<std::string, std::string>> edges_;
  std::map<std::string, std::vector<std::string>> into_;
  std::vector<std::string> order_, spread_;
  std::map<std::string, std::size_t> place_;
  std::map<std::string, Shape> shapes_;
  std::set<std::string> finding_, gathering_;
  std::map<std::string, Arriving> arriving_;
};

/// How messages call a node.
std::string node_name(const std::string& name);

}  // namespace callosum::nir
