#include "callosum/nir/flat_graph.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum::nir {
namespace {

using Edges = std::vector<std::pair<std::string, std::string>>;

/// Graphs in graphs written out: their nodes are "graph.node", their Inputs and Outputs pass on.
void flatten(const NirGraph& graph, const std::string& prefix,
             std::map<std::string, NirNode>& nodes, Edges& edges) {
  std::map<std::string, std::pair<std::string, std::string>> ports;  // of graphs: input, output
  const auto only = [&](const NirGraph& inner, const std::string& type, const std::string& name) {
    std::vector<std::string> found;
    for (const auto& [key, node] : inner.nodes)
      if (node.type == type) found.push_back(name + "." + key);
    if (found.size() != 1)
      throw UnsupportedError({.where = "NIR graph '" + name + "'",
                              .what = "a graph within a graph has one " + type,
                              .got = std::to_string(found.size())});
    return found.front();
  };
  for (const auto& [key, node] : graph.nodes) {
    const std::string name = prefix + key;
    if (node.type != "NIRGraph") {
      nodes[name] = node;
      continue;
    }
    const NirGraph& inner = node.graph.front();
    flatten(inner, name + ".", nodes, edges);
    ports[name] = {only(inner, "Input", name), only(inner, "Output", name)};
  }
  for (const auto& [from, to] : graph.edges) {
    const auto source = ports.find(prefix + from), target = ports.find(prefix + to);
    edges.emplace_back(source == ports.end() ? prefix + from : source->second.second,
                       target == ports.end() ? prefix + to : target->second.first);
  }
}

/// The shape that an Input states.
Shape stated_shape(const NirNode& node, const std::string& where) {
  Shape shape;
  double all = 1;
  for (double n : node.numbers.at("shape").values) {
    all *= n;
    if (!(n >= 1 && n == std::floor(n) && all <= 4294967295.0))
      throw ValueError({.where = where + ", shape",
                        .what = "sizes are whole numbers of 1 and more",
                        .got = std::to_string(n),
                        .expected = "at most 4294967295 elements"});
    shape.push_back(static_cast<std::size_t>(n));
  }
  return shape;
}

}  // namespace

std::string node_name(const std::string& name) { return "NIR node '" + name + "'"; }

FlatGraph::FlatGraph(const NirGraph& graph, double step) : step_(step) {
  flatten(graph, "", nodes_, edges_);
  for (const auto& [from, to] : edges_) into_[to].push_back(from);
  find_order();
}

bool FlatGraph::closes_loop(const std::string& from, const std::string& to) const {
  return place_.at(to) <= place_.at(from);
}
bool FlatGraph::has_state(const std::string& name) const {
  return !is_linear(nodes_.at(name).type);
}
bool FlatGraph::is_input(const std::string& name) const {
  return nodes_.at(name).type == "Input" && !into_.contains(name);
}
bool FlatGraph::continues(const std::string& name) const {
  return std::any_of(edges_.begin(), edges_.end(), [&](const auto& e) { return e.first == name; });
}
bool FlatGraph::fires(const std::string& name) const {
  const std::string& type = nodes_.at(name).type;
  return type == "Input" || type == "IF" || type == "LIF" || type == "CubaLIF" ||
         type == "Threshold";
}

const std::vector<std::string>& FlatGraph::before(const std::string& name) const {
  static const std::vector<std::string> none;
  const auto at = into_.find(name);
  return at == into_.end() ? none : at->second;
}

void FlatGraph::find_order() {
  std::set<std::string> open, done;
  const auto visit = [&](auto&& self, const std::string& name) -> void {
    open.insert(name);
    for (const auto& [from, to] : edges_) {
      if (from != name || done.contains(to)) continue;
      if (!open.contains(to)) self(self, to);
    }
    open.erase(name);
    done.insert(name);
    order_.push_back(name);
  };
  for (const auto& [name, node] : nodes_)
    if (is_input(name)) visit(visit, name);
  for (const auto& [name, node] : nodes_)
    if (!done.contains(name)) visit(visit, name);
  std::reverse(order_.begin(), order_.end());
  for (std::size_t i = 0; i < order_.size(); ++i) place_[order_[i]] = i;
}

