#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "callosum/core/error.h"
#include "callosum/data/locate.h"
#include "tests/temporary_folder.h"

namespace callosum::data {

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

}  // namespace callosum::data

/// Skips, and says so, where the whole data set is not on this machine.
#define NEEDS_WHOLE(name)                                                      \
  try {                                                                        \
    (void)::callosum::data::locate(name, ::callosum::data::Need::full);        \
  } catch (const ::callosum::FileError&) {                                     \
    GTEST_SKIP() << "data set '" << (name) << "' is not here (CALLOSUM_DATA)"; \
  }                                                                            \
  static_assert(true)
