#pragma once

#include "callosum/model/program.h"

namespace callosum::model {

/// Replaces functions by primitives at `precision` (our own exp, log, tanh ..., at most 2 ulp from
/// libm) and rounds constants to it. The result means the same bits to the interpreter and to
/// machine code of any vector width.
Program lower_functions(const Program& program, Precision precision);

/// Removes what nothing uses, folds, and fuses multiply-add where a product has one use.
Program simplify(const Program& program);

}  // namespace callosum::model
