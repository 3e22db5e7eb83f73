#include <algorithm>
#include <cmath>

#include "callosum/format/network_reader.h"

/// Stimuli and recorders.
namespace callosum::format {
namespace {

const std::map<std::string, Stimulus::Kind> stimulus_kinds{
    {"constant", Stimulus::Kind::constant}, {"steps", Stimulus::Kind::steps},
    {"sine", Stimulus::Kind::sine},         {"noise", Stimulus::Kind::noise},
    {"poisson", Stimulus::Kind::poisson},   {"array", Stimulus::Kind::array}};

std::vector<std::string> keys_of(Stimulus::Kind kind) {
  std::vector<std::string> keys{"kind", "name", "to", "target", "start", "stop"};
  const auto add = [&](std::initializer_list<const char*> more) {
    keys.insert(keys.end(), more.begin(), more.end());
  };
  switch (kind) {
    case Stimulus::Kind::constant:
      add({"value"});
      break;
    case Stimulus::Kind::steps:
      add({"times", "values"});
      break;
    case Stimulus::Kind::sine:
      add({"value", "amplitude", "frequency", "phase"});
      break;
    case Stimulus::Kind::noise:
      add({"value", "amplitude", "interval"});
      break;
    case Stimulus::Kind::poisson:
      add({"rate", "weight", "sources"});
      break;
    case Stimulus::Kind::array:
      add({"samples", "interval"});
      break;
  }
  return keys;
}

}  // namespace

void NetworkReader::read_stimuli() {
  const Node* list = document_.root.find("stimulus");
  if (!list) return;
  if (!list->is_array())
    return findings_.wrong_kind(*list, "stimulus", "tables with double brackets, [[stimulus]]");
  std::size_t number = 0;
  for (const Node& given : list->children) {
    ++number;
    const Node* name = given.find("name");
    const bool named = name && name->is_text();
    const std::string where =
        named ? "stimulus '" + name->text + "'" : "stimulus " + std::to_string(number);
    if (!given.is_table()) {
      findings_.wrong_kind(given, where, "a table");
      continue;
    }
    const Node node = named ? with_overrides(given, name->text) : given;
    std::vector<std::string> all;
    for (const auto& entry : stimulus_kinds)
      for (const auto& key : keys_of(entry.second))
        if (std::find(all.begin(), all.end(), key) == all.end()) all.push_back(key);
    if (!values_.keys(node, where, all)) continue;
    const Node* kind = values_.required(node, where, "kind", "kind = \"poisson\"");
    const Node* to = values_.required(node, where, "to", "to = \"exc\"");
    if (!kind || !to) continue;
    const auto known = stimulus_kinds.find(kind->text);
    if (known == stimulus_kinds.end()) {
      std::vector<std::string> names;
      for (const auto& entry : stimulus_kinds) names.push_back(entry.first);
      findings_.add("name", {.where = where,
                             .what = "unknown kind of stimulus",
                             .got = kind->shown(),
                             .expected = "constant, steps, sine, noise, poisson or array",
                             .nearest = nearest_name(kind->text, names),
                             .location = findings_.place(*kind)});
      continue;
    }
    if (!values_.keys(node, where, keys_of(known->second))) continue;
    const auto parts = read_parts(*to, where, true);
    if (!parts) continue;
    PairIndex pair{0, 0, 1, parts->size()};
    for (; pair.target < parts->size(); ++pair.target) {
      Node of_this = node;
      bool sound = true;
      for (Node& child : of_this.children) {
        if (child.key == "to") continue;
        auto chosen = of_pair(child, pair, where, findings_);
        sound = sound && chosen;
        if (chosen) child = std::move(*chosen);
      }
      if (!sound) break;
      if (named && parts->size() > 1)
        of_this.find("name")->text += ": " + (*parts)[pair.target].name;
      stimulate(of_this, where, (*parts)[pair.target]);
    }
  }
}

void NetworkReader::stimulate(const Node& node, const std::string& where, const Part& to) {
  Stimulus stimulus;
  stimulus.kind = stimulus_kinds.at(node.find("kind")->text);
  stimulus.to = to.view;
  if (const Node* name = node.find("name")) stimulus.name = values_.text(*name, where).value_or("");
  const Node* target_node = values_.required(node, where, "target", "target = \"I_e\"");
  if (!target_node) return;
  const auto target = values_.text(*target_node, where);
  if (!target) return;
  const auto& model = file_.network.populations()[to.view.population].model;
  const bool poisson = stimulus.kind == Stimulus::Kind::poisson;
  const model::Variable* variable = model.find(*target);
  if (!variable) {
    std::vector<std::string> names;
    for (const auto& v : model.variables())
      if (v.kind == (poisson ? model::VariableKind::state : model::VariableKind::parameter))
        names.push_back(v.name);
    findings_.add(
        "name", {.where = where,
                 .what = "'" + model.name() + "' has no such " + (poisson ? "state" : "parameter"),
                 .got = target_node->shown(),
                 .expected = {},
                 .nearest = nearest_name(*target, names),
                 .location = findings_.place(*target_node)});
    return;
  }
  stimulus.target = *target;
  bool sound = true;
  const auto of_target = [&](const Node& at, Dimension got) {
    if (got == variable->dimension) return true;
    findings_.add("unit",
                  {.where = where,
                   .what = "'" + at.key + "' goes to '" + variable->name + "' and needs its unit",
                   .got = at.is_text() ? at.shown() : got.name(),
                   .expected = variable->dimension.name(),
                   .location = findings_.place(at)});
    return false;
  };
  const auto need = [&](const char* key, const std::string& example) {
    const Node* found = values_.required(node, where, key, example);
    sound = sound && found;
    return found;
  };
  const auto read_values = [&](const Node* at, Values& out) {
    if (!at) return;
    const auto value = values_.values(*at, where + ", '" + at->key + "'");
    sound = value && of_target(*at, value->dimension()) && sound;
    if (value) out = *value;
  };
  const auto read_amplitude = [&] {
    if (const Node* at = need("amplitude", "amplitude = \"50 pA\"")) {
      const auto value = values_.quantity(*at, where);
      sound = value && of_target(*at, value->dimension) && sound;
      if (value) stimulus.amplitude = *value;
    }
  };
  const auto read_time = [&](const char* key, std::int64_t& out) {
    if (const Node* at = node.find(key)) {
      const auto value = steps(*at, where);
      sound = sound && value;
      if (value) out = *value;
    }
  };
  read_time("start", stimulus.start);
  read_time("stop", stimulus.stop);
  read_time("interval", stimulus.interval);
  stimulus.value = Values(Quantity(0, variable->dimension));
  switch (stimulus.kind) {
    case Stimulus::Kind::constant:
      read_values(need("value", "value = \"200 pA\""), stimulus.value);
      break;
    case Stimulus::Kind::steps: {
      read_values(need("values", "values = [\"0 pA\", \"200 pA\"]"), stimulus.value);
      const Node* times = need("times", "times = [\"0 ms\", \"100 ms\"]");
      if (!times) break;
      if (!times->is_array()) return findings_.wrong_kind(*times, where, "an array of times");
      for (const Node& entry : times->children) {
        const auto at = steps(entry, where + ", 'times'");
        if (!at) return;
        stimulus.times.push_back(*at);
      }
      break;
    }
    case Stimulus::Kind::sine:
      read_values(node.find("value"), stimulus.value);
      read_amplitude();
      if (const Node* at = need("frequency", "frequency = \"10 Hz\"")) {
        const auto value = values_.quantity(*at, where, dimension::frequency);
        sound = sound && value;
        if (value) stimulus.frequency = *value;
      }
      if (const Node* at = node.find("phase")) {
        const auto value = values_.number(*at, where);
        sound = sound && value;
        if (value) stimulus.phase = *value;
      }
      break;
    case Stimulus::Kind::noise:
      read_values(node.find("value"), stimulus.value);
      read_amplitude();
      break;
    case Stimulus::Kind::poisson: {
      read_values(need("weight", "weight = \"87.8 pA\""), stimulus.value);
      if (const Node* at = node.find("sources")) {
        const auto value = values_.number(*at, where);
        sound = sound && value;
        if (value) stimulus.sources = *value;
      }
      if (const Node* at = need("rate", "rate = \"8 Hz\"")) {
        const auto value = values_.values(*at, where + ", 'rate'");
        if (!value) return;
        stimulus.rate = *value;
        if (value->dimension() != dimension::frequency) {
          findings_.add("unit", {.where = where,
                                 .what = "'rate' has the wrong unit",
                                 .got = at->shown(),
                                 .expected = "hertz",
                                 .location = findings_.place(*at)});
          return;
        }
      }
      break;
    }
    case Stimulus::Kind::array: {
      const Node* rows = need("samples", "samples = [[\"0 pA\", \"1 pA\"]]");
      if (!rows) break;
      if (!rows->is_array()) return findings_.wrong_kind(*rows, where, "one array an interval");
      for (const Node& row : rows->children) {
        const auto values = values_.list(row, where);
        if (!values) return;
        for (const Quantity& q : *values)
          if (!of_target(*rows, q.dimension)) return;
        if (values->size() != to.view.size()) {
          findings_.add("shape", {.where = where,
                                  .what = "a row of 'samples' has one value a neuron",
                                  .got = std::to_string(values->size()),
                                  .expected = std::to_string(to.view.size()),
                                  .location = findings_.place(row)});
          return;
        }
        for (const Quantity& q : *values) stimulus.samples.push_back(q.internal());
      }
      break;
    }
  }
  if (!sound) return;
  if (poisson) {
    // No spikes ever arrive: no stimulus.
    if (stimulus.sources == 0 || (stimulus.rate.is_constant() && stimulus.rate.first() == 0))
      return;
    if (scaling_.scale != 1) {
      if (scaling_.preserve) {
        const auto mean = [](const Values& v) {
          return Quantity::from_internal(v.mean(), v.dimension());
        };
        add_input(to, mean(stimulus.value), stimulus.sources, mean(stimulus.rate));
        stimulus.value = scaled_weight(stimulus.value);
      }
      stimulus.sources *= scaling_.scale;
    }
  } else if (stimulus.kind == Stimulus::Kind::constant && stimulus.value.is_constant() &&
             stimulus.value.first() == 0) {
    return;
  }
  findings_.attempt(node, where, [&] { file_.network.stimulate(std::move(stimulus)); });
}

void NetworkReader::read_records() {
  const Node* list = document_.root.find("record");
  if (!list) return;
  if (!list->is_array())
    return findings_.wrong_kind(*list, "record", "tables with double brackets, [[record]]");
  std::size_t number = 0;
  for (const Node& node : list->children) {
    const std::string where = "record " + std::to_string(++number);
    if (!values_.keys(node, where, {"spikes", "variables", "weights", "interval"})) continue;
    Quantity interval(0, dimension::time);
    if (const Node* at = node.find("interval")) {
      if (!steps(*at, where)) continue;
      interval = values_.quantity(*at, where, dimension::time).value_or(interval);
    }
    const auto each = [&](const char* key, const std::function<void(const Node&)>& work) {
      const Node* entry = node.find(key);
      if (!entry) return;
      if (entry->is_array())
        for (const Node& element : entry->children) work(element);
      else
        work(*entry);
    };
    each("spikes", [&](const Node& entry) {
      if (const auto part = read_part(entry, where, false))
        findings_.attempt(entry, where, [&] { file_.network.record_spikes(part->view); });
    });
    const auto record = [&](const Node& entry, const std::optional<Part>& part,
                            const std::string& variable) {
      if (part)
        findings_.attempt(entry, where,
                          [&] { file_.network.record(part->view, variable, interval); });
    };
    each("variables", [&](const Node& entry) {
      if (entry.is_table()) {
        // { population = "exc", neurons = [0, 5], variable = "V_m" }
        if (!values_.keys(entry, where, {"population", "neurons", "variable"})) return;
        Node place = entry;
        const Node* variable = values_.required(entry, where, "variable", "variable = \"V_m\"");
        std::erase_if(place.children, [](const Node& child) { return child.key == "variable"; });
        if (variable)
          if (const auto name = values_.text(*variable, where))
            record(entry, read_part(place, where, false), *name);
        return;
      }
      const auto text = values_.text(entry, where);
      if (!text) return;
      const auto bracket = text->find(']');
      const auto dot = text->find('.', bracket == std::string::npos ? 0 : bracket);
      if (dot != std::string::npos)
        return record(entry, part_of(text->substr(0, dot), entry, where, false),
                      text->substr(dot + 1));
      findings_.add("syntax", {.where = where,
                               .what = "a variable is named with its population",
                               .got = entry.shown(),
                               .expected = "such as \"exc[0:5].V_m\"",
                               .location = findings_.place(entry)});
    });
    each("weights", [&](const Node& entry) {
      const auto text = values_.text(entry, where);
      if (!text) return;
      const auto& projections = file_.network.projections();
      std::vector<std::string> names;
      for (std::size_t i = 0; i < projections.size(); ++i) {
        if (projections[i].name == *text) {
          findings_.attempt(entry, where, [&] {
            file_.network.record_weights(static_cast<std::uint32_t>(i), interval);
          });
          return;
        }
        names.push_back(projections[i].name);
      }
      findings_.add("name", {.where = where,
                             .what = "no such projection",
                             .got = entry.shown(),
                             .expected = {},
                             .nearest = nearest_name(*text, names),
                             .location = findings_.place(entry)});
    });
  }
}

}  // namespace callosum::format