Shape FlatGraph::shape_of(const std::string& name) {
  const auto known = shapes_.find(name);
  if (known != shapes_.end()) return known->second;
  if (finding_.contains(name)) return {};
  finding_.insert(name);
  const NirNode& node = nodes_.at(name);
  Shape shape;
  if (is_input(name)) {
    shape = stated_shape(node, node_name(name));
  } else if (has_state(name)) {
    for (const auto& [key, array] : node.numbers)
      if (array.values.size() > elements(shape) || shape.empty())
        if (array.values.size() > 1) shape = array.shape;
    const Shape given = input_shape(name);
    if (shape.empty() && !given.empty()) {
      shape = given;
      if (elements(shape) > 1) spread_.push_back(name);
    }
    if (shape.empty()) shape = {1};
    if (!given.empty() && elements(given) == elements(shape)) shape = given;
  } else {
    shape = input_shape(name);
    if (!shape.empty()) linear_map(node, shape, step_, node_name(name));
  }
  finding_.erase(name);
  if (!shape.empty()) shapes_[name] = shape;
  return shape;
}

Shape FlatGraph::input_shape(const std::string& name) {
  for (const std::string& from : before(name)) {
    const Shape shape = shape_of(from);
    if (!shape.empty()) return shape;
  }
  return {};
}

const Arriving& FlatGraph::arriving(const std::string& name) {
  const auto known = arriving_.find(name);
  if (known != arriving_.end()) return known->second;
  if (!gathering_.insert(name).second)
    throw UnsupportedError({.where = node_name(name),
                            .what = "a loop without a node that has a state",
                            .expected = "a neuron in every loop"});
  Arriving all;
  for (const std::string& from : before(name)) {
    const Shape shape = shape_of(from);
    if (shape.empty())
      throw ShapeError({.where = node_name(from), .what = "its shape cannot be found"});
    Arriving part;
    if (has_state(from) || is_input(from)) {
      part.from[from] = LinearMap::identity(elements(shape));
      part.bias.assign(elements(shape), 0.0);
    } else {
      Shape in = input_shape(from);
      const LinearMap own = linear_map(nodes_.at(from), in, step_, node_name(from));
      const Arriving& earlier = arriving(from);
      LinearMap constant{.sources = 0, .targets = earlier.bias.size(), .bias = earlier.bias};
      part.bias = compose(own, constant, node_name(from)).bias;
      for (const auto& [source, map] : earlier.from) {
        LinearMap passed = compose(own, map, node_name(from));
        passed.bias.assign(passed.targets, 0.0);
        part.from[source] = std::move(passed);
      }
    }
    add(all, std::move(part), name);
  }
  gathering_.erase(name);
  return arriving_[name] = std::move(all);
}

void FlatGraph::add(Arriving& all, Arriving part, const std::string& name) {
  if (all.bias.empty()) all.bias.assign(part.bias.size(), 0.0);
  if (all.bias.size() != part.bias.size())
    throw ShapeError({.where = node_name(name),
                      .what = "what arrives over its edges differs in size",
                      .got = std::to_string(part.bias.size()),
                      .expected = std::to_string(all.bias.size())});
  for (std::size_t i = 0; i < part.bias.size(); ++i) all.bias[i] += part.bias[i];
  for (auto& [source, map] : part.from) {
    auto [at, added] = all.from.try_emplace(source, map);
    if (added) continue;
    at->second.entries.insert(at->second.entries.end(), map.entries.begin(), map.entries.end());
    // The joined entries are in no order, which only the second map may be.
    at->second = compose(at->second, LinearMap::identity(at->second.sources), node_name(name));
  }
}

}  // namespace callosum::nir
