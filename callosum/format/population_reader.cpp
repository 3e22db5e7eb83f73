#include <algorithm>
#include <cmath>

#include "callosum/format/network_reader.h"

namespace callosum::format {

void NetworkReader::read_populations() {
  const Node* tables = document_.root.find("population");
  if (!tables) {
    if (findings_.none())
      findings_.add("value", {.what = "the network has no population",
                              .expected = "at least one table [population.NAME]",
                              .location = document_.at(1, 1)});
    return;
  }
  if (!tables->is_table())
    return findings_.wrong_kind(*tables, "population", "tables such as [population.exc]");
  for (const Node& node : tables->children) read_population(node);
}

double NetworkReader::scaled_count(double count) const {
  return std::nearbyint(count * scaling_.scale);
}

void NetworkReader::read_population(const Node& given) {
  const std::string where = "population '" + given.key + "'";
  Known& known = populations_[given.key];
  known.failed = true;
  if (!given.is_table()) return findings_.wrong_kind(given, where, "a table");
  if (given.key.find_first_of("[].") != std::string::npos)
    findings_.add("name", {.where = where,
                           .what = "a population's name cannot hold brackets or dots",
                           .got = "'" + given.key + "'",
                           .expected = "such as 'exc' or 'L4 exc'",
                           .location = document_.at_key(given)});
  values_.keys(given, where,
               {"size", "model", "parameters", "initial", "space", "method", "substeps", "spikes"});
  const Node* size_node = values_.required(given, where, "size", "size = 100");
  const Node* model_node = values_.required(given, where, "model", "model = \"lif_psc_exp\"");
  if (!model_node) return;

  // --set may give the size, a parameter or an initial value; the model knows which is which.
  Node node = given;
  Node changed = with_overrides(Node{}, given.key);
  std::erase_if(changed.children, [&](const Node& entry) {
    if (entry.key != "size" && entry.key != "method") return false;
    if (Node* old = node.find(entry.key))
      *old = entry;
    else
      node.children.push_back(entry);
    return true;
  });

  const Node* size_there = node.find("size");
  const auto counted = size_there ? values_.count(*size_there, where, 1) : std::nullopt;
  // Without a size the rest is read with a large one, so that all errors are told.
  const std::uint64_t full = counted.value_or(1u << 20);
  if (full > 0xFFFFFFFFu) {
    findings_.add("resource", {.where = where,
                               .what = "the population is too large",
                               .got = std::to_string(full),
                               .expected = "at most 4294967295 neurons",
                               .location = findings_.place(*size_there)});
    return;
  }
  known.full_size = static_cast<std::uint32_t>(full);
  if (model_node->text == "spike_list" || node.find("spikes"))
    return read_spikes(node, where, known.full_size);
  const double size = scaled_count(static_cast<double>(full));
  if (!(size >= 1 && size <= 0xFFFFFFFFu)) {
    findings_.add("value", {.where = where,
                            .what = "the scale leaves no neurons, or too many",
                            .got = "scale " + to_string(Quantity(scaling_.scale)) + " of " +
                                   std::to_string(full) + " neurons",
                            .expected = "a scale of at least " +
                                        to_string(Quantity(0.5 / static_cast<double>(full))),
                            .location = findings_.place(size_node ? *size_node : given)});
    return;
  }
  const auto model = find_model(*model_node, where);
  if (!model) return;

  PopulationOptions options;
  options.parameters = read_assignments(node.find("parameters"), where, *model, false);
  options.initial = read_assignments(node.find("initial"), where, *model, true);
  for (const Node& entry : changed.children) {
    Node table;
    table.children = {entry};
    const auto* variable = model->find(entry.key);
    const bool state = variable && variable->kind == model::VariableKind::state;
    for (auto& [name, value] : read_assignments(&table, "--set " + given.key, *model, state))
      (state ? options.initial : options.parameters).insert_or_assign(name, value);
  }
  if (const Node* space = node.find("space")) options.space = read_space(*space, where);
  if (const Node* method = node.find("method"))
    options.method = values_.text(*method, where).value_or("");
  if (const Node* substeps = node.find("substeps")) {
    if (!substeps->is_table())
      findings_.wrong_kind(*substeps, where, "a table such as { m = 4 }");
    else
      for (const Node& entry : substeps->children)
        if (const auto parts = values_.count(entry, where, 1))
          options.substeps[entry.key] = static_cast<int>(std::min<std::uint64_t>(*parts, 1000000));
  }
  const auto add = [&](const PopulationOptions& with) {
    return findings_.attempt(given, where, [&] {
      file_.network.add(given.key, static_cast<std::uint32_t>(size), *model, with);
    });
  };
  // Where its values are wrong the population stands with the model's own: what projects from it
  // and to it is read as well.
  known.failed = !add(options) && !add({.space = options.space});
}

std::map<std::string, Values> NetworkReader::read_assignments(const Node* table,
                                                              const std::string& where,
                                                              const model::Model& model,
                                                              bool states) {
  std::map<std::string, Values> result;
  if (!table) return result;
  if (!table->is_table()) {
    findings_.wrong_kind(*table, where, "a table of values");
    return result;
  }
  std::vector<std::string> names;
  for (const auto& variable : model.variables())
    if (variable.kind == (states ? model::VariableKind::state : model::VariableKind::parameter))
      names.push_back(variable.name);
  for (const Node& entry : table->children) {
    const auto* variable = model.find(entry.key);
    const bool in_file = entry.line > 0;
    const std::string at = in_file ? where + ", '" + entry.key + "'" : where + "." + entry.key;
    const auto location = in_file ? std::optional(document_.at_key(entry)) : std::nullopt;
    const bool fits = variable && (states ? variable->kind == model::VariableKind::state
                                          : variable->kind == model::VariableKind::parameter);
    if (!fits) {
      const bool swapped = variable && variable->kind != model::VariableKind::subexpression;
      std::string expected;
      for (const auto& name : names) expected += (expected.empty() ? "one of " : ", ") + name;
      findings_.add(
          "name", {.where = where,
                   .what = "'" + model.name() + "' has no such " + (states ? "state" : "parameter"),
                   .got = "'" + entry.key + "'",
                   .expected = swapped ? std::string("it under '") +
                                             (states ? "parameters" : "initial") + "'"
                                       : expected,
                   .nearest = swapped ? "" : nearest_name(entry.key, names),
                   .location = location});
      continue;
    }
    const auto values = values_.values(entry, at);
    if (!values) continue;
    findings_.attempt(entry, at, [&] {
      if (values->dimension() != variable->dimension)
        throw UnitError({.where = at,
                         .what = "wrong unit",
                         .got = entry.is_text()              ? entry.shown()
                                : values->dimension().none() ? "a plain number"
                                                             : values->dimension().name(),
                         .expected = variable->dimension.none() ? "a plain number"
                                                                : variable->dimension.name()});
      if (values->is_constant())
        model.checked(variable->name,
                      Quantity::from_internal(values->first(), values->dimension()));
      result.insert_or_assign(variable->name, *values);
    });
  }
  return result;
}

std::optional<Space> NetworkReader::read_space(const Node& node, const std::string& where) {
  const std::string at = where + ", space";
  if (!values_.keys(node, at, {"extent", "wrap", "layout", "positions"})) return std::nullopt;
  Space space;
  const auto lengths = [&](const Node& list, std::vector<double>& out) {
    const auto values = values_.list(list, at);
    return values && findings_.attempt(list, at, [&] {
      for (const Quantity& q : *values)
        out.push_back(internal_value(q, dimension::length, at + ", '" + list.key + "'"));
    });
  };
  if (const Node* extent = node.find("extent")) {
    std::vector<double> edges;
    if (!lengths(*extent, edges)) return std::nullopt;
    if (edges.empty() || edges.size() > 3) {
      findings_.add("shape", {.where = at,
                              .what = "a space has 1 to 3 dimensions",
                              .got = std::to_string(edges.size()) + " edges",
                              .expected = "such as [\"1 mm\", \"1 mm\"]",
                              .location = findings_.place(*extent)});
      return std::nullopt;
    }
    space.dimensions = static_cast<int>(edges.size());
    std::copy(edges.begin(), edges.end(), space.extent_um.begin());
  }
  if (const Node* wrap = node.find("wrap")) space.wrap = values_.flag(*wrap, at).value_or(false);
  if (const Node* layout = node.find("layout")) {
    if (layout->text != "grid" && layout->text != "random")
      findings_.add("name", {.where = at,
                             .what = "unknown layout",
                             .got = layout->shown(),
                             .expected = "\"random\" or \"grid\"",
                             .location = findings_.place(*layout)});
    space.grid = layout->text == "grid";
  }
  if (const Node* positions = node.find("positions")) {
    if (!positions->is_array() || positions->children.empty()) {
      findings_.wrong_kind(*positions, at, "one array of coordinates for each neuron");
      return std::nullopt;
    }
    space.dimensions = static_cast<int>(positions->children[0].children.size());
    for (const Node& point : positions->children) {
      if (!lengths(point, space.positions_um)) return std::nullopt;
      if (static_cast<int>(point.children.size()) == space.dimensions) continue;
      findings_.add("shape", {.where = at,
                              .what = "positions differ in their number of coordinates",
                              .got = std::to_string(point.children.size()),
                              .expected = std::to_string(space.dimensions),
                              .location = findings_.place(point)});
      return std::nullopt;
    }
  }
  return space;
}

void NetworkReader::read_spikes(const Node& node, const std::string& where, std::uint32_t size) {
  const Node* spikes = node.find("spikes");
  const auto add = [&](const Node& at, std::vector<std::uint32_t> neurons,
                       std::vector<Quantity> times) {
    populations_[node.key].failed = !findings_.attempt(at, where, [&] {
      file_.network.add_spike_list(node.key, size, std::move(neurons), std::move(times));
    });
  };
  if (spikes && !values_.keys(*spikes, where, {"neurons", "times"})) return;
  if (node.find("model")->text != "spike_list") {
    findings_.add("value", {.where = where,
                            .what = "'spikes' belong to the model \"spike_list\"",
                            .got = node.find("model")->shown(),
                            .expected = "model = \"spike_list\"",
                            .location = document_.at_key(*spikes)});
    return;
  }
  if (scaling_.scale != 1) {
    findings_.add("unsupported", {.where = where,
                                  .what = "a list of spikes cannot be scaled",
                                  .got = "scale " + to_string(Quantity(scaling_.scale)),
                                  .expected = "scale 1",
                                  .location = document_.at_key(node)});
    return;
  }
  if (!spikes) return add(node, {}, {});  // silent until something gives it spikes
  const Node* neurons_node = values_.required(*spikes, where, "neurons", "neurons = [0, 1]");
  const Node* times_node = values_.required(*spikes, where, "times", "times = [\"1 ms\"]");
  if (!neurons_node || !times_node) return;
  const auto times = values_.list(*times_node, where);
  if (!neurons_node->is_array())
    return findings_.wrong_kind(*neurons_node, where, "an array of neuron indices");
  std::vector<std::uint32_t> neurons;
  for (const Node& entry : neurons_node->children) {
    const auto neuron = values_.count(entry, where);
    if (!neuron) return;
    neurons.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(*neuron, 0xFFFFFFFFu)));
  }
  if (times) add(*spikes, std::move(neurons), *times);
}

}  // namespace callosum::format
