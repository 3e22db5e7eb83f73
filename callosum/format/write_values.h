#pragma once

#include <string>
#include <vector>

#include "callosum/core/units.h"
#include "callosum/format/document.h"
#include "callosum/model/model.h"
#include "callosum/network/values.h"

/// Values, numbers and names as TOML text.
namespace callosum::format {

/// A quantity whose internal number is exactly `internal`.
Quantity quantity_of(double internal, Dimension dimension);
/// "6 nS" in quotes, or a bare number without dimension.
std::string toml(Quantity quantity);
std::string toml(const Values& values);
/// "[a, b, c]".
std::string toml_list(const std::vector<std::string>& elements);
/// A key, quoted where TOML asks for it.
std::string toml_key(const std::string& name);
/// A string over several lines, or on one line where it has only one.
std::string toml_text(const std::string& text);
/// The table [model.NAME] that defines `model`.
std::string toml_model(const model::Model& model, const std::string& name);
/// The model as a file of its own, which model::read_model_file reads.
std::string toml_model_file(const model::Model& model);

}  // namespace callosum::format
