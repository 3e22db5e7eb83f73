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

// Four a neuron.
std::vector<std::uint64_t> SpikeStatistics::numbers(std::uint32_t begin, std::uint32_t end) const {
  std::vector<std::uint64_t> numbers;
  for (std::uint32_t i = begin; i < end; ++i) {
    const Train& t = trains_[i];
    numbers.insert(numbers.end(), {t.spikes, t.sum, t.squares, static_cast<std::uint64_t>(t.last)});
  }
  return numbers;
}

void SpikeStatistics::take(const std::vector<std::uint64_t>& numbers, std::uint32_t begin) {
  for (std::size_t k = 0; k < numbers.size(); k += 4)
    trains_[begin + k / 4] = {numbers[k], numbers[k + 1], numbers[k + 2],
                              static_cast<std::int64_t>(numbers[k + 3])};
}

SpikeStatistics SpikeStatistics::merged(Ranks& ranks) const {
  std::vector<std::uint64_t> all = numbers(0, size());
  ranks.sum(all);
  SpikeStatistics merged(size());
  merged.take(all, 0);
  return merged;
}

void SpikeStatistics::save(ArchiveWriter& out, const std::string& block, std::uint32_t begin,
                           std::uint32_t end) const {
  out.put(block + " spikes, intervals, squares, last", numbers(begin, end));
}

void SpikeStatistics::load(const ArchiveReader& in, const std::string& block, std::uint32_t begin,
                           std::uint32_t end) {
  take(in.get<std::uint64_t>(block + " spikes, intervals, squares, last",
                             4 * std::uint64_t{end - begin}),
       begin);
}

}  // namespace callosum::sim
