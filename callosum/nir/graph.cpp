#include "callosum/nir/graph.h"

#include <algorithm>
#include <set>

#include "callosum/core/error.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/data/hdf5_writer.h"

namespace callosum::nir {
namespace {

/// What a node of each type has. Names ending in '?' may be missing.
const std::map<std::string, std::vector<std::string>>& node_types() {
  static const std::map<std::string, std::vector<std::string>> all = {
      {"Input", {"shape"}},
      {"Output", {"shape"}},
      {"Affine", {"weight", "bias"}},
      {"Linear", {"weight"}},
      {"Scale", {"scale"}},
      {"Conv1d", {"input_shape?", "weight", "stride", "padding", "dilation", "groups", "bias"}},
      {"Conv2d", {"input_shape?", "weight", "stride", "padding", "dilation", "groups", "bias"}},
      {"SumPool2d", {"kernel_size", "stride", "padding"}},
      {"AvgPool2d", {"kernel_size", "stride", "padding"}},
      {"Flatten", {"start_dim", "end_dim", "input_type?"}},
      {"Delay", {"delay"}},
      {"Threshold", {"threshold"}},
      {"I", {"r"}},
      {"IF", {"r", "v_threshold", "v_reset"}},
      {"LI", {"tau", "r", "v_leak"}},
      {"LIF", {"tau", "r", "v_leak", "v_threshold", "v_reset"}},
      {"CubaLI", {"tau_syn", "tau_mem", "r", "v_leak", "w_in"}},
      {"CubaLIF", {"tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset", "w_in"}},
      {"NIRGraph", {}}};
  return all;
}

bool optional(const std::string& name) { return name.back() == '?'; }
std::string plain(const std::string& name) {
  return optional(name) ? name.substr(0, name.size() - 1) : name;
}

template <class Map>
std::vector<std::string> keys(const Map& map) {
  std::vector<std::string> all;
  for (const auto& [key, value] : map) all.push_back(key);
  return all;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& n : names) all += (all.empty() ? "" : ", ") + plain(n);
  return all;
}

void check_node(const NirNode& node, const std::string& where) {
  const auto type = node_types().find(node.type);
  if (type == node_types().end())
    throw NameError({.where = where,
                     .what = "no such type of node",
                     .got = node.type,
                     .expected = joined(keys(node_types())),
                     .nearest = nearest_name(node.type, keys(node_types()))});
  if (node.type == "NIRGraph") {
    if (node.graph.size() != 1)
      throw ValueError({.where = where, .what = "a NIRGraph holds one graph"});
    return check_nir(node.graph.front(), where + ", ");
  }
  std::set<std::string> known;
  for (const std::string& name : type->second) {
    known.insert(plain(name));
    if (optional(name) || node.numbers.contains(name) || node.texts.contains(name)) continue;
    throw NameError({.where = where,
                     .what = node.type + " lacks a parameter",
                     .got = joined(keys(node.numbers)),
                     .expected = name});
  }
  const auto unknown = [&](const std::string& name) {
    if (known.contains(name)) return;
    throw NameError({.where = where,
                     .what = node.type + " has no such parameter",
                     .got = name,
                     .expected = joined(type->second),
                     .nearest = nearest_name(name, std::vector(known.begin(), known.end()))});
  };
  for (const auto& [name, text] : node.texts) {
    unknown(name);
    if (name != "padding" || (text != "same" && text != "valid"))
      throw ValueError({.where = where + ", " + name,
                        .what = "a number was expected",
                        .got = "'" + text + "'",
                        .expected = name == "padding" ? "numbers, \"same\" or \"valid\"" : ""});
  }
  for (const auto& [name, array] : node.numbers) {
    unknown(name);
    std::size_t count = 1;
    for (std::size_t n : array.shape) count *= n;
    if (count != array.values.size() || array.values.empty())
      throw ValueError({.where = where + ", " + name,
                        .what = "shape and number of values do not fit",
                        .got = std::to_string(array.values.size()) + " values",
                        .expected = std::to_string(std::max<std::size_t>(count, 1))});
  }
}

NirGraph read_graph(const data::Hdf5File& file, const std::string& path, int depth);

NirNode read_node(const data::Hdf5File& file, const std::string& path, int depth) {
  NirNode node;
  const std::vector<std::string> type = file.texts(path + "/type");
  if (type.size() != 1)
    throw FileError({.where = file.name() + ", " + path, .what = "the node has no type"});
  node.type = type.front();
  if (node.type == "NIRGraph") {
    node.graph.push_back(read_graph(file, path, depth + 1));
    return node;
  }
  for (const std::string& name : file.children(path)) {
    const std::string at = path + "/" + name;
    if (name == "type" || name == "metadata") continue;
    if (file.is_group(at)) continue;  // a nested input_type; shapes are inferred
    if (file.is_text(at)) {
      const auto text = file.texts(at);
      node.texts[name] = text.empty() ? "" : text.front();
    } else {
      node.numbers[name] = {file.shape(at), file.numbers(at), file.is_whole(at)};
    }
  }
  if (node.numbers.contains("v_threshold") && !node.numbers.contains("v_reset")) {
    NirArray zero = node.numbers["v_threshold"];
    std::fill(zero.values.begin(), zero.values.end(), 0.0);
    node.numbers["v_reset"] = zero;
  }
  if (node.type == "CubaLIF" || node.type == "CubaLI")
    node.numbers.try_emplace("w_in", NirArray{{}, {1.0}});
  return node;
}

NirGraph read_graph(const data::Hdf5File& file, const std::string& path, int depth) {
  if (depth > 32)  // groups of a damaged file may hold themselves
    throw FileError({.where = file.name() + ", " + path, .what = "graphs are nested too deeply"});
  NirGraph graph;
  for (const std::string& name : file.children(path + "/nodes"))
    graph.nodes[name] = read_node(file, path + "/nodes/" + name, depth);
  if (file.shape(path + "/edges").size() == 2) {
    const std::vector<std::string> ends = file.texts(path + "/edges");
    for (std::size_t k = 0; k + 1 < ends.size(); k += 2)
      graph.edges.emplace_back(ends[k], ends[k + 1]);
  }
  return graph;
}

void write_graph(data::Hdf5Writer& out, const NirGraph& graph, const std::string& path) {
  out.texts(path + "/type", {}, {"NIRGraph"});
  out.group(path + "/nodes");
  for (const auto& [name, node] : graph.nodes) {
    const std::string at = path + "/nodes/" + name;
    if (node.type == "NIRGraph") {
      write_graph(out, node.graph.front(), at);
      continue;
    }
    out.texts(at + "/type", {}, {node.type});
    for (const auto& [key, array] : node.numbers)
      out.numbers(at + "/" + key, array.shape, array.values, array.whole, true);
    for (const auto& [key, text] : node.texts) out.texts(at + "/" + key, {}, {text});
  }
  std::vector<std::string> ends;
  for (const auto& [from, to] : graph.edges) {
    ends.push_back(from);
    ends.push_back(to);
  }
  out.texts(path + "/edges", {graph.edges.size(), 2}, ends);
}

}  // namespace

