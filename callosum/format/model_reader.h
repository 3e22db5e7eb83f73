#pragma once

#include "callosum/format/document.h"
#include "callosum/model/model.h"

namespace callosum::format {

/// The model of a table [model.NAME], which holds what a model file holds. Errors name lines of the
/// network file.
model::Model read_inline_model(const Document& document, const Node& table);

}  // namespace callosum::format
