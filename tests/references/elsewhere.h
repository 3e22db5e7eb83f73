#pragma once

#include <string>

namespace callosum::references {

/// The test that writes a neuron's equations or steps again and compares with them, for those that
/// a drive of 150 ms shows nothing of: maps of a network's program, and astrocytes, which take
/// seconds. Empty for all others.
inline std::string tested_elsewhere(const std::string& neuron) {
  if (neuron.starts_with("nalsm_")) return "tests/sim/nalsm_test.cpp";
  if (neuron == "astrocyte_li_rinzel") return "tests/sim/astrocyte_test.cpp";
  return {};
}

}  // namespace callosum::references
