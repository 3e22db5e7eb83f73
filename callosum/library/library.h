#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "callosum/model/model.h"

namespace callosum::library {

/// Names of the shipped models of a kind, sorted. The files are compiled into the library, so a
/// program needs nothing beside it; $CALLOSUM_MODELS (folders separated by ':') adds a user's own.
std::vector<std::string> names(model::ModelKind kind);
std::vector<std::string> names();

/// The shipped or user model called `name`; names of NEST and PyNN are accepted as aliases.
/// Throws NameError with the nearest name.
model::Model find(std::string_view name);
model::Model neuron(std::string_view name);  ///< the same, of that kind only
model::Model synapse(std::string_view name);
model::Model source(std::string_view name);

/// The text of the shipped file.
std::string_view file_text(std::string_view name);

}  // namespace callosum::library
