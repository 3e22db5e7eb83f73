#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "callosum/core/error.h"
#include "callosum/data/locate.h"

namespace callosum::data {

/// A folder that is gone when the test is over.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "callosum-data-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// An environment variable for the length of a test; nullopt: not set.
class Variable {
 public:
  Variable(const char* name, std::optional<std::string> value) : name_(name) {
    if (const char* now = getenv(name)) before_ = now;
    put(value);
  }
  ~Variable() { put(before_); }

 private:
  void put(const std::optional<std::string>& value) {
    if (value)
      setenv(name_, value->c_str(), 1);
    else
      unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

inline std::filesystem::path shipped() {
  return std::filesystem::path(CALLOSUM_SOURCE_DIR) / "data";
}

/// Nothing but the shipped samples, wherever this program was built.
struct OnlySamples {
  TemporaryFolder empty;
  Variable data{"CALLOSUM_DATA", shipped().string()};
  Variable cache{"XDG_CACHE_HOME", empty.path().string()};
};

/// The text of the error that `work` throws; "" and a failure when it throws none of this kind.
template <class Kind, class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Kind& error) {
    return error.what();
  } catch (const std::exception& other) {
    ADD_FAILURE() << "another error: " << other.what();
    return {};
  }
  ADD_FAILURE() << "no error";
  return {};
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace callosum::data

/// Skips, and says so, where the whole data set is not on this machine.
#define NEEDS_WHOLE(name)                                                      \
  try {                                                                        \
    (void)::callosum::data::locate(name, ::callosum::data::Need::full);        \
  } catch (const ::callosum::FileError&) {                                     \
    GTEST_SKIP() << "data set '" << (name) << "' is not here (CALLOSUM_DATA)"; \
  }                                                                            \
  static_assert(true)
