#pragma once

#include <map>
#include <string>
#include <string_view>

#include "callosum/core/precision.h"

namespace callosum::jit {

/// The processor that code is made for.
struct Host {
  std::string triple = {};
  std::string processor = {};                 ///< "znver4"
  std::map<std::string, bool> features = {};  ///< by LLVM's names: "avx2", "neon"
  std::string compiler = {};                  ///< "LLVM 19.1.7"

  bool has(const std::string& feature) const;
  std::string feature_list() const;  ///< "+avx2,-avx512f,..."
};

/// This machine, detected once.
const Host& host();

/// Throws ResourceError that names the processor and the features it lacks for x86-64-v3 or NEON.
void require_floor(const Host& host);

/// Lanes whose vector fills this machine's registers.
int preferred_lanes(const Host& host, Precision precision);

}  // namespace callosum::jit
