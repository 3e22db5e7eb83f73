#pragma once

#include <vector>

#include "callosum/model/program.h"

namespace llvm {
class IRBuilderBase;
class Value;
}  // namespace llvm

namespace callosum::jit {

/// Writes one primitive other than constant and load, for scalars or vectors alike: what
/// elementary::ScalarArithmetic defines, to the bit.
llvm::Value* emit(llvm::IRBuilderBase& b, model::Op op, const std::vector<llvm::Value*>& operands);

}  // namespace callosum::jit
