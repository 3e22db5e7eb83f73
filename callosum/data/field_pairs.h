#pragma once

#include <string_view>
#include <vector>

#include "callosum/data/locate.h"

namespace callosum::data {

/// Pairs of fields on a square grid: what an operator is given, and what it has to answer.
struct FieldPairs {
  std::size_t count = 0, side = 0;
  std::vector<float> input, output;  ///< [pair][row][column]
};

/// Pairs to learn an operator from.
struct FieldSet {
  FieldPairs train, test;
  FieldPairs fine;  ///< on a finer grid, for transfer between resolutions; none in a sample
  Location source = {};
};

/// "darcy-16": input 0 or 1 (two permeabilities), output pressure as scaled by its source. The
/// sample splits its 50 pairs into 40 and 10. \throws FileError as `locate` and for arrays that do
/// not fit each other; UnsupportedError for others.
FieldSet load_fields(std::string_view name, Need need = Need::any);

}  // namespace callosum::data
