#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/registry.h"

namespace callosum::data {

/// Where a data set may lie, in the order in which it is looked for.
enum class Origin {
  environment,  ///< $CALLOSUM_DATA/<name>
  cache,        ///< $XDG_CACHE_HOME/callosum/data/<name>, else ~/.cache/callosum/data/<name>
  shipped,      ///< the samples that come with callosum
};

struct DataFolder {
  Origin origin;
  std::filesystem::path path;
};
/// The folders searched on this machine; those not set or not installed are left out.
std::vector<DataFolder> data_folders();
/// The folder that `callosum data get` fills. \throws FileError where there is no home folder.
std::filesystem::path cache_folder();

/// Whether the sample that comes with callosum is enough.
enum class Need { any, full };

/// A data set that was found.
struct Location {
  const DataSet* set = nullptr;
  const Edition* edition = nullptr;
  Origin origin = Origin::shipped;
  std::filesystem::path folder;

  /// The one file whose name contains `part`, as it lies there (packed or unpacked).
  /// \throws FileError when no file or several do.
  std::filesystem::path file(std::string_view part) const;
  bool sample() const { return edition->sample(); }
  /// For reports: "fashion-mnist, sample: 1,500 + 500 images, balanced".
  std::string description() const;
};

/// Finds a data set by name: the first folder in which all files of an edition lie.
/// \throws NameError for an unknown name; FileError when nothing was found, saying where it was
/// looked for, what was missing there and how to get it.
Location locate(std::string_view name, Need need = Need::any);
/// The first of several that is there: `locate_first({"mnist", "fashion-mnist"})`.
Location locate_first(std::span<const std::string_view> names, Need need = Need::any);

/// The file of `folder` called `name`; else the same packed or unpacked (without ".gz" or ".zip",
/// or with ".gz"); "" when there is none.
std::filesystem::path present_file(const std::filesystem::path& folder, std::string_view name);

}  // namespace callosum::data
