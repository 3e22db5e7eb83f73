#include "callosum/sim/spike_statistics.h"

#include <cmath>
#include <limits>

namespace callosum::sim {

std::uint64_t SpikeStatistics::spikes() const {
  std::uint64_t sum = 0;
  for (const Train& t : trains_) sum += t.spikes;
  return sum;
}

double SpikeStatistics::cv_isi() const {
  double sum = 0;
  std::uint64_t neurons = 0;
  for (const Train& t : trains_) {
    if (t.spikes < 5) continue;
    const double n = static_cast<double>(t.spikes - 1);
    const double mean = static_cast<double>(t.sum) / n;
    const double variance = static_cast<double>(t.squares) / n - mean * mean;
    sum += std::sqrt(variance > 0 ? variance : 0) / mean;
    ++neurons;
  }
  return neurons > 0 ? sum / static_cast<double>(neurons)
                     : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace callosum::sim
