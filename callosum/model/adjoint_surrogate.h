#pragma once

#include "callosum/model/adjoint.h"
#include "callosum/model/builder.h"

namespace callosum::model {

/// Writes surrogate(x).
Value surrogate_slope(Builder& builder, Surrogate surrogate, Value x);

}  // namespace callosum::model
