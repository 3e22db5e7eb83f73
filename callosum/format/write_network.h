#pragma once

#include <string>

#include "callosum/format/network_file.h"

namespace callosum::format {

/// The network as a file that needs nothing else: models inline, every default written out, every
/// number at its full precision. Reading it gives an equal network.
std::string write_network(const NetworkFile& file);

}  // namespace callosum::format
