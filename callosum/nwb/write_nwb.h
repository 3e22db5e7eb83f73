#pragma once

#include <filesystem>
#include <string>

#include "callosum/sim/recording.h"

namespace callosum::nwb {

/// What an NWB file says of a run beside what was recorded.
struct NwbOptions {
  std::string description = {};  ///< "" : names the network
  std::string start = {};        ///< ISO 8601 with a zone, of time 0; "" : now
};

/// A recording as a file in Neurodata Without Borders 2.7: /units holds a row for every recorded
/// neuron with its spike times in seconds, its population and its index there; every trace is a
/// TimeSeries in acquisition, [sample, neuron], with the factor that makes SI units of its numbers
/// and the neurons in its comments. Weights are not written. Throws FileError.
void write_nwb(const std::filesystem::path& path, const Recording& recording,
               const NwbOptions& options = {});

}  // namespace callosum::nwb
