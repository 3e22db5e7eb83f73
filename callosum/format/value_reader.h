#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "callosum/format/document.h"
#include "callosum/format/findings.h"
#include "callosum/format/network_file.h"
#include "callosum/network/values.h"

namespace callosum::format {

/// Turns nodes into values. Whatever is wrong goes to the findings with its place, and nullopt
/// comes back.
class ValueReader {
 public:
  explicit ValueReader(Findings& findings, ArrayReader arrays = {})
      : findings_(findings), arrays_(std::move(arrays)) {}

  /// [variables]: each may use those above it.
  void define(const std::string& name, Quantity value) { variables_[name] = value; }
  const std::map<std::string, Quantity>& variables() const { return variables_; }

  std::optional<Quantity> quantity(const Node& node, const std::string& where);
  /// A quantity of a known unit.
  std::optional<Quantity> quantity(const Node& node, const std::string& where, Dimension expected);
  std::optional<double> number(const Node& node, const std::string& where);
  /// A whole number of at least `least`.
  std::optional<std::uint64_t> count(const Node& node, const std::string& where,
                                     std::uint64_t least = 0);
  std::optional<std::string> text(const Node& node, const std::string& where);
  std::optional<bool> flag(const Node& node, const std::string& where);
  /// A constant, an array, stored numbers, or { normal = ["mean", "sd"], low = , high = , policy =
  /// "redraw" } ...
  std::optional<Values> values(const Node& node, const std::string& where);
  std::optional<std::vector<Quantity>> list(const Node& node, const std::string& where);
  /// The numbers of { hdf5 = "file.h5", dataset = "name" }, the file beside this one; `unit` may
  /// say what they are in.
  std::optional<std::vector<double>> stored(const Node& node, const std::string& where);
  /// False, with a finding for each, when a table has keys that are not allowed.
  bool keys(const Node& table, const std::string& where, const std::vector<std::string>& allowed);
  /// A required entry; null with a finding when it is missing.
  const Node* required(const Node& table, const std::string& where, const std::string& key,
                       const std::string& example);

 private:
  std::optional<Values> distribution(const Node& node, const std::string& where);

  Findings& findings_;
  ArrayReader arrays_;
  std::map<std::string, Quantity> variables_;
};

/// Which pair of a list of sources and a list of targets is meant.
struct PairIndex {
  std::size_t source = 0, target = 0, sources = 1, targets = 1;
};

/// `node` with every { by_pair = [[...]] } (rows: targets, columns: sources), { by_source = [...] }
/// and { by_target = [...] } within it replaced by the entry of this pair; nullopt, with a finding,
/// when their sizes do not fit.
std::optional<Node> of_pair(const Node& node, const PairIndex& pair, const std::string& where,
                            Findings& findings);

}  // namespace callosum::format
