#pragma once

#include <string>

#include "callosum/model/program.h"

namespace callosum::jit {

/// The bytes of an object file that defines `kernel_symbol` for this machine. Thread-safe.
/// Throws ResourceError when LLVM cannot.
std::string compile_object(const model::Program& program, int lanes);

}  // namespace callosum::jit
