#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace callosum {

/// Written to a temporary name beside it and renamed: the file appears whole or not at all.
/// FileError, with `where` in it.
void write_whole_file(const std::string& path, std::string_view text, const std::string& where);

/// The bytes of a file; nothing when it cannot be read.
std::optional<std::string> read_whole_file(const std::string& path);

}  // namespace callosum
