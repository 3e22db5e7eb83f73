#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callosum/sonata/config.h"

namespace callosum::sonata {

/// An attribute, one value a node or edge: numbers, or texts of a few kinds.
struct Column {
  std::vector<double> numbers = {};       ///< NaN: not given
  std::vector<std::uint32_t> which = {};  ///< index into `texts`
  std::vector<std::string> texts = {};    ///< "": not given

  bool is_text() const { return !which.empty(); }
  const std::string& text(std::size_t i) const { return texts[which[i]]; }
};

/// A population of nodes. Attributes are those of its types, overridden by its groups.
struct Nodes {
  std::string name;
  std::vector<std::uint64_t> ids = {};  ///< each once; often 0, 1, 2, ...
  std::map<std::string, Column> attributes = {};
  std::map<std::string, std::vector<double>> parameters = {};  ///< dynamics_params; NaN: not given
  std::size_t size() const { return ids.size(); }
};

/// A population of edges between two populations of nodes.
struct Edges {
  std::string name, source = {}, target = {};
  std::vector<std::uint64_t> sources = {}, targets = {};  ///< ids of nodes
  std::map<std::string, Column> attributes = {};
  std::map<std::string, std::vector<double>> parameters = {};  ///< dynamics_params; NaN: not given
  std::size_t size() const { return sources.size(); }
};

struct Circuit {
  std::vector<Nodes> nodes = {};
  std::vector<Edges> edges = {};
};

/// All nodes and edges that the files hold. Throws FileError for a damaged or incomplete file,
/// ShapeError, NameError and ValueError, naming file, population and data set.
Circuit read_circuit(const CircuitConfig& config);
std::vector<Nodes> read_nodes(const TableFiles& files, const std::filesystem::path& models);
std::vector<Edges> read_edges(const TableFiles& files, const std::filesystem::path& models);

}  // namespace callosum::sonata
