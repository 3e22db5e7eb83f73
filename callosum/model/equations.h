#pragma once

#include <set>
#include <string>
#include <vector>

#include "callosum/model/model.h"

namespace callosum::model {

/// Reads the three line forms of Brian2's equations. Every problem is appended to `problems`, the
/// lines that could be read are returned. `unread` gets the names that the others would have given.
std::vector<Variable> read_equations(const SourceText& source, std::vector<ErrorDetail>& problems,
                                     std::set<std::string>& unread);

/// Reads `x = e`, `x += e` ... separated by lines or semicolons.
std::vector<Statement> read_statements(const SourceText& source,
                                       std::vector<ErrorDetail>& problems);

/// The dimension of a base-unit expression such as `volt`, `amp/meter**2`, `1`.
/// Throws UnitError proposing the base unit where a scaled one stands, NameError.
Dimension read_unit(const SourceText& source, Span span);

}  // namespace callosum::model
