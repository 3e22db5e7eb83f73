#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "callosum/core/available_memory.h"
#include "callosum/core/progress.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/engine.h"
#include "callosum/sim/partition.h"
#include "callosum/sim/ring_plan.h"
#include "callosum/sim/simulation.h"
#include "callosum/sim/sliced_delivery.h"
#include "callosum/sim/synaptic_states.h"
#include "callosum/sim/wiring.h"

namespace callosum {
namespace {

/// The longest delay, in steps, that is likely among so many draws.
double likely_longest(const Network& network, const SynapseOptions& synapse, const Connectivity& c,
                      double synapses) {
  const double most = c.maximum_delay();
  if (!synapse.delay || synapse.delay->kind() != Values::Kind::normal) return most;
  const double far = std::sqrt(2 * std::log(std::max(2.0, synapses)));
  return std::min(
      most, (synapse.delay->first() + far * synapse.delay->second()) / network.grid().dt_ms());
}

struct Kept {
  const char* layout;
  double bytes;
  double own = 0;  ///< of these, what each replica needs for itself
};

/// How the engine keeps one projection, and its bytes: see SlicedStore, SynapseStore.
Kept keep(const Network& network, std::uint32_t id, const Connectivity& c, const sim::OnPre& on_pre,
          const sim::RingPlanner& planner, const std::vector<std::vector<sim::Segment>>& owners,
          double number) {
  constexpr std::uint32_t slice_bits = sim::SlicedDelivery<float>::slice_bits;
  const Projection& projection = network.projections()[id];
  const double synapses = c.expected(), sources = c.sources();
  const double weight = c.constant_weight() ? 0 : number;
  if (!projection.synapse.source_variable.empty()) {
    const double all = synapses * (8 + number);
    return {"continuous", all, all};
  }
  // Drawn as pairs, then kept as projections of spikes and continuous ones.
  if (sim::has_synaptic_states(projection)) {
    const double all = synapses * (64 + 2 * number);
    return {"with states", all, all};
  }
  if (projection.synapse.rows == Rows::procedural) return {"redrawn", 0};
  double segments = 0, slices = 0;
  for (const auto& own : owners)
    for (const sim::Segment& s : own) {
      if (s.population != projection.to.population) continue;
      ++segments;
      slices += ((s.end - 1) >> slice_bits) - (s.begin >> slice_bits) + 1;
    }
  const double delays =
      likely_longest(network, projection.synapse, c, synapses) - c.minimum_delay() + 1;
  if (on_pre.plain && planner.sliced(projection.to.population, on_pre.targets.front()))
    return {c.half_scale() > 0 ? "in slices, half weights" : "in slices",
            sources * (2 * segments + slices * (4 + 2 * (delays + 2))) +
                synapses * (c.half_scale() > 0 ? 4 : 2 + weight)};
  // Rows, and a bucket for each of its delays.
  const double rows = sources * segments;
  const double each = 2 + weight;
  double buckets = 0;
  if (!c.constant_delay() && rows > 0)
    buckets = rows * (4 + 4 * delays * -std::expm1(-synapses / rows / delays));
  const double shared = rows * 8 + synapses * each + buckets;
  if (on_pre.plain) return {"by row", shared};
  // Plastic ones a column a variable in place of the weight, and of each bucket when it was visited
  // and its source's states.
  if (on_pre.plastic) {
    const auto states = static_cast<double>(on_pre.plastic->shared.source.size());
    const double own =
        synapses * number * static_cast<double>(on_pre.plastic->variables.size()) +
        (8 + states * number + (states > 0 ? 8 : 0)) * (c.constant_delay() ? rows : buckets / 4);
    return {"plastic", shared - synapses * weight + own, own};
  }
  // on_pre programs keep a column a variable, twice.
  double own = 0;
  for (const model::Slot& slot : on_pre.program.slots)
    if (slot.kind == model::SlotKind::state) own += synapses * 2 * number;
  return {"by row, with variables", shared + own, own};
}

/// A block as it is drawn.
double drawn_block(const Connectivity& c) {
  double most = 0;
  for (std::uint32_t b = 0; b < c.blocks(); ++b) most = std::max(most, c.expected(b));
  return most * (2 + (c.constant_weight() ? 0 : 8) + (c.constant_delay() ? 0 : 2)) +
         4.0 * c.sources();
}

double ring_numbers(const sim::RingPlanner& planner, std::uint32_t population,
                    const std::string& input, std::uint32_t size) {
  using Sliced = sim::SlicedDelivery<float>;
  if (planner.sliced(population, input))
    return std::ceil(size / std::exp2(Sliced::slice_bits)) * 65536;
  if (planner.punctual(population, input)) return size;
  return size * std::exp2(std::ceil(std::log2(planner.longest(population) + 1.0)));
}

}  // namespace

Estimate estimate(const Network& network, const SimulationOptions& options, int replicas) {
  Estimate e;
  const int threads = std::max(1, options.threads / std::max(1, replicas));  // of one replica
  const double number = bytes(options.precision);
  const auto on_pre = sim::compile_all_on_pre(network);
  const auto needs = sim::find_needs(network, on_pre);
  std::vector<Connectivity> connectivities;
  for (std::uint32_t p = 0; p < network.projections().size(); ++p)
    connectivities.emplace_back(network, p, options.seed);
  const sim::RingPlanner planner(network, on_pre, connectivities);
  const auto owners = sim::partition(network, threads, options.ranks.get());
  double scratch = 0;
  for (std::uint32_t p = 0; p < connectivities.size(); ++p) {
    const Kept kept = keep(network, p, connectivities[p], on_pre[p], planner, owners, number);
    const double synapses = connectivities[p].expected();
    auto layout = std::find_if(e.layouts.begin(), e.layouts.end(),
                               [&](const auto& l) { return l.name == kept.layout; });
    if (layout == e.layouts.end()) layout = e.layouts.insert(layout, {.name = kept.layout});
    ++layout->projections;
    layout->synapses += synapses;
    const double bytes = kept.bytes + (replicas - 1) * kept.own;
    layout->bytes += bytes;
    e.synapses += synapses;
    e.bytes_synapses += bytes;
    scratch = std::max(scratch, drawn_block(connectivities[p]));
  }
  for (std::uint32_t p = 0; p < network.populations().size(); ++p) {
    const Population& population = network.populations()[p];
    const double columns = static_cast<double>(population.model.variables().size());
    e.bytes_neurons += population.size * (columns * number + 48);
    for (const std::string& input : needs[p].inputs)
      e.bytes_neurons += number * ring_numbers(planner, p, input, population.size);
  }
  for (const Stimulus& s : network.stimuli())
    e.bytes_neurons += s.to.size() * (s.kind == Stimulus::Kind::poisson ? 8.0 : 4.0);
  e.bytes_neurons *= replicas;
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
  e.bytes_recording_per_second *= replicas;
  constexpr double program = 36e6;  // code, code generator
  e.bytes = e.bytes_synapses + e.bytes_neurons + options.threads * scratch + program;
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

void refuse_what_does_not_fit(const Network& network, const SimulationOptions& options,
                              int replicas) {
  const Estimate e = estimate(network, options, replicas);
  const int sharing = options.ranks ? options.ranks->on_this_machine() : 1;
  const double limit =
      options.memory_limit_bytes > 0 ? options.memory_limit_bytes : available_memory() / sharing;
  if (e.bytes <= limit) return;
  throw ResourceError(
      {.where = "network '" + network.name() + "'",
       .what = "the network does not fit into memory",
       .got = e.to_string(),
       .expected = "at most " + readable_bytes(limit) + "; a smaller --scale may fit"});
}

}  // namespace sim
}  // namespace callosum
