#pragma once

#include <cstdint>
#include <vector>

#include "callosum/sim/recording.h"

namespace callosum::report {

/// What one pass over a spike record tells of each neuron and of all intervals.
struct SpikeStatistics {
  std::vector<double> spikes_per_neuron;  ///< one entry a recorded neuron, silent ones as 0
  std::vector<double> intervals_ms;       ///< of all neurons, ordered by their end
  /// Coefficient of variation of each neuron's intervals (standard deviation, divisor n, over
  /// mean), of neurons with at least 5 spikes, in ascending index.
  std::vector<double> cv;
};
SpikeStatistics spike_statistics(const SpikeRecord& record, double dt_ms);

/// Population rate in Hz in consecutive bins of `bin_steps`; bin i holds the spikes stamped
/// i bin_steps + 1 .. (i+1) bin_steps. The last bin is divided by the time it really covers.
std::vector<double> binned_rate_hz(const SpikeRecord& record, std::int64_t steps,
                                   std::int64_t bin_steps, double dt_ms);

/// Bin width in steps: 1, 2 or 5 times a power of ten milliseconds (at least a step, at least 1 ms)
/// such that the run has at most `bins` bins.
std::int64_t pleasant_bin(std::int64_t steps, double dt_ms, int bins);

/// Index range of a record's neurons: [0, size) where it holds, else first to last seen.
struct IndexRange {
  std::uint32_t first = 0, count = 0;
};
IndexRange index_range(const SpikeRecord& record);

}  // namespace callosum::report
