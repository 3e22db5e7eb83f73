#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

/// What the source files that read JSON share. Never included by a public header.
namespace callosum::sonata {

using Json = nlohmann::ordered_json;

/// A JSON object in a file, with the file's name for messages and its manifest for paths.
class JsonFile {
 public:
  /// Throws FileError when it is missing, SyntaxError when it is no JSON object.
  explicit JsonFile(const std::filesystem::path& path);

  const Json& root() const { return root_; }
  const std::filesystem::path& path() const { return path_; }
  std::string where(const std::string& key) const;
  /// A path with the manifest's variables replaced, from the file's folder on.
  std::filesystem::path resolved(const std::string& text) const;

  /// Members of `object`, or the fallback where there is none. Throw ValueError for another type.
  const Json& object(const Json& from, const std::string& key) const;  ///< empty where missing
  const Json& list(const Json& from, const std::string& key) const;    ///< empty where missing
  std::string text(const Json& from, const std::string& key, const std::string& fallback) const;
  std::optional<double> number(const Json& from, const std::string& key) const;

 private:
  [[noreturn]] void wrong(const std::string& key, const Json& got, const char* expected) const;

  std::filesystem::path path_;
  Json root_;
};

}  // namespace callosum::sonata
