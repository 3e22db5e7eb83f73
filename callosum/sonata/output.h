#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "callosum/sim/recording.h"

namespace callosum::sonata {

/// Which nodes the neurons of a population are.
struct Origin {
  std::string nodes;                    ///< population of nodes
  std::vector<std::uint64_t> ids = {};  ///< of each neuron; empty: 0, 1, 2, ...
};
using Origins = std::map<std::string, Origin>;  ///< by population of the network

/// All recorded spikes as /spikes/<population>/{timestamps, node_ids}, by time, then node, in ms.
/// Populations without an origin keep their names. Throws FileError.
void write_spikes(const std::filesystem::path& path, const Recording& recording,
                  const Origins& origins = {});

/// All recorded traces of one variable as /report/<population>/{data, mapping}. Of several traces
/// of a population, those of equal times are put together; throws UnsupportedError for others,
/// NameError when nothing of this name was recorded.
void write_report(const std::filesystem::path& path, const Recording& recording,
                  const std::string& variable, const Origins& origins = {});

/// Spikes of one population of nodes.
struct NodeSpikes {
  std::string nodes;  ///< "" in files of the old form, /spikes/{gids, timestamps}
  std::vector<std::uint64_t> ids = {};
  std::vector<double> times_ms = {};
};
/// Throws FileError, ShapeError, ValueError.
std::vector<NodeSpikes> read_spikes(const std::filesystem::path& path);

}  // namespace callosum::sonata
