#include "callosum/library/library.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>

#include "callosum/library/model_files.h"

namespace callosum::library {
namespace {

struct Entry {
  std::string name, text;
  model::Model model;
};

// Shipped models first, a user's own folders after them; a user's model of the same name wins.
std::vector<Entry> load() {
  std::map<std::string, std::pair<std::string, std::string>> files;  // name -> path, text
  for (const ModelFile& file : model_files())
    files[std::string(file.name)] = {"library/" + std::string(file.path), std::string(file.text)};
  if (const char* folders = std::getenv("CALLOSUM_MODELS")) {
    std::istringstream in(folders);
    for (std::string folder; std::getline(in, folder, ':');) {
      std::error_code ignored;
      for (const auto& item : std::filesystem::recursive_directory_iterator(folder, ignored)) {
        if (item.path().extension() != ".toml") continue;
        std::ifstream text(item.path(), std::ios::binary);
        files[item.path().stem()] = {item.path(), {std::istreambuf_iterator<char>(text), {}}};
      }
    }
  }
  std::vector<Entry> entries;
  for (auto& [name, file] : files) {
    model::ModelText text = model::read_model_text(file.second, file.first);
    entries.push_back({name, std::move(file.second), model::Model(text)});
  }
  return entries;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = load();
  return all;
}

const Entry& entry(std::string_view name, const model::ModelKind* kind) {
  std::vector<std::string> candidates;
  for (const Entry& e : entries()) {
    if (kind != nullptr && e.model.kind() != *kind) continue;
    bool match = e.name == name;
    candidates.push_back(e.name);
    for (const auto& [simulator, alias] : e.model.text().aliases) {
      match = match || alias == name;
      candidates.push_back(alias);
    }
    if (match) return e;
  }
  throw NameError(
      {.where = "model library",
       .what = "no model of this name",
       .got = std::string(name),
       .expected = "a name of `callosum model list`, or \"file:PATH\" in a network file",
       .nearest = nearest_name(name, candidates),
       .location = std::nullopt});
}

model::Model of_kind(std::string_view name, model::ModelKind kind) {
  return entry(name, &kind).model;
}

}  // namespace

std::vector<std::string> names(model::ModelKind kind) {
  std::vector<std::string> result;
  for (const Entry& e : entries())
    if (e.model.kind() == kind) result.push_back(e.name);
  return result;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Entry& e : entries()) result.push_back(e.name);
  return result;
}

model::Model find(std::string_view name) { return entry(name, nullptr).model; }
model::Model neuron(std::string_view name) { return of_kind(name, model::ModelKind::neuron); }
model::Model synapse(std::string_view name) { return of_kind(name, model::ModelKind::synapse); }
model::Model source(std::string_view name) { return of_kind(name, model::ModelKind::source); }
std::string_view file_text(std::string_view name) { return entry(name, nullptr).text; }

}  // namespace callosum::library
