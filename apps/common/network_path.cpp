#include "apps/common/network_path.h"

#include <algorithm>
#include <filesystem>

#include "callosum/core/error.h"

namespace callosum::app {

namespace fs = std::filesystem;

std::vector<std::string> network_folders() {
  std::vector<std::string> folders = {"networks"};
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  if (!unknown)
    for (const char* relative : {"../../networks", "../share/callosum/networks"})
      folders.push_back((program.parent_path() / relative).lexically_normal().string());
  return folders;
}

namespace {

std::vector<std::string> shipped_networks() {
  std::vector<std::string> names;
  for (const std::string& folder : network_folders()) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder, missing))
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::string network_path(const std::string& name) {
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return name;
  if (name.find('/') == std::string::npos)
    for (const std::string& folder : network_folders())
      for (const char* ending : {".toml", ""})
        if (const fs::path path = fs::path(folder) / (name + ending);
            fs::is_regular_file(path, ignored))
          return path.string();
  const std::vector<std::string> names = shipped_networks();
  std::string list;
  for (const std::string& one : names) list += (list.empty() ? "" : ", ") + one;
  ErrorDetail detail;
  detail.where = "network";
  detail.what =
      fs::is_directory(name, ignored) ? "this is a folder" : "no such file or shipped network";
  detail.got = name;
  detail.expected = "a TOML file" + (list.empty() ? "" : " or one of " + list);
  detail.nearest = nearest_name(fs::path(name).stem().string(), names);
  throw FileError(std::move(detail));
}

}  // namespace callosum::app
