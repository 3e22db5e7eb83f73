#include "callosum/format/network_reader.h"

#include <charconv>
#include <cmath>

#include "callosum/format/model_reader.h"
#include "callosum/library/library.h"

namespace callosum::format {
namespace {

const std::vector<std::string> head_keys{
    "format",   "name",      "title", "reference", "doc",     "dt",         "duration",
    "schedule", "variables", "run",   "model",     "scaling", "population", "projection",
    "stimulus", "record",    "data",  "train"};  // the last two are read by `callosum train`

}  // namespace

NetworkReader::NetworkReader(const Document& document, const NetworkOverrides& overrides)
    : document_(document),
      overrides_(overrides),
      findings_(document),
      values_(findings_, overrides.arrays) {
  scaling_.scale = overrides.scale;
}

NetworkFile NetworkReader::read() {
  if (!(scaling_.scale > 0) || !std::isfinite(scaling_.scale))
    throw ValueError({.where = "scale",
                      .what = "the scale must be positive and finite",
                      .got = to_string(Quantity(scaling_.scale)),
                      .expected = "such as 0.1"});
  values_.keys(document_.root, "", head_keys);
  read_variables();
  read_head();
  read_run();
  read_scaling();
  read_models();
  read_populations();
  read_projections();
  read_stimuli();
  read_records();
  check_overrides();
  findings_.raise();
  finish_scaling();
  findings_.raise();
  return std::move(file_);
}

void NetworkReader::read_head() {
  const Node& root = document_.root;
  const auto text = [&](const char* key, std::string& out) {
    if (const Node* node = root.find(key))
      if (const auto value = values_.text(*node, "")) out = *value;
  };
  text("title", file_.title);
  if (scaling_.scale != 1 && !file_.title.empty())
    file_.title += ", scale " + to_string(Quantity(scaling_.scale));
  text("reference", file_.reference);
  text("doc", file_.doc);
  std::string name = std::filesystem::path(document_.file).stem().string();
  text("name", name);
  if (const Node* node = root.find("format"))
    if (const auto version = values_.count(*node, ""); version && *version != 1)
      findings_.add("unsupported", {.what = "the file's format is newer than this program",
                                    .got = node->shown(),
                                    .expected = "format 1",
                                    .location = findings_.place(*node)});

  Node dt;
  dt.kind = Node::Kind::string;
  dt.key = "dt";
  dt.text = "0.1 ms";
  if (const Node* node = root.find("dt")) dt = *node;
  if (!overrides_.dt.empty()) {
    dt.text = overrides_.dt;
    dt.kind = Node::Kind::string;
    dt.line = 0;
  }
  if (const auto value = values_.quantity(dt, "dt"))
    findings_.attempt(dt, "dt", [&] { file_.network = Network(*value, name); });

  if (const Node* node = root.find("duration")) {
    if (const auto value = values_.quantity(*node, "duration", dimension::time))
      if (findings_.attempt(*node, "duration",
                            [&] { file_.network.grid().steps(*value, "duration"); }))
        file_.duration = to_string(*value);
  }
  if (const Node* node = root.find("schedule")) {
    const auto value = values_.text(*node, "");
    const std::vector<std::string> known{"callosum", "brian2"};
    if (value && *value == "brian2")
      file_.network.set_schedule(model::Schedule::brian2);
    else if (value && *value != "callosum")
      findings_.add("name", {.what = "unknown schedule",
                             .got = node->shown(),
                             .expected = "\"callosum\" or \"brian2\"",
                             .nearest = nearest_name(*value, known),
                             .location = findings_.place(*node)});
  }
}

void NetworkReader::read_variables() {
  const Node* table = document_.root.find("variables");
  if (!table) return;
  if (!table->is_table()) return findings_.wrong_kind(*table, "variables", "a table");
  for (const Node& entry : table->children) {
    Node node = entry;
    if (const auto given = overrides_.set.find(entry.key); given != overrides_.set.end()) {
      node.kind = Node::Kind::string;
      node.text = given->second;
      node.line = 0;
      used_overrides_.insert(entry.key);
    }
    const std::string where = "variable '" + entry.key + "'";
    // After an error zero stands in, so that its users do not report the name as unknown too.
    values_.define(entry.key, values_.quantity(node, where).value_or(Quantity(0)));
  }
}

// A whole number of the [run] table; the least where there is none.
std::uint64_t NetworkReader::run_number(const Node& table, const char* key, std::uint64_t least,
                                        std::uint64_t most) {
  const Node* node = table.find(key);
  if (node == nullptr) return least;
  const auto number = values_.count(*node, "run", least);
  if (number && *number <= most) return *number;
  if (number)
    findings_.add("value", {.where = "run",
                            .what = "'" + node->key + "' is too large",
                            .got = node->shown(),
                            .expected = "at most " + std::to_string(most),
                            .location = findings_.place(*node)});
  return least;
}

void NetworkReader::read_run() {
  const Node* table = document_.root.find("run");
  if (!table || !values_.keys(*table, "run", {"time", "seed", "precision", "replica", "replicas"}))
    return;
  if (const Node* node = table->find("time"))
    if (const auto time = values_.quantity(*node, "run", dimension::time))
      if (findings_.attempt(*node, "run", [&] { file_.network.grid().steps(*time, "time"); }))
        file_.duration = to_string(*time);
  if (const Node* node = table->find("seed")) {
    // Decimal strings reach the seeds above 2**63 - 1, which TOML integers do not.
    std::uint64_t seed = 0;
    const char* end = node->text.data() + node->text.size();
    const auto result = std::from_chars(node->text.data(), end, seed);
    const bool whole = node->is_text() || node->kind == Node::Kind::integer;
    if (whole && result.ec == std::errc() && result.ptr == end)
      file_.seed = seed;
    else
      findings_.add("value", {.where = "run",
                              .what = "'seed' is no seed",
                              .got = node->shown(),
                              .expected = "a whole number from 0 to 18446744073709551615",
                              .location = findings_.place(*node)});
  }
  file_.replica = static_cast<std::uint32_t>(run_number(*table, "replica", 0, 4294967295));
  file_.replicas = static_cast<int>(run_number(*table, "replicas", 1, 1000000));
  if (const Node* node = table->find("precision")) {
    if (node->text == "float" || node->text == "double")
      file_.precision = node->text == "float" ? Precision::single : Precision::twofold;
    else
      findings_.add("value", {.where = "run",
                              .what = "unknown precision",
                              .got = node->shown(),
                              .expected = "\"float\" or \"double\"",
                              .location = findings_.place(*node)});
  }
}

void NetworkReader::read_models() {
  const Node* tables = document_.root.find("model");
  if (!tables) return;
  if (!tables->is_table())
    return findings_.wrong_kind(*tables, "model", "tables such as [model.my_neuron]");
  for (const Node& node : tables->children) {
    const std::string where = "model '" + node.key + "'";
    if (!node.is_table()) {
      findings_.wrong_kind(node, where, "a table");
      failed_models_.insert(node.key);
      continue;
    }
    std::optional<model::Model> model;
    const Node* base = node.find("base");
    if (base) {
      values_.keys(node, where, {"base", "parameters", "doc"});
      model = find_model(*base, where);
      const Node* parameters = node.find("parameters");
      std::map<std::string, Quantity> given;
      bool sound = model.has_value();
      if (model && parameters && values_.keys(*parameters, where, [&] {
            std::vector<std::string> names;
            for (const auto& child : parameters->children) names.push_back(child.key);
            return names;
          }()))
        for (const Node& entry : parameters->children) {
          const auto value = values_.quantity(entry, where);
          // One by one, so that each error has its place.
          sound = value && sound && findings_.attempt(entry, where, [&] {
            model->with({{entry.key, *value}});
          });
          if (value) given.emplace(entry.key, *value);
        }
      if (!sound)
        model.reset();
      else if (!given.empty() &&
               !findings_.attempt(*parameters, where, [&] { model = model->with(given); }))
        model.reset();
    } else {
      findings_.attempt(node, where, [&] { model = read_inline_model(document_, node); });
    }
    if (model)
      models_.emplace(node.key, *model);
    else
      failed_models_.insert(node.key);
  }
}

std::optional<model::Model> NetworkReader::find_model(const Node& node, const std::string& where) {
  const auto name = values_.text(node, where);
  if (!name || failed_models_.count(*name)) return std::nullopt;
  if (const auto found = models_.find(*name); found != models_.end()) return found->second;
  std::optional<model::Model> model;
  findings_.attempt(node, where, [&] {
    if (name->rfind("file:", 0) == 0) {
      const auto folder = std::filesystem::path(document_.file).parent_path();
      model.emplace(model::read_model_file((folder / name->substr(5)).string()));
      return;
    }
    try {
      model.emplace(library::find(*name));
    } catch (const NameError& error) {
      // The file's own models are as near as the library's.
      ErrorDetail detail = error.detail();
      std::vector<std::string> candidates = library::names();
      for (const auto& entry : models_) candidates.push_back(entry.first);
      detail.where = where;
      detail.nearest = nearest_name(*name, candidates);
      throw NameError(detail);
    }
  });
  return model;
}

Node NetworkReader::with_overrides(const Node& node, const std::string& name) {
  Node result = node;
  const std::string prefix = name + ".";
  for (const auto& [key, value] : overrides_.set) {
    if (key.rfind(prefix, 0) != 0 || values_.variables().count(key)) continue;
    used_overrides_.insert(key);
    Node entry;
    entry.kind = Node::Kind::string;
    entry.key = key.substr(prefix.size());
    entry.text = value;
    if (Node* old = result.find(entry.key))
      *old = entry;
    else
      result.children.push_back(entry);
  }
  return result;
}

void NetworkReader::check_overrides() {
  std::vector<std::string> known;
  for (const auto& entry : values_.variables()) known.push_back(entry.first);
  for (const Population& p : file_.network.populations())
    for (const auto& variable : p.model.variables())
      if (variable.kind != model::VariableKind::subexpression)
        known.push_back(p.name + "." + variable.name);
  for (const auto& [key, value] : overrides_.set)
    if (!used_overrides_.count(key))
      findings_.add("name", {.where = "--set " + key,
                             .what = "nothing in the network has this name",
                             .got = "'" + key + "'",
                             .expected = "POPULATION.PARAMETER or one of [variables]",
                             .nearest = nearest_name(key, known)});
}

std::optional<std::int64_t> NetworkReader::steps(const Node& node, const std::string& where) {
  const auto time = values_.quantity(node, where, dimension::time);
  std::optional<std::int64_t> result;
  if (time)
    findings_.attempt(node, where, [&] {
      result = file_.network.grid().steps(
          *time, node.key.empty() ? where : where + ", '" + node.key + "'");
    });
  return result;
}

}  // namespace callosum::format
