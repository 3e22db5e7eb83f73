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

/// What stands in the place of a list that lies in data set `dataset` of the HDF5 file `file`,
/// which is beside the network's. `unit` may be empty.
std::string array_reference(const std::string& file, const std::string& dataset,
                            const std::string& unit);

/// The network as a file that needs nothing else: models inline, every default written out, every
/// number at its full precision. Reading it gives an equal network.
std::string write_network(const NetworkFile& file, const ArrayStore& store = {});

}  // namespace callosum::format
