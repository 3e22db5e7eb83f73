#include "callosum/report/spike_statistics.h"

#include <algorithm>
#include <cmath>

#include "callosum/report/histogram.h"

namespace callosum::report {

namespace {

struct Train {
  std::int64_t last = 0;
  std::uint32_t spikes = 0;
  double sum = 0, squares = 0;  // whole numbers of steps: exact far beyond any run
};

}  // namespace

IndexRange index_range(const SpikeRecord& record) {
  if (record.neurons.empty()) return {0, record.size};
  const auto [low, high] = std::minmax_element(record.neurons.begin(), record.neurons.end());
  if (*high < record.size) return {0, record.size};
  return {*low, *high - *low + 1};
}

SpikeStatistics spike_statistics(const SpikeRecord& record, double dt_ms) {
  const IndexRange range = index_range(record);
  std::vector<Train> trains(range.count);
  SpikeStatistics out;
  out.intervals_ms.reserve(record.steps.size());
  for (std::size_t i = 0; i < record.steps.size(); ++i) {
    Train& train = trains[record.neurons[i] - range.first];
    const std::int64_t step = record.steps[i];
    if (train.spikes++ > 0) {
      const auto interval = static_cast<double>(step - train.last);
      train.sum += interval;
      train.squares += interval * interval;
      out.intervals_ms.push_back(interval * dt_ms);
    }
    train.last = step;
  }
  std::size_t active = 0;
  for (const Train& train : trains) {
    if (train.spikes == 0) continue;
    ++active;
    out.spikes_per_neuron.push_back(train.spikes);
    if (train.spikes < 5) continue;
    const double n = train.spikes - 1, mean = train.sum / n;
    const double variance = std::max(0.0, train.squares / n - mean * mean);
    if (mean > 0) out.cv.push_back(std::sqrt(variance) / mean);
  }
  out.spikes_per_neuron.resize(std::max<std::size_t>(active, record.size), 0.0);
  return out;
}

std::vector<double> binned_rate_hz(const SpikeRecord& record, std::int64_t steps,
                                   std::int64_t bin_steps, double dt_ms) {
  if (steps <= 0 || bin_steps <= 0 || record.size == 0) return {};
  std::vector<double> rate(static_cast<std::size_t>((steps + bin_steps - 1) / bin_steps));
  for (std::int64_t step : record.steps)
    if (step >= 1 && step <= steps) ++rate[static_cast<std::size_t>((step - 1) / bin_steps)];
  for (std::size_t i = 0; i < rate.size(); ++i) {
    const auto begin = static_cast<std::int64_t>(i) * bin_steps;
    const auto width = static_cast<double>(std::min(bin_steps, steps - begin));
    rate[i] /= width * dt_ms * 1e-3 * record.size;
  }
  return rate;
}

std::int64_t pleasant_bin(std::int64_t steps, double dt_ms, int bins) {
  const double width = std::max(1.0, pleasant_width(static_cast<double>(steps) * dt_ms, bins));
  return std::max<std::int64_t>(1, std::llround(width / dt_ms));
}

}  // namespace callosum::report
