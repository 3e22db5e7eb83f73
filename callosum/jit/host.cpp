#include "callosum/jit/host.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

#include <vector>

#include "callosum/core/error.h"

namespace callosum::jit {
namespace {

// The psABI's x86-64-v3, by LLVM's names.
const std::vector<std::string> x86_64_v3{"cx16",   "sahf", "popcnt", "ssse3", "sse4.1",
                                         "sse4.2", "avx",  "avx2",   "bmi",   "bmi2",
                                         "f16c",   "fma",  "lzcnt",  "movbe"};

Host detect() {
  Host found;
  found.triple = llvm::sys::getProcessTriple();
  found.processor = llvm::sys::getHostCPUName().str();
  for (const auto& feature : llvm::sys::getHostCPUFeatures())
    found.features[feature.getKey().str()] = feature.getValue();
  found.compiler = "LLVM " LLVM_VERSION_STRING;
  return found;
}

}  // namespace

bool Host::has(const std::string& feature) const {
  const auto it = features.find(feature);
  return it != features.end() && it->second;
}

std::string Host::feature_list() const {
  std::string list;
  for (const auto& [feature, present] : features)
    list += (list.empty() ? "" : ",") + std::string(present ? "+" : "-") + feature;
  return list;
}

const Host& host() {
  static const Host found = detect();
  return found;
}

void require_floor(const Host& host) {
  const llvm::Triple triple(host.triple);
  std::vector<std::string> needed{"neon"};
  std::string floor = "64-bit ARM with NEON";
  if (triple.getArch() == llvm::Triple::x86_64) {
    needed = x86_64_v3;
    floor = "x86-64-v3";
  } else if (!triple.isAArch64(64)) {
    throw ResourceError({.where = "processor '" + host.processor + "'",
                         .what = "no machine code is made for this architecture",
                         .got = host.triple,
                         .expected = "x86-64-v3 or 64-bit ARM with NEON"});
  }
  std::string missing;
  for (const std::string& feature : needed)
    if (!host.has(feature)) missing += (missing.empty() ? "" : ", ") + feature;
  if (!missing.empty())
    throw ResourceError({.where = "processor '" + host.processor + "'",
                         .what = "the processor is too old",
                         .got = "one without " + missing,
                         .expected = floor});
}

int preferred_lanes(const Host& host, Precision precision) {
  const bool wide = host.has("avx512f") && host.has("avx512vl") && host.has("avx512dq");
  const int register_bytes = wide ? 64 : host.has("avx2") ? 32 : 16;
  const int lanes = register_bytes / bytes(precision);
  return lanes < 4 ? 4 : lanes;
}

}  // namespace callosum::jit
