#include "callosum/format/network_reader.h"

namespace callosum::format {
namespace {

const std::vector<std::string> projection_keys{"name",     "from",
                                               "to",       "rule",
                                               "autapses", "multapses",
                                               "synapse",  "target",
                                               "weight",   "weight_precision",
                                               "delay",    "dendritic_delay",
                                               "velocity", "parameters",
                                               "links",    "state",
                                               "rows",     "source_variable"};

}  // namespace

void NetworkReader::read_projections() {
  const Node* list = document_.root.find("projection");
  if (!list) return;
  if (!list->is_array())
    return findings_.wrong_kind(*list, "projection", "tables with double brackets, [[projection]]");
  std::size_t number = 0;
  for (const Node& node : list->children) read_projection(node, ++number);
}

void NetworkReader::read_projection(const Node& given, std::size_t number) {
  const Node* name_node = given.find("name");
  const bool named = name_node && name_node->is_text();
  const std::string where =
      named ? "projection '" + name_node->text + "'" : "projection " + std::to_string(number);
  if (!given.is_table()) return findings_.wrong_kind(given, where, "a table");
  bool known = values_.keys(given, where, projection_keys);
  const Node node = named ? with_overrides(given, name_node->text) : given;
  if (name_node) values_.text(*name_node, where);
  if (named)
    known = values_.keys(with_overrides(Node{}, name_node->text), "--set " + name_node->text,
                         projection_keys) &&
            known;
  const Node* from_node = values_.required(node, where, "from", "from = \"exc\"");
  const Node* to_node = values_.required(node, where, "to", "to = [\"exc\", \"inh\"]");
  values_.required(node, where, "rule", "rule = { fixed_probability = 0.1 }");
  if (!from_node || !to_node || !node.find("rule")) return;
  const auto from = read_parts(*from_node, where, true);
  const auto to = read_parts(*to_node, where, true);
  if (!from || !to) return;
  PairIndex pair{0, 0, from->size(), to->size()};
  for (pair.target = 0; pair.target < to->size(); ++pair.target)
    for (pair.source = 0; pair.source < from->size(); ++pair.source) {
      Node of_this = node;
      bool sound = true;
      for (Node& child : of_this.children) {
        if (child.key == "from" || child.key == "to") continue;
        auto chosen = of_pair(child, pair, where, findings_);
        sound = sound && chosen;
        if (chosen) child = std::move(*chosen);
      }
      if (!sound) return;
      connect_pair(of_this, where, (*from)[pair.source], (*to)[pair.target], pair, known);
    }
}

void NetworkReader::connect_pair(const Node& node, const std::string& where, const Part& from,
                                 const Part& to, const PairIndex& pair, bool sound) {
  double indegree = 0;
  bool scales = false;
  auto rule = read_rule(*node.find("rule"), where, from, to, indegree, scales);
  if (!rule) return;
  if (const Node* flag = node.find("autapses"))
    rule->autapses = values_.flag(*flag, where).value_or(true);
  if (const Node* flag = node.find("multapses"))
    rule->multapses = values_.flag(*flag, where).value_or(true);

  SynapseOptions options;
  if (const Node* name = node.find("name"); name && name->is_text()) {
    options.name = name->text;
    if (pair.sources * pair.targets > 1) options.name += ": " + from.name + " -> " + to.name;
  }
  const auto& target_model = file_.network.populations()[to.view.population].model;
  const model::Variable* target = nullptr;
  if (const Node* text = node.find("target")) {
    if (const auto value = values_.text(*text, where)) {
      options.target = *value;
      target = target_model.find(*value);
      if (!target) {
        std::vector<std::string> states;
        for (const auto& variable : target_model.variables())
          if (variable.kind == model::VariableKind::state) states.push_back(variable.name);
        findings_.add("name", {.where = where,
                               .what = "'" + target_model.name() + "' has no such variable",
                               .got = text->shown(),
                               .expected = {},
                               .nearest = nearest_name(*value, states),
                               .location = findings_.place(*text)});
        sound = false;
      }
    }
  }
  if (const Node* synapse = node.find("synapse"); synapse && synapse->text != "static") {
    options.model = find_model(*synapse, where);
    sound = sound && options.model;
  }
  if (const Node* variable = node.find("source_variable"))
    options.source_variable = values_.text(*variable, where).value_or("");
  if (const Node* weight = node.find("weight")) {
    const auto value = values_.values(*weight, where + ", 'weight'");
    sound = sound && value;
    if (value) options.weight = *value;
    // Static synapses add their weight to the target: the place of a wrong unit is known.
    if (value && target && !options.model && options.source_variable.empty() &&
        value->dimension() != target->dimension) {
      findings_.add("unit",
                    {.where = where,
                     .what = "the weight is added to '" + target->name + "' and needs its unit",
                     .got = weight->is_text() ? weight->shown() : value->dimension().name(),
                     .expected = target->dimension.name(),
                     .location = findings_.place(*weight)});
      sound = false;
    }
  }
  if (const Node* delay = node.find("delay")) {
    const auto value = values_.values(*delay, where + ", 'delay'");
    sound = sound && value;
    if (value) {
      options.delay = *value;
      sound = findings_.attempt(*delay, where, [&] {
        const std::string at = where + ", 'delay'";
        if (value->is_constant())
          file_.network.grid().steps(Quantity::from_internal(value->first(), value->dimension()),
                                     at);
      }) && sound;
    }
  }
  if (const Node* delay = node.find("dendritic_delay")) {
    options.dendritic_delay = values_.quantity(*delay, where, dimension::time);
    sound = sound && options.dendritic_delay;
  }
  if (const Node* velocity = node.find("velocity")) {
    options.velocity = values_.quantity(*velocity, where, dimension::length / dimension::time);
    sound = sound && options.velocity;
  }
  const auto choose = [&](const char* key, const auto& kinds, auto& chosen) {
    const Node* given = node.find(key);
    if (!given) return;
    const auto text = values_.text(*given, where);
    const auto kind = text ? kinds.find(*text) : kinds.end();
    if (kind != kinds.end()) {
      chosen = kind->second;
      return;
    }
    sound = false;
    if (!text) return;
    std::string expected;
    for (const auto& [name, value] : kinds) expected += (expected.empty() ? "" : ", ") + name;
    findings_.add("name", {.where = where + ", '" + key + "'",
                           .what = "no such choice",
                           .got = given->shown(),
                           .expected = "one of " + expected,
                           .location = findings_.place(*given)});
  };
  choose("weight_precision",
         std::map<std::string, WeightPrecision>{{"full", WeightPrecision::full},
                                                {"half", WeightPrecision::half}},
         options.weight_precision);
  choose("rows",
         std::map<std::string, Rows>{{"stored", Rows::stored}, {"procedural", Rows::procedural}},
         options.rows);
  choose("state",
         std::map<std::string, SynapseState>{{"automatic", SynapseState::automatic},
                                             {"per_source", SynapseState::per_source},
                                             {"per_synapse", SynapseState::per_synapse},
                                             {"per_target", SynapseState::per_target}},
         options.state);
  if (const Node* parameters = node.find("parameters")) {
    if (options.model) {
      const model::Model own = target ? options.model->weighing(target->dimension) : *options.model;
      options.parameters = read_assignments(parameters, where, own, false);
    } else {
      findings_.add("value", {.where = where,
                              .what = "a static synapse has no parameters",
                              .expected = "a 'synapse' model that has them",
                              .location = document_.at_key(*parameters)});
      sound = false;
    }
  }
  if (const Node* links = node.find("links"))
    sound = read_links(*links, where, to, options) && sound;
  if (!sound) return;
  if (scaling_.preserve) {
    const Quantity mean =
        Quantity::from_internal(options.weight.mean(), options.weight.dimension());
    if (scales && scaling_.scale != 1) {
      const auto rate = scaling_.mean_rates.find(from.name);
      if (rate == scaling_.mean_rates.end()) {
        findings_.add("value", {.where = "scaling",
                                .what = "'mean_rates' lacks population '" + from.name + "'",
                                .expected = from.name + " = \"5 Hz\"",
                                .location = document_.at_key(*document_.root.find("scaling"))});
        return;
      }
      add_input(to, mean, indegree, rate->second);
      options.weight = scaled_weight(options.weight);
    }
  }
  findings_.attempt(node, where, [&] {
    file_.network.connect(from.view, to.view, std::move(*rule), std::move(options));
  });
}

}  // namespace callosum::format
