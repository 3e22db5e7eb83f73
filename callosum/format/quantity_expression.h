#pragma once

#include <map>
#include <string>
#include <string_view>

#include "callosum/core/units.h"

namespace callosum::format {

/// Evaluates "6 nS", "-g*J", "8 Hz * 1600", "sqrt(2) * (V_th - 1 mV)": numbers, units, variables,
/// + - * / ** and parentheses; abs, sqrt, exp, log, minimum, maximum. A number before a unit
/// belongs to it, so "1 / 2 ms" is refused as ambiguous. A variable hides a unit of its name.
/// Throws SyntaxError, NameError (nearest unit or variable), UnitError; the location's column
/// counts within `text`.
Quantity evaluate(std::string_view text, const std::map<std::string, Quantity>& variables);

}  // namespace callosum::format
