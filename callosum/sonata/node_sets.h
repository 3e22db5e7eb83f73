#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callosum/sonata/circuit.h"

namespace callosum::sonata {

/// Positions of the chosen nodes within each population, ascending; populations of which none is
/// chosen are left out. Throws NameError for an unknown set or one that holds itself.
std::map<std::string, std::vector<std::uint32_t>> chosen_nodes(
    const Circuit& circuit, const std::map<std::string, NodeSet>& sets, const std::string& name,
    const std::string& where);

}  // namespace callosum::sonata
