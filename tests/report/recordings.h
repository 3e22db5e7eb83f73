#pragma once

#include <cmath>
#include <string>

#include "callosum/core/random.h"
#include "callosum/sim/recording.h"

namespace callosum::report {

/// `neurons` neurons that spike with a chance of `chance` in each step, ordered as the engine does.
inline SpikeRecord random_spikes(const std::string& population, std::uint32_t neurons,
                                 std::int64_t steps, double chance) {
  SpikeRecord record{population, neurons, {}, {}};
  const StreamKey key(1, name_hash(population), Purpose::user);
  const double whole = 0x1p64 * chance;
  const auto bound = static_cast<std::uint64_t>(whole);
  for (std::int64_t step = 1; step <= steps; ++step)
    for (std::uint32_t i = 0; i < neurons; ++i)
      if (mix64(mix64(key.value() ^ i) ^ static_cast<std::uint64_t>(step)) < bound) {
        record.neurons.push_back(i);
        record.steps.push_back(step);
      }
  return record;
}

inline PopulationSummary summary_of(const SpikeRecord& record, double seconds) {
  return {record.population,
          "lif",
          record.size,
          record.steps.size(),
          static_cast<double>(record.steps.size()) / record.size / seconds,
          0.9};
}

/// Two populations over a second with spikes, a trace, weights and a change.
inline Recording small_recording() {
  Recording r;
  r.network = "small";
  r.dt_ms = 1;
  r.steps = 1000;
  r.seed = 42;
  r.spikes = {random_spikes("exc", 80, 1000, 0.01), random_spikes("inh", 20, 1000, 0.02)};
  for (const SpikeRecord& record : r.spikes) r.populations.push_back(summary_of(record, 1));
  TraceRecord trace{"exc", "V_m", dimension::voltage, {3, 5}, 0, 1, {}};
  for (int k = 0; k <= 1000; ++k)
    for (int i = 0; i < 2; ++i) trace.values.push_back(-60 - i + 0.01 * (k % 100));
  r.traces = {trace};
  r.weights = {{"exc -> inh", dimension::conductance, 0, 1000, 3, {1, 2, 3, 2, 2, 3}}};
  r.changes = {{500, "exc", "I_e", "20 pA"}};
  return r;
}

}  // namespace callosum::report
