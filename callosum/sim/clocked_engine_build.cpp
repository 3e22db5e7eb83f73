#include <algorithm>
#include <atomic>
#include <bit>

#include "callosum/core/error.h"
#include "callosum/model/lower.h"
#include "callosum/sim/clocked_engine.h"
#include "callosum/sim/wiring.h"

// Building an engine: programs, rings, synapses, recorders.
namespace callosum::sim {
namespace {

constexpr std::int64_t longest_interval = 64;  // steps between exchanges, whatever the delays
constexpr std::int64_t shortest_window = 8;    // steps that long delays wait, to share a slice
constexpr std::uint32_t most_slots = 1024;     // of a ring in slices: 64 lanes are left a slice

std::uint32_t slots_for(std::uint32_t longest) { return std::bit_ceil(longest + 1); }
std::uint32_t slice_bits_for(std::uint32_t slots) {
  return 16 - static_cast<std::uint32_t>(std::countr_zero(slots));
}

// The longest delay that a first look finds, with some room: what is longer is rare.
std::uint32_t likely_longest(const Connectivity& connectivity, const View& to) {
  if (connectivity.constant_delay()) return connectivity.delay();
  BlockSynapses drawn;
  connectivity.draw(to.index(0) / block_size, drawn);
  if (drawn.delays.empty()) return connectivity.maximum_delay();
  const std::uint32_t found = *std::max_element(drawn.delays.begin(), drawn.delays.end());
  return std::min<std::uint32_t>(connectivity.maximum_delay(), found + found / 8 + 2);
}

}  // namespace

template <class T>
void ClockedEngine<T>::compile() {
  on_pre_ = compile_all_on_pre(network_);
  const auto needs = find_needs(network_, on_pre_);
  for (std::uint32_t p = 0; p < needs.size(); ++p) {
    populations_.push_back(std::make_unique<PopulationState<T>>(network_, p, needs[p],
                                                                options_.seed, options_.kernel));
    statistics_.emplace_back(populations_.back()->size());
    first_ids_.push_back(network_.first_id(p));
  }
}

// What is known of the projections before they are drawn decides levels and exchange interval.
template <class T>
std::vector<Connectivity> ClockedEngine<T>::draw_plans() {
  const auto& projections = network_.projections();
  std::vector<Connectivity> connectivities;
  std::vector<std::uint32_t> minimum;
  std::int64_t interval = longest_interval;
  for (std::uint32_t p = 0; p < projections.size(); ++p) {
    connectivities.emplace_back(network_, p, options_.seed);
    const View& from = projections[p].from;
    positions_.push_back(positions_in(from, populations_[from.population]->size()));
    const std::uint32_t least = connectivities.back().minimum_delay();
    if (projections[p].synapse.source_variable.empty()) {
      minimum.push_back(least);
      interval = std::min<std::int64_t>(interval, std::max(1u, least));
    } else {
      minimum.push_back(1);
      interval = 1;
    }
  }
  const auto levels = update_levels(network_, minimum);
  levels_ = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(levels.size()));
  level_of_.resize(populations_.size());
  for (std::uint32_t level = 0; level < levels.size(); ++level)
    for (std::uint32_t p : levels[level]) level_of_[p] = level;
  if (levels_ > 1) interval = 1;
  interval_ = interval;
  return connectivities;
}

// Rings in slices serve inputs that only plain projections with delays of at least a step reach,
// one of them with delays that differ.
template <class T>
void ClockedEngine<T>::plan_rings(const std::vector<Connectivity>& connectivities) {
  const std::vector<bool> waiting = find_waiting(network_, on_pre_);
  longest_.assign(populations_.size(), 1);
  rings_.resize(populations_.size());
  slots_.resize(populations_.size());
  bool any_slices = false;
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    const auto& inputs = populations_[p]->inputs();
    rings_[p].resize(inputs.size());
    slots_[p].assign(inputs.size(), 0);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      bool plain = true, differ = false;
      std::uint32_t likely = 1;
      for (std::uint32_t id = 0; id < connectivities.size(); ++id) {
        const Projection& projection = network_.projections()[id];
        if (projection.to.population != p || !projection.synapse.source_variable.empty()) continue;
        const Connectivity& c = connectivities[id];
        longest_[p] = std::max(longest_[p], c.maximum_delay());
        const auto& targets = on_pre_[id].targets;
        if (std::find(targets.begin(), targets.end(), inputs[i]) == targets.end()) continue;
        plain = plain && on_pre_[id].plain && !waiting[id] && c.minimum_delay() > 0 &&
                c.maximum_delay() < most_slots;
        differ = differ || !c.constant_delay();
        if (plain && differ) likely = std::max(likely, likely_longest(c, projection.to));
      }
      if (!plain || !differ) continue;
      slots_[p][i] = slots_for(likely);
      any_slices = true;
    }
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (slots_[p][i] == 0) rings_[p][i] = Ring<T>(longest_[p], populations_[p]->padded());
  }
  const std::int64_t window =
      any_slices ? interval_ * std::max<std::int64_t>(1, shortest_window / interval_) : interval_;
  exchange_ = Exchange(interval_, window, options_.threads, levels_, populations_.size());
  for (Worker& w : workers_) w.sliced.set_window(window);
}

