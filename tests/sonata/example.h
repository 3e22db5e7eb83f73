#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/temporary_folder.h"

namespace callosum::sonata {

inline std::filesystem::path example_circuit() {
  return std::filesystem::path(CALLOSUM_SOURCE_DIR) / "tests/sonata/examples/300_pointneurons";
}

}  // namespace callosum::sonata
