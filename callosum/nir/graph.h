#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace callosum::nir {

/// Numbers of a NIR node, row-major; without dimensions a single one.
struct NirArray {
  std::vector<std::size_t> shape = {};
  std::vector<double> values = {};
  bool whole = false;  ///< whole numbers, such as a stride
  bool operator==(const NirArray&) const = default;
};

struct NirGraph;

/// A node of a NIR graph: a type of the 18 that NIR 1.0 has, and its parameters.
struct NirNode {
  NirNode() = default;
  NirNode(std::string type, std::map<std::string, NirArray> numbers);

  std::string type;
  std::map<std::string, NirArray> numbers;
  std::map<std::string, std::string> texts;  ///< such as padding: "same"
  std::vector<NirGraph> graph;               ///< NIRGraph: one
};
bool operator==(const NirNode& a, const NirNode& b);

/// The Neuromorphic Intermediate Representation, version 1 (Pedersen et al. 2024, Nat. Commun.
/// 15:8122): nodes and edges between them; a node may be a graph; a cycle is recurrence. Node names
/// are unique.
struct NirGraph {
  std::map<std::string, NirNode> nodes = {};
  std::vector<std::pair<std::string, std::string>> edges = {};
  std::string version = "1.0.8";  ///< of the package whose files these are
  bool operator==(const NirGraph& o) const { return nodes == o.nodes && edges == o.edges; }
};

/// Reads and checks: types and parameters are known, the edges' nodes exist. `v_reset`, which older
/// files leave out, is zero. Metadata are not kept: nothing may depend on them.
/// Throws FileError for a damaged file, NameError and ValueError naming file and node.
NirGraph read_nir(const std::string& path);
/// Writes the file that NIR's own package reads. Throws what read_nir throws.
void write_nir(const std::string& path, const NirGraph& graph);
/// Throws NameError and ValueError; `where` stands before the node's name.
void check_nir(const NirGraph& graph, const std::string& where);

}  // namespace callosum::nir
