#include "callosum/data/locate.h"

#include <cstdlib>
#include <optional>

#include "callosum/core/error.h"

namespace callosum::data {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path cache_or_nothing() {
  if (const std::string cache = environment("XDG_CACHE_HOME"); cache.starts_with('/'))
    return fs::path(cache) / "callosum" / "data";
  if (const std::string home = environment("HOME"); !home.empty())
    return fs::path(home) / ".cache" / "callosum" / "data";
  return {};
}

/// share/callosum/data beside or above the running program: a build folder or an installation.
fs::path shipped_folder() {
  std::error_code unknown;
  fs::path folder = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  for (; !folder.empty(); folder = folder.parent_path()) {
    const fs::path samples = folder / "share" / "callosum" / "data";
    if (fs::is_directory(samples, unknown)) return samples;
    if (folder == folder.root_path()) break;
  }
  return {};
}

/// What `folder` lacks of an edition, or "". Sizes tell a sample, or half a download, from the
/// whole.
std::string lacking(const Edition& edition, const fs::path& folder) {
  for (const DataFile& file : edition.files) {
    const fs::path path = present_file(folder, file.name);
    if (path.empty()) return "there is no " + std::string(file.name);
    std::error_code unknown;
    const std::uintmax_t bytes = fs::file_size(path, unknown);
    if (path.filename() == file.name && file.bytes != 0 && bytes != file.bytes)
      return std::string(file.name) + " has " + std::to_string(bytes) + " bytes, expected " +
             std::to_string(file.bytes);
  }
  return {};
}

std::optional<Location> found_in(const DataSet& set, const DataFolder& place, Need need,
                                 std::string& tried) {
  const fs::path folder = place.path / set.name;
  std::error_code unknown;
  if (!fs::is_directory(folder, unknown)) {
    tried += "\n  " + folder.string() + ": no such folder";
    return std::nullopt;
  }
  std::string first_lack;
  for (const Edition& edition : set.editions) {
    const std::string lack = lacking(edition, folder);
    if (lack.empty() && (need == Need::any || !edition.sample()))
      return Location{&set, &edition, place.origin, folder};
    if (first_lack.empty()) first_lack = lack;
    if (lack.empty()) first_lack = "a sample only";
  }
  tried += "\n  " + folder.string() + ": " + first_lack;
  return std::nullopt;
}

std::string how_to_get(const DataSet& set) {
  const std::string name(set.name);
  for (const Edition& edition : set.editions)
    if (edition.downloadable()) return "get it with: callosum data get " + name;
  return "get it from " + std::string(set.page) + " and set CALLOSUM_DATA to the folder above " +
         name + "/";
}

FileError nowhere(const DataSet& set, Need need, const std::string& tried) {
  ErrorDetail detail;
  detail.where = "data set '" + std::string(set.name) + "'";
  detail.what = need == Need::full ? "the whole data set is not on this machine"
                                   : "it is not on this machine";
  detail.what += "; " + how_to_get(set) + "\nlooked in:" +
                 (environment("CALLOSUM_DATA").empty() ? "\n  $CALLOSUM_DATA: not set" : "") +
                 tried;
  return FileError(std::move(detail));
}

}  // namespace

fs::path cache_folder() {
  fs::path folder = cache_or_nothing();
  if (!folder.empty()) return folder;
  ErrorDetail detail;
  detail.where = "cache of data sets";
  detail.what = "neither XDG_CACHE_HOME nor HOME is set";
  throw FileError(std::move(detail));
}

std::vector<DataFolder> data_folders() {
  std::vector<DataFolder> folders;
  if (const std::string set = environment("CALLOSUM_DATA"); !set.empty())
    folders.push_back({Origin::environment, set});
  if (const fs::path cache = cache_or_nothing(); !cache.empty())
    folders.push_back({Origin::cache, cache});
  if (const fs::path shipped = shipped_folder(); !shipped.empty())
    folders.push_back({Origin::shipped, shipped});
  return folders;
}

fs::path present_file(const fs::path& folder, std::string_view name) {
  std::vector<std::string> forms = {std::string(name)};
  if (name.ends_with(".gz")) forms.emplace_back(name.substr(0, name.size() - 3));
  if (name.ends_with(".zip")) forms.emplace_back(name.substr(0, name.size() - 4));
  if (forms.size() == 1) forms.push_back(forms[0] + ".gz");
  std::error_code unknown;
  for (const std::string& form : forms)
    if (fs::path path = folder / form; fs::is_regular_file(path, unknown)) return path;
  return {};
}

fs::path Location::file(std::string_view part) const {
  std::string_view match;
  std::string list;
  for (const DataFile& one : edition->files) {
    list += (list.empty() ? "" : ", ") + std::string(one.name);
    if (one.name.find(part) == std::string_view::npos) continue;
    if (!match.empty() && one.name != part && match != part) {
      match = {};
      break;
    }
    if (match != part) match = one.name;
  }
  const fs::path path = match.empty() ? fs::path() : present_file(folder, match);
  if (!path.empty()) return path;
  ErrorDetail detail;
  detail.where = "data set '" + std::string(set->name) + "' in " + folder.string();
  detail.what = match.empty() ? "no single file has this in its name" : "the file is gone";
  detail.got = part;
  detail.expected = "one of " + list;
  throw FileError(std::move(detail));
}

std::string Location::description() const {
  return std::string(set->name) + ", " + std::string(edition->name) + ": " +
         std::string(edition->content);
}

Location locate(std::string_view name, Need need) {
  const std::string_view names[] = {name};
  return locate_first(names, need);
}

Location locate_first(std::span<const std::string_view> names, Need need) {
  std::string tried;
  for (std::string_view name : names) {
    const DataSet& set = data_set(name);
    for (const DataFolder& place : data_folders())
      if (auto found = found_in(set, place, need, tried)) return *found;
  }
  if (names.empty()) {
    ErrorDetail detail;
    detail.where = "locate_first";
    detail.what = "no data set was named";
    throw ValueError(std::move(detail));
  }
  throw nowhere(data_set(names.front()), need, tried);
}

}  // namespace callosum::data
