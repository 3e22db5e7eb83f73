#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "callosum/core/precision.h"
#include "callosum/network/network.h"

namespace callosum::format {

/// Reads the numbers of a data set of an HDF5 file: data::read_hdf5_numbers, for programs that link
/// the floor of data sets. Throws FileError.
using ArrayReader =
    std::function<std::vector<double>(const std::string& path, const std::string& dataset)>;

/// Changes made to a network file before it is built: the command line's --scale, --dt, --set.
struct NetworkOverrides {
  double scale = 1;                             ///< neurons and in-degrees (docs/guide, "scaling")
  std::string dt = {};                          ///< "" : the file's
  std::map<std::string, std::string> set = {};  ///< "population.parameter" or "variable" -> value
  /// For values { hdf5 = "w.h5", dataset = "in" } that lie in a file beside the network's.
  ArrayReader arrays = {};
};

struct NetworkFile {
  Network network;
  std::string duration;  ///< "1 s": default of `callosum run`
  std::string resolved;  ///< TOML with every default written out; reading it gives `network`
  std::string title, reference, doc;
  std::optional<std::uint64_t> seed;   ///< of a [run] table, which makes a file repeat a run
  std::uint32_t replica = 0;           ///< of a [run] table: which of several runs
  int replicas = 1;                    ///< of a [run] table: how many runs
  std::optional<Precision> precision;  ///< of a [run] table
};

/// Reads a TOML network file (docs/guide/network-file.md). Every error names file, line, column,
/// and the nearest valid key or name; unknown keys are errors; several errors come together as
/// ErrorList.
NetworkFile read_network(const std::string& path, const NetworkOverrides& overrides = {});
NetworkFile read_network_text(const std::string& toml, const std::string& file,
                              const NetworkOverrides& overrides = {});

}  // namespace callosum::format
