#include "callosum/sonata/node_sets.h"

#include <algorithm>
#include <set>

#include "callosum/core/error.h"

namespace callosum::sonata {
namespace {

bool any_of(const std::vector<Scalar>& wanted, const Scalar& value) {
  return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool holds(const Nodes& nodes, std::size_t i, const std::string& key,
           const std::vector<Scalar>& wanted) {
  if (key == "population") return any_of(wanted, nodes.name);
  if (key == "node_id") return any_of(wanted, static_cast<double>(nodes.ids[i]));
  const auto column = nodes.attributes.find(key);
  if (column == nodes.attributes.end()) return false;
  if (column->second.is_text()) return any_of(wanted, column->second.text(i));
  return any_of(wanted, column->second.numbers[i]);
}

class Chooser {
 public:
  Chooser(const Circuit& circuit, const std::map<std::string, NodeSet>& sets, std::string where)
      : circuit_(circuit), sets_(sets), where_(std::move(where)) {}

  void add(const std::string& name) {
    const auto found = sets_.find(name);
    if (found == sets_.end()) return add_population(name);
    if (!open_.insert(name).second)
      throw NameError({.where = where_, .what = "the node set holds itself", .got = name});
    if (found->second.parts.empty())
      add_rules(found->second);
    else
      for (const std::string& part : found->second.parts) add(part);
    open_.erase(name);
  }

  std::map<std::string, std::vector<std::uint32_t>> result() const {
    std::map<std::string, std::vector<std::uint32_t>> all;
    for (const auto& [nodes, positions] : chosen_)
      if (!positions.empty()) all[nodes].assign(positions.begin(), positions.end());
    return all;
  }

 private:
  /// Populations, and "all", are sets that need no definition.
  void add_population(const std::string& name) {
    bool found = name == "all";
    std::vector<std::string> names;
    for (const auto& [known, set] : sets_) names.push_back(known);
    for (const Nodes& nodes : circuit_.nodes) {
      names.push_back(nodes.name);
      if (name != "all" && nodes.name != name) continue;
      found = true;
      for (std::uint32_t i = 0; i < nodes.size(); ++i) chosen_[nodes.name].insert(i);
    }
    if (!found)
      throw NameError({.where = where_,
                       .what = "there is no such node set",
                       .got = name,
                       .nearest = nearest_name(name, names)});
  }
  void add_rules(const NodeSet& set) {
    for (const Nodes& nodes : circuit_.nodes)
      for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        const bool all = std::all_of(set.rules.begin(), set.rules.end(), [&](const auto& rule) {
          return holds(nodes, i, rule.first, rule.second);
        });
        if (all) chosen_[nodes.name].insert(i);
      }
  }

  const Circuit& circuit_;
  const std::map<std::string, NodeSet>& sets_;
  std::string where_;
  std::set<std::string> open_;
  std::map<std::string, std::set<std::uint32_t>> chosen_;
};

}  // namespace

std::map<std::string, std::vector<std::uint32_t>> chosen_nodes(
    const Circuit& circuit, const std::map<std::string, NodeSet>& sets, const std::string& name,
    const std::string& where) {
  Chooser chooser(circuit, sets, where);
  chooser.add(name);
  return chooser.result();
}

}  // namespace callosum::sonata