NirNode::NirNode(std::string t, std::map<std::string, NirArray> n)
    : type(std::move(t)), numbers(std::move(n)) {}

bool operator==(const NirNode& a, const NirNode& b) {
  return a.type == b.type && a.numbers == b.numbers && a.texts == b.texts && a.graph == b.graph;
}

void check_nir(const NirGraph& graph, const std::string& where) {
  for (const auto& [name, node] : graph.nodes) check_node(node, where + "node '" + name + "'");
  for (const auto& [from, to] : graph.edges)
    for (const std::string& end : {from, to})
      if (!graph.nodes.contains(end))
        throw NameError({.where = where + "edge from '" + from + "' to '" + to + "'",
                         .what = "there is no such node",
                         .got = end,
                         .nearest = nearest_name(end, keys(graph.nodes))});
}

NirGraph read_nir(const std::string& path) {
  const data::Hdf5File file(path);
  NirGraph graph = read_graph(file, "/node", 0);
  if (file.has("/version")) {
    const auto version = file.texts("/version");
    if (!version.empty()) graph.version = version.front();
  }
  check_nir(graph, path + ", ");
  return graph;
}

void write_nir(const std::string& path, const NirGraph& graph) {
  check_nir(graph, path + ", ");
  data::Hdf5Writer out(path);
  out.texts("/version", {}, {graph.version});
  write_graph(out, graph, "/node");
  out.commit();
}

}  // namespace callosum::nir
