#pragma once

#include <functional>
#include <string>

#include "callosum/model/expression.h"

namespace callosum::model {

/// The value of a checked expression in double, by the same elementary functions as programs use.
/// Conditions are 0 or 1. `lookup` gives the values of names. Throws UnsupportedError for draws.
double evaluate(const Expression& e, const std::function<double(const std::string&)>& lookup);

}  // namespace callosum::model
