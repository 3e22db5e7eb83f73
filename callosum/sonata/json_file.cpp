#include "callosum/sonata/json_file.h"

#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"

namespace callosum::sonata {

JsonFile::JsonFile(const std::filesystem::path& path) : path_(path) {
  const auto text = read_whole_file(path.string());
  if (!text) throw FileError({.where = "file '" + path.string() + "'", .what = "cannot be read"});
  root_ = Json::parse(*text, nullptr, false, true);
  if (root_.is_discarded() || !root_.is_object())
    throw SyntaxError({.where = "file '" + path.string() + "'",
                       .what = "this is no JSON object",
                       .expected = "{ \"key\": value, ... }"});
}

std::string JsonFile::where(const std::string& key) const {
  return "file '" + path_.string() + "', " + key;
}

std::filesystem::path JsonFile::resolved(const std::string& given) const {
  std::string text = given;
  // The longest name first: $DIR is no part of $DIR_2.
  std::vector<std::pair<std::string, std::string>> variables;
  for (const auto& [name, value] : object(root_, "manifest").items())
    if (value.is_string() && name.size() > 1)
      variables.emplace_back(name, value.get<std::string>());
  std::sort(variables.begin(), variables.end(),
            [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  for (int depth = 0; text.find('$') != std::string::npos; ++depth) {
    bool changed = false;
    for (const auto& [name, value] : variables)
      for (const std::string& form : {"${" + name.substr(1) + "}", name})
        if (const auto at = text.find(form); at != std::string::npos) {
          text.replace(at, form.size(), value);
          changed = true;
        }
    if (!changed || depth > 16 || text.size() > 65536)
      throw NameError(
          {.where = where("path"),
           .what = changed ? "the manifest refers to itself" : "the manifest has no such variable",
           .got = given});
  }
  const std::filesystem::path path(text);
  return (path.is_absolute() ? path : path_.parent_path() / path).lexically_normal();
}

void JsonFile::wrong(const std::string& key, const Json& got, const char* expected) const {
  throw ValueError({.where = where(key),
                    .what = "this is of another type",
                    .got = got.type_name(),
                    .expected = expected});
}

const Json& JsonFile::object(const Json& from, const std::string& key) const {
  static const Json none = Json::object();
  const auto found = from.find(key);
  if (found == from.end() || found->is_null()) return none;
  if (!found->is_object()) wrong(key, *found, "an object");
  return *found;
}

const Json& JsonFile::list(const Json& from, const std::string& key) const {
  static const Json none = Json::array();
  const auto found = from.find(key);
  if (found == from.end() || found->is_null()) return none;
  if (!found->is_array()) wrong(key, *found, "a list");
  return *found;
}

std::string JsonFile::text(const Json& from, const std::string& key,
                           const std::string& fallback) const {
  const auto found = from.find(key);
  if (found == from.end() || found->is_null()) return fallback;
  if (!found->is_string()) wrong(key, *found, "a text");
  return found->get<std::string>();
}

std::optional<double> JsonFile::number(const Json& from, const std::string& key) const {
  const auto found = from.find(key);
  if (found == from.end() || found->is_null()) return {};
  if (!found->is_number()) wrong(key, *found, "a number");
  return found->get<double>();
}

}  // namespace callosum::sonata
