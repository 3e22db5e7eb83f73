#pragma once

#include <functional>
#include <span>
#include <string>

#include "callosum/format/network_file.h"

namespace callosum::format {

/// Where long arrays go instead of into the text: takes a name ("in/weight") and its numbers, and
/// returns what stands in their place, as { hdf5 = "w.h5", dataset = "in/weight" }. With it, the
/// file needs those arrays.
struct ArrayStore {
  std::function<std::string(const std::string& name, std::span<const double> numbers,
                            const std::string& unit)>
      put;
  std::size_t longer_than = 64;
};

/// The network as a file that needs nothing else: models inline, every default written out, every
/// number at its full precision. Reading it gives an equal network.
std::string write_network(const NetworkFile& file, const ArrayStore& store = {});

}  // namespace callosum::format
