#pragma once

#include "callosum/model/program.h"

namespace llvm {
class Module;
}

namespace callosum::jit {

/// Raised whenever the same program may give other machine code: it is part of the cache's key.
inline constexpr int code_generator_version = 2;

/// The function that `generate` adds:
/// void(void* const* columns, const void* uniforms, uint64_t* const* masks, int64 begin, int64 end)
inline constexpr const char* kernel_symbol = "callosum_kernel";

/// Writes a lowered program as one loop over explicit vectors of `lanes` (4, 8 or 16) numbers.
/// What does not differ between lanes is computed once, in scalar, before the loop.
void generate(const model::Program& program, int lanes, llvm::Module& module);

}  // namespace callosum::jit
