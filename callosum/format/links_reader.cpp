#include "callosum/format/network_reader.h"

namespace callosum::format {

bool NetworkReader::read_links(const Node& node, const std::string& where, const Part& to,
                               SynapseOptions& options) {
  if (!node.is_table()) {
    findings_.wrong_kind(node, where + ", 'links'",
                         "a table such as { A = { from = \"astrocyte\", variable = \"A\" } }");
    return false;
  }
  bool sound = true;
  for (const Node& entry : node.children) {
    const std::string at = where + ", link '" + entry.key + "'";
    if (!entry.is_table()) {
      findings_.wrong_kind(entry, at, "a table such as { from = \"astrocyte\", variable = \"A\" }");
      return false;
    }
    sound = values_.keys(entry, at, {"from", "variable", "rule", "weight", "delay"}) && sound;
    const Node* from_node = values_.required(entry, at, "from", "from = \"astrocyte\"");
    const Node* name = values_.required(entry, at, "variable", "variable = \"A\"");
    if (!from_node || !name) return false;
    const auto from = read_part(*from_node, at, true);
    const auto variable = values_.text(*name, at);
    if (!from || !variable) return false;
    Link link{from->view, *variable, {}, 1.0, {}};
    if (const Node* rule = entry.find("rule")) {
      double indegree = 0;
      bool scales = false;
      link.rule = read_rule(*rule, at, *from, to, indegree, scales);
      sound = sound && link.rule;
    }
    if (const Node* weight = entry.find("weight")) {
      const auto value = values_.values(*weight, at + ", 'weight'");
      sound = sound && value;
      if (value) link.weight = *value;
    }
    if (const Node* delay = entry.find("delay")) {
      link.delay = values_.values(*delay, at + ", 'delay'");
      sound = sound && link.delay;
    }
    options.links.emplace(entry.key, std::move(link));
  }
  return sound;
}

}  // namespace callosum::format