template <class T>
std::uint32_t ClockedEngine<T>::input_of(std::uint32_t projection) const {
  const auto& inputs = populations_[network_.projections()[projection].to.population]->inputs();
  const auto& target = on_pre_[projection].targets.front();
  return static_cast<std::uint32_t>(std::find(inputs.begin(), inputs.end(), target) -
                                    inputs.begin());
}

template <class T>
bool ClockedEngine<T>::in_slices(std::uint32_t projection) const {
  return on_pre_[projection].plain &&
         slots_[network_.projections()[projection].to.population][input_of(projection)] != 0;
}

template <class T>
void ClockedEngine<T>::connect(const std::vector<Connectivity>& connectivities) {
  const std::vector<bool> waiting = find_waiting(network_, on_pre_);
  std::vector<std::shared_ptr<SynapseKernel>> codes(connectivities.size());
  double total = 0, done = 0;
  for (std::uint32_t id = 0; id < connectivities.size(); ++id) {
    total += 2 * connectivities[id].expected();  // counted, then stored
    const Projection& projection = network_.projections()[id];
    if (!projection.synapse.source_variable.empty())
      connect_continuous(id, connectivities[id]);
    else if (!on_pre_[id].plain) {
      codes[id] = std::make_shared<SynapseKernel>();
      codes[id]->program = model::lower_functions(
          on_pre_[id].program, sizeof(T) == 4 ? Precision::single : Precision::twofold);
      codes[id]->kernel = std::make_shared<jit::Kernel>(codes[id]->program, options_.kernel);
    }
  }
  std::atomic<bool> stopped = false;
  // Every thread builds what it owns; the first one tells how far it has come.
  const auto each = [&](int t, std::uint32_t id, auto build) {
    if (stopped.load(std::memory_order_relaxed)) return;
    Worker& worker = workers_[static_cast<std::size_t>(t)];
    for (const Segment& segment : worker.segments)
      if (segment.population == network_.projections()[id].to.population) build(worker, segment);
    if (t != 0) return;
    done += connectivities[id].expected();
    if (options_.progress && !options_.progress({"connecting", done, total,
                                                 "projection " + std::to_string(id + 1) + " of " +
                                                     std::to_string(connectivities.size())}))
      stopped = true;
  };
  const auto spikes = [&](std::uint32_t id) {
    return network_.projections()[id].synapse.source_variable.empty();
  };
  team_.run([&](int t) {
    for (std::uint32_t id = 0; id < connectivities.size(); ++id)
      each(t, id, [&](Worker& worker, const Segment& segment) {
        if (!spikes(id)) return;
        if (in_slices(id))
          count_slices(worker, segment, id, connectivities[id]);
        else
          connect_spikes(worker, segment, id, connectivities[id], waiting[id], codes[id]);
      });
  });
  const auto refuse = [&] {
    if (stopped) throw Interrupted({.where = "simulation", .what = "stopped while connecting"});
  };
  refuse();
  widen_rings(connectivities);
  team_.run([&](int t) {
    for (std::uint32_t id = 0; id < connectivities.size(); ++id)
      each(t, id, [&](Worker& worker, const Segment& segment) {
        worker.sliced.for_each_path([&](const typename SlicedDelivery<T>::Path& path) {
          if (path.projection == id && path.store->segment().begin == segment.begin &&
              path.store->segment().population == segment.population)
            path.store->finish(connectivities[id]);
        });
      });
  });
  refuse();
  for (Worker& w : workers_) {
    w.delivery.prepare(longest_);
    for (const Path<T>& path : w.delivery.paths()) {
      totals_.synapses += path.store->synapses();
      totals_.synapse_bytes +=
          static_cast<double>(path.store->bytes() + (path.general ? path.general->bytes() : 0));
    }
    w.sliced.for_each_path([&](const auto& path) {
      totals_.synapses += path.store->synapses();
      totals_.synapse_bytes += static_cast<double>(path.store->bytes());
    });
  }
}

