#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

#include "callosum/core/progress.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/engine.h"
#include "callosum/sim/simulation.h"
#include "callosum/sim/synaptic_states.h"
#include "callosum/sim/wiring.h"

namespace callosum {
namespace {

double available_bytes() {
  double available = std::numeric_limits<double>::infinity();
  std::ifstream memory("/proc/meminfo");
  for (std::string key; memory >> key;) {
    double kib = 0;
    if (key == "MemAvailable:" && memory >> kib) available = kib * 1024;
    memory.ignore(256, '\n');
  }
  std::ifstream limit("/sys/fs/cgroup/memory.max"), used("/sys/fs/cgroup/memory.current");
  double most = 0, now = 0;
  if (limit >> most && used >> now) available = std::min(available, most - now);
  return available;
}

}  // namespace

Estimate estimate(const Network& network, const SimulationOptions& options) {
  Estimate e;
  const double number = bytes(options.precision);
  const auto on_pre = sim::compile_all_on_pre(network);
  const auto needs = sim::find_needs(network, on_pre);
  std::vector<double> longest(network.populations().size(), 1);
  for (std::uint32_t p = 0; p < network.projections().size(); ++p) {
    const Connectivity c(network, p, options.seed);
    const double synapses = c.expected();
    const std::uint32_t target = network.projections()[p].to.population;
    longest[target] = std::max<double>(longest[target], c.maximum_delay());
    e.synapses += synapses;
    // Rows; targets and weights; a bucket a synapse at worst, or one for each delay of a row.
    const double rows = static_cast<double>(c.sources()) * options.threads;
    double each = 2 + (c.constant_weight() ? 0 : number);
    double buckets = 0;
    if (!c.constant_delay()) {
      const double delays =
          std::min(4.0 * 7.5, static_cast<double>(c.maximum_delay() - c.minimum_delay() + 1.0));
      buckets = 4 * std::min(synapses, rows * delays * 2);
    }
    // A continuous projection keeps whole entries; on_pre programs a column a variable, twice.
    if (!network.projections()[p].synapse.source_variable.empty()) each = 8 + number;
    // Synapses with states are drawn as pairs, then kept as spike and continuous projections.
    if (sim::has_synaptic_states(network.projections()[p])) each = 64 + 2 * number;
    for (const model::Slot& slot : on_pre[p].program.slots)
      if (!on_pre[p].plain && slot.kind == model::SlotKind::state) each += 2 * number;
    e.bytes_synapses += rows * 12 + synapses * each + buckets;
  }
  for (std::size_t p = 0; p < network.populations().size(); ++p) {
    const Population& population = network.populations()[p];
    const double slots = std::exp2(std::ceil(std::log2(longest[p] + 1)));
    const double columns = static_cast<double>(population.model.variables().size());
    e.bytes_neurons +=
        population.size *
        (columns * number + 32 + static_cast<double>(needs[p].inputs.size()) * slots * number);
  }
  const double steps_per_second = 1000 / network.grid().dt_ms();
  for (const Recorder& r : network.recorders()) {
    if (r.kind == Recorder::Kind::variable)
      e.bytes_recording_per_second +=
          8.0 * r.view.size() * steps_per_second / static_cast<double>(r.interval);
    if (r.kind == Recorder::Kind::spikes)
      e.bytes_recording_per_second += 12.0 * 10 * r.view.size();  // at 10 Hz
    if (r.kind == Recorder::Kind::weights)
      e.bytes_recording_per_second += 8.0 *
                                      Connectivity(network, r.projection, options.seed).expected() *
                                      steps_per_second / static_cast<double>(r.interval);
  }
  e.bytes = e.bytes_synapses + e.bytes_neurons + 40e6;  // code, code generator
  return e;
}

std::string Estimate::to_string() const {
  char text[256];
  std::snprintf(text, sizeof text,
                "%.3g synapses, %s (synapses %s, neurons %s), recording %s per biological second",
                synapses, readable_bytes(bytes).c_str(), readable_bytes(bytes_synapses).c_str(),
                readable_bytes(bytes_neurons).c_str(),
                readable_bytes(bytes_recording_per_second).c_str());
  return text;
}

namespace sim {

void refuse_what_does_not_fit(const Network& network, const SimulationOptions& options) {
  const Estimate e = estimate(network, options);
  const double limit =
      options.memory_limit_bytes > 0 ? options.memory_limit_bytes : available_bytes();
  if (e.bytes <= limit) return;
  throw ResourceError(
      {.where = "network '" + network.name() + "'",
       .what = "the network does not fit into memory",
       .got = e.to_string(),
       .expected = "at most " + readable_bytes(limit) + "; a smaller --scale may fit"});
}

}  // namespace sim
}  // namespace callosum
