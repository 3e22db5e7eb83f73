#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/NoFolder.h>

#include <vector>

#include "callosum/model/program.h"

namespace callosum::jit {

/// Writes what it is told: constants were folded where their meaning is known, in the program.
using Writer = llvm::IRBuilder<llvm::NoFolder>;

/// One primitive other than constant and load, for scalars or vectors alike: what
/// elementary::ScalarArithmetic defines, to the bit.
llvm::Value* emit(Writer& b, model::Op op, const std::vector<llvm::Value*>& operands);

}  // namespace callosum::jit
