#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "callosum/data/locate.h"
#include "callosum/data/registry.h"

namespace callosum::data {

/// The checksum of a file's bytes in hex, in the form of `like`: SHA-256, or "md5:..." when `like`
/// begins so. \throws FileError when the file cannot be read.
std::string digest_of(const std::filesystem::path& path, std::string_view like = "");

/// Whether the bytes of `path` are those of `file`. \throws FileError, saying what differs.
void verify_file(const std::filesystem::path& path, const DataFile& file);

/// Verifies every file of a data set that was found. A file that lies there unpacked is compared
/// only where the registry knows the unpacked bytes; returns how many were not compared.
/// \throws FileError as `verify_file`.
int verify(const Location& location);

}  // namespace callosum::data
