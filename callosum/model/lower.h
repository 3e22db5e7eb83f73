#pragma once

#include "callosum/model/program.h"

namespace callosum::model {

/// Replaces functions by primitives at `precision` (our own exp, log, tanh ..., at most 2 ulp from
/// libm) and rounds constants to it, subnormal ones to zero; the result is simplified and means the
/// same bits to the interpreter and to machine code of any vector width. power with a constant
/// whole exponent up to 64 in size is repeated multiplication, with 0.5 a square root. floor_div
/// and mod are Python's: the remainder has the divisor's sign. expm and element stay, for the
/// interpreter.
Program lower_functions(const Program& program, Precision precision);

/// Removes what nothing uses, folds, turns divisions by powers of two into products, and in a
/// program that is not lowered fuses multiply-add where a product has one use (the left one of
/// two). Only the fusion changes a result's bits. Simplifying again changes nothing.
Program simplify(const Program& program);

}  // namespace callosum::model