template <class T>
void ClockedEngine<T>::connect_continuous(std::uint32_t id, const Connectivity& connectivity) {
  const Projection& projection = network_.projections()[id];
  const std::uint32_t from = projection.from.population, to = projection.to.population;
  continuous_.push_back(std::make_unique<ContinuousProjection<T>>(connectivity, projection.from,
                                                                  populations_[to]->size()));
  continuous_.back()->watch(*populations_[from], from, projection.synapse.source_variable,
                            options_.kernel);
  drives_[to].add_continuous(*continuous_.back(), projection.synapse.target);
  totals_.synapses += continuous_.back()->synapses();
  totals_.synapse_bytes += static_cast<double>(continuous_.back()->bytes());
}

template <class T>
void ClockedEngine<T>::count_slices(Worker& worker, const Segment& segment, std::uint32_t id,
                                    const Connectivity& connectivity) {
  const std::uint32_t input = input_of(id);
  typename SlicedDelivery<T>::Path path;
  path.projection = id;
  path.source_population = network_.projections()[id].from.population;
  path.minimum_delay = connectivity.minimum_delay();
  path.positions = &positions_[id];
  path.store = std::make_unique<SlicedStore<T>>(connectivity, segment,
                                                slice_bits_for(slots_[segment.population][input]));
  worker.sliced.add(rings_[segment.population][input], segment, std::move(path));
}

// A ring takes the longest delay that was drawn onto it; where the first look fell short, its
// synapses are counted again.
template <class T>
void ClockedEngine<T>::widen_rings(const std::vector<Connectivity>& connectivities) {
  for (std::uint32_t p = 0; p < populations_.size(); ++p)
    for (std::uint32_t i = 0; i < rings_[p].size(); ++i) {
      if (slots_[p][i] == 0) continue;
      std::uint32_t longest = 0;
      const auto onto = [&](const auto& path) {
        return network_.projections()[path.projection].to.population == p &&
               input_of(path.projection) == i;
      };
      for (Worker& w : workers_)
        w.sliced.for_each_path([&](const auto& path) {
          if (onto(path)) longest = std::max(longest, path.store->longest());
        });
      const std::uint32_t slots = slots_for(longest);
      if (slots > slots_[p][i]) {
        slots_[p][i] = slots;
        team_.run([&](int t) {
          workers_[static_cast<std::size_t>(t)].sliced.for_each_path([&](auto& path) {
            if (onto(path))
              *path.store = SlicedStore<T>(connectivities[path.projection], path.store->segment(),
                                           slice_bits_for(slots));
          });
        });
      }
      rings_[p][i] =
          Ring<T>(slots_[p][i] - 1, populations_[p]->padded(), slice_bits_for(slots_[p][i]));
    }
}

template <class T>
void ClockedEngine<T>::connect_spikes(Worker& worker, const Segment& segment, std::uint32_t id,
                                      const Connectivity& connectivity, bool waits,
                                      const std::shared_ptr<SynapseKernel>& code) {
  const Projection& projection = network_.projections()[id];
  const std::uint32_t target = projection.to.population;
  Path<T> path;
  path.projection = id;
  path.source_population = projection.from.population;
  path.target_population = target;
  path.segment = segment;
  path.at_once = connectivity.minimum_delay() == 0;
  path.later = connectivity.maximum_delay() > 0;
  path.waits = waits;
  path.positions = &positions_[id];
  if (on_pre_[id].plain) path.ring = &rings_[target][input_of(id)];
  path.store = std::make_unique<SynapseStore<T>>(connectivity, segment);
  if (code)
    path.general =
        std::make_unique<GeneralSynapses<T>>(network_, id, code, connectivity, *path.store, segment,
                                             *populations_[target], rings_[target], options_.seed);
  worker.delivery.add(std::move(path));
}

template <class T>
void ClockedEngine<T>::make_drives() {
  drives_.resize(populations_.size());
  for (const Stimulus& s : network_.stimuli()) stimuli_.emplace_back(network_, s, options_.seed);
  for (ActiveStimulus& s : stimuli_) {
    const std::uint32_t p = s.description().to.population;
    drives_[p].add_stimulus(s, *populations_[p]);
  }
}

template <class T>
void ClockedEngine<T>::make_recorders(const std::vector<Connectivity>& connectivities) {
  std::vector<std::vector<Segment>> owners;
  std::vector<const Delivery<T>*> deliveries;
  for (const Worker& w : workers_) {
    owners.push_back(w.segments);
    deliveries.push_back(&w.delivery);
  }
  const std::string folder = stream_folder(options_.stream_dir);
  spikes_ = std::make_unique<SpikeRecorders>(network_, folder);
  traces_ =
      std::make_unique<TraceRecorders<T>>(network_, populations_, owners, options_.kernel, folder);
  weights_ = std::make_unique<WeightRecorders<T>>(network_, connectivities, deliveries, folder);
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
