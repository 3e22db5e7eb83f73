#pragma once

#include <string>

#include "callosum/model/model.h"

namespace callosum::model {

/// Reads "> 0 pF", ">= 0 ms", "< 1", "[0, 1]", "(0, 1]" into the variable's bounds.
/// Throws SyntaxError, UnitError when the unit is not the variable's.
void set_range(Variable& variable, const ParameterText& parameter);

/// ValueError naming the range unless `value` (internal units) is finite and inside it.
/// `written` is the value as the user wrote it, for the message.
void check_range(const Variable& variable, double value, const std::string& written);

}  // namespace callosum::model
