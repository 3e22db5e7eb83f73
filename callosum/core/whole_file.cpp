#include "callosum/core/whole_file.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "callosum/core/error.h"

namespace callosum {

void write_whole_file(const std::string& path, std::string_view text, const std::string& where) {
  const std::string temporary = path + ".part" + std::to_string(getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(temporary, path, failed);
  if (file && !failed) return;
  std::remove(temporary.c_str());
  throw FileError({.where = where, .what = "cannot write the file", .got = path});
}

std::optional<std::string> read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.is_open() || file.bad()) return std::nullopt;
  return std::move(text).str();
}

}  // namespace callosum
