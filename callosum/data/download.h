#pragma once

#include <filesystem>
#include <string>

#include "callosum/core/progress.h"
#include "callosum/data/registry.h"

namespace callosum::data {

struct DownloadOptions {
  ProgressCallback progress = {};  ///< false stops; what has come is kept and gone on with later
  int attempts = 4;        ///< of a connection that breaks off; each goes on where the last stopped
  double patience_s = 30;  ///< without a byte before an attempt is given up
};

/// Where a file of a data set is fetched from: its authors' address or, where the environment
/// variable CALLOSUM_MIRROR is set, $CALLOSUM_MIRROR/<data set>/<file>.
std::string address(const DataSet& set, const DataFile& file);

/// Fetches `url` to `to`. It grows as `<to>.part`, which a later call goes on with, and gets its
/// name once size and checksum are those of `file`. Nothing is done when `to` is there and right.
/// libcurl is opened here and nowhere else. \throws FileError when the server refuses, the
/// connection stays broken (the part is kept) or the checksum is wrong (the part is removed);
/// ResourceError when the disk is too small or libcurl is not installed; Interrupted.
void download(const std::string& url, const DataFile& file, const std::filesystem::path& to,
              const DownloadOptions& options = {});

/// Fetches all files of an edition into `folder` (made where missing).
/// \throws UnsupportedError for an edition that is not to be had file by file; as `download`.
void download(const DataSet& set, const Edition& edition, const std::filesystem::path& folder,
              const DownloadOptions& options = {});

}  // namespace callosum::data
