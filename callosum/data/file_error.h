#pragma once

#include <filesystem>
#include <string>

#include "callosum/core/error.h"

namespace callosum::data {

/// An error about a file, or about the place in it that `where` names.
inline FileError file_error(std::string where, std::string what, std::string got = {},
                            std::string expected = {}) {
  ErrorDetail detail;
  detail.where = std::move(where);
  detail.what = std::move(what);
  detail.got = std::move(got);
  detail.expected = std::move(expected);
  return FileError(std::move(detail));
}

inline std::string in_file(const std::filesystem::path& path) {
  return "file '" + path.string() + "'";
}

}  // namespace callosum::data
