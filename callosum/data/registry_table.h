#pragma once

#include <vector>

#include "callosum/data/registry.h"

namespace callosum::data {

/// The data sets themselves, in the order of their names.
std::vector<DataSet> registry_table();

}  // namespace callosum::data
