#include <algorithm>
#include <atomic>
#include <bit>

#include "callosum/core/error.h"
#include "callosum/model/lower.h"
#include "callosum/sim/clocked_engine.h"
#include "callosum/sim/ring_plan.h"
#include "callosum/sim/wiring.h"

// Building an engine: programs, rings, synapses, recorders.
namespace callosum::sim {
namespace {

constexpr std::int64_t longest_interval = 64;  // steps between exchanges, whatever the delays

}  // namespace

template <class T>
void ClockedEngine<T>::compile() {
  on_pre_ = compile_all_on_pre(network_);
  const auto needs = find_needs(network_, on_pre_);
  for (std::uint32_t p = 0; p < needs.size(); ++p) {
    populations_.push_back(std::make_unique<PopulationState<T>>(
        network_, p, needs[p], options_.seed, options_.kernel, options_.replica));
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
    const auto& plastic = on_pre_[p].plastic;
    if (plastic && !plastic->sums.empty()) interval = 1;
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

// Rings in slices hold one window, punctual ones a step; what is on its way there waits in the
// exchange. Whole exchange intervals make a window.
template <class T>
void ClockedEngine<T>::plan_rings(const std::vector<Connectivity>& connectivities) {
  constexpr std::int64_t window = SlicedDelivery<T>::window;
  const RingPlanner planner(network_, on_pre_, connectivities);
  longest_.assign(populations_.size(), 1);
  rings_.resize(populations_.size());
  bool windows = false;
  for (std::uint32_t p = 0; p < populations_.size(); ++p) {
    longest_[p] = planner.longest(p);
    for (const std::string& input : populations_[p]->inputs()) {
      const bool sliced = planner.sliced(p, input), punctual = planner.punctual(p, input);
      if (sliced || punctual) history_ = std::max<std::int64_t>(history_, longest_[p]);
      windows = windows || sliced;
      if (sliced) {
        rings_[p].emplace_back(window - 1, populations_[p]->padded(),
                               SlicedDelivery<T>::slice_bits);
      } else {
        rings_[p].emplace_back(punctual ? 0 : longest_[p], populations_[p]->padded());
      }
    }
  }
  if (ranks_ != nullptr && interval_ > 1) travelling_ = dynamic_cast<TravellingLists*>(ranks_);
  if (travelling_ != nullptr) interval_ /= 2;
  if (windows)
    interval_ = std::min<std::int64_t>(
        window, static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(interval_))));
  std::size_t finders = workers_.size();
  if (ranks_ != nullptr) {
    first_finder_ = static_cast<std::size_t>(ranks_->rank());
    finders += static_cast<std::size_t>(ranks_->size()) - 1;
  }
  exchange_ = Exchange(interval_, std::max(history_, (travelling_ != nullptr ? 2 : 1) * interval_),
                       finders, levels_, populations_.size());
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
         rings_[network_.projections()[projection].to.population][input_of(projection)].sliced();
}

template <class T>
void ClockedEngine<T>::connect(const std::vector<Connectivity>& connectivities,
                               const ClockedEngine* like) {
  const std::vector<bool> waiting = find_waiting(network_, on_pre_);
  by_segment_ =
      levels_ == 1 && std::find(waiting.begin(), waiting.end(), true) == waiting.end() &&
      std::none_of(network_.projections().begin(), network_.projections().end(),
                   [](const Projection& p) { return !p.synapse.source_variable.empty(); });
  std::vector<SynapseCode> codes(connectivities.size());
  double total = 0, done = 0;
  for (std::uint32_t id = 0; id < connectivities.size(); ++id) {
    total += connectivities[id].expected();
    const Projection& projection = network_.projections()[id];
    if (projection.synapse.rows == Rows::procedural && first_rank())
      totals_.synapses += static_cast<std::uint64_t>(connectivities[id].expected() + 0.5);
    if (!projection.synapse.source_variable.empty())
      connect_continuous(id, connectivities[id]);
    else if (on_pre_[id].plastic)
      codes[id] = {.general = {},
                   .plastic = plastic_code(id, connectivities[id]),
                   .sources = watch_sources(id, connectivities[id])};
    else if (!on_pre_[id].plain) {
      codes[id].general = std::make_shared<SynapseKernel>();
      codes[id].general->program = model::lower_functions(
          on_pre_[id].program, sizeof(T) == 4 ? Precision::single : Precision::twofold);
      codes[id].general->kernel =
          std::make_shared<jit::Kernel>(codes[id].general->program, options_.kernel);
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
  team_.run([&](int t) {
    for (std::uint32_t id = 0; id < connectivities.size(); ++id)
      each(t, id, [&](Worker& worker, const Segment& segment) {
        if (!network_.projections()[id].synapse.source_variable.empty()) return;
        const Worker* shared = like ? &like->workers_[static_cast<std::size_t>(t)] : nullptr;
        if (in_slices(id))
          connect_slices(worker, segment, id, connectivities[id], shared);
        else
          connect_spikes(worker, segment, id, connectivities[id], waiting[id], codes[id], shared);
      });
  });
  if (ranks_ != nullptr) stopped = count_of(*ranks_, stopped) > 0;
  if (stopped) throw Interrupted({.where = "simulation", .what = "stopped while connecting"});
  for (Worker& w : workers_) {
    w.delivery.prepare(longest_);
    for (const Path<T>& path : w.delivery.paths()) {
      if (path.redrawn) continue;
      totals_.synapses += path.store->synapses();
      totals_.synapse_bytes +=
          static_cast<double>(path.store->bytes() + (path.general ? path.general->bytes() : 0) +
                              (path.plastic ? path.plastic->bytes() : 0));
    }
    w.sliced.for_each_path([&](const auto& path) {
      totals_.synapses += path.store->synapses();
      totals_.synapse_bytes += static_cast<double>(path.store->bytes());
    });
  }
  std::uint64_t sums[] = {totals_.synapses, static_cast<std::uint64_t>(totals_.synapse_bytes)};
  sum_over_ranks(sums);
  totals_.synapses = sums[0];
  totals_.synapse_bytes = static_cast<double>(sums[1]);
}

// Where the target's spike comes first at equal time, it must be known before the presynaptic one
// acts on the target: it needs a step to come back, and the other a step to go on.
template <class T>
std::shared_ptr<const PlasticCode> ClockedEngine<T>::plastic_code(
    std::uint32_t id, const Connectivity& connectivity) const {
  const Projection& p = network_.projections()[id];
  const Quantity dendritic = p.synapse.dendritic_delay.value_or(Quantity(0, dimension::time));
  if (p.synapse.model->post_first() && (!(dendritic.si > 0) || connectivity.minimum_delay() == 0))
    throw UnsupportedError(
        {.where = "projection '" + p.name + "'",
         .what = "a rule in which the target's spike comes first needs a "
                 "dendritic delay",
         .got = to_string(dendritic),
         .expected = "dendritic_delay and delay of at least " + to_string(network_.grid().dt())});
  return plastic_code(id, false, KeptStates::shared);
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

// What a plastic projection's sums read of its sources; null where it has none.
template <class T>
ContinuousProjection<T>* ClockedEngine<T>::watch_sources(std::uint32_t id,
                                                         const Connectivity& connectivity) {
  const Projection& projection = network_.projections()[id];
  const model::PlasticProgram& program = *on_pre_[id].plastic;
  if (program.sums.empty()) return nullptr;
  continuous_.push_back(
      std::make_unique<ContinuousProjection<T>>(std::max(1u, connectivity.maximum_delay())));
  const std::uint32_t from = projection.from.population;
  continuous_.back()->watch(*populations_[from], from, program.source_variable, options_.kernel);
  for (const std::string& target : program.sums)
    drives_[projection.to.population].add_parameter(target);
  return continuous_.back().get();
}

template <class T>
void ClockedEngine<T>::connect_slices(Worker& worker, const Segment& segment, std::uint32_t id,
                                      const Connectivity& connectivity, const Worker* like) {
  typename SlicedDelivery<T>::Path path;
  path.projection = id;
  path.source_population = network_.projections()[id].from.population;
  path.positions = &positions_[id];
  path.store = like ? like->sliced.store(id, segment)
                    : std::make_shared<const SlicedStore<T>>(connectivity, segment,
                                                             SlicedDelivery<T>::slice_bits);
  worker.sliced.add(rings_[segment.population][input_of(id)], segment, std::move(path));
}

template <class T>
void ClockedEngine<T>::connect_spikes(Worker& worker, const Segment& segment, std::uint32_t id,
                                      const Connectivity& connectivity, bool waits,
                                      const SynapseCode& code, const Worker* like) {
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
  if (path.ring != nullptr && path.ring->slots() == 1) {
    path.punctual = true;
    path.delay = connectivity.delay();
  }
  if (projection.synapse.rows == Rows::procedural) {
    if (waits)
      throw UnsupportedError(
          {.where = "projection '" + projection.name + "', rows",
           .what = "its terms wait for those of a synapse model on the same variable",
           .got = "procedural",
           .expected =
               "stored, or all projections onto '" + projection.synapse.target + "' static"});
    path.redrawn = std::make_unique<RedrawnRows<T>>(connectivity, segment);
    worker.delivery.add(std::move(path));
    return;
  }
  if (like != nullptr) {
    path.store = like->delivery.store(id, segment);
  } else {
    auto store = std::make_shared<SynapseStore<T>>(connectivity, segment);
    if (code.plastic) store->release_weights();  // they become variables
    path.store = std::move(store);
  }
  if (code.general)
    path.general = std::make_unique<GeneralSynapses<T>>(network_, id, code.general, connectivity,
                                                        *path.store, segment, *populations_[target],
                                                        rings_[target], options_.seed);
  if (code.plastic)
    path.plastic = std::make_unique<PlasticSynapses<T>>(network_, id, code.plastic, connectivity,
                                                        *path.store, segment, *populations_[target],
                                                        rings_[target], options_.seed);
  if (code.sources) path.plastic->read_sources(*code.sources);
  worker.delivery.add(std::move(path));
}

template <class T>
void ClockedEngine<T>::make_drives() {
  drives_.resize(populations_.size());
  for (const Stimulus& s : network_.stimuli())
    stimuli_.emplace_back(network_, s, options_.seed, options_.replica);
  for (ActiveStimulus& s : stimuli_) {
    const std::uint32_t p = s.description().to.population;
    drives_[p].add_stimulus(s, *populations_[p]);
  }
}

template <class T>
void ClockedEngine<T>::make_recorders(const std::vector<Connectivity>& connectivities) {
  std::vector<std::vector<Segment>> segments;
  std::vector<const Delivery<T>*> deliveries;
  for (Worker& w : workers_) {
    w.first_segment = segments.size();
    for (const Segment& s : w.segments) segments.push_back({s});
    deliveries.push_back(&w.delivery);
  }
  const std::string folder = stream_folder(first_rank() ? options_.stream_dir : "");
  spikes_ = std::make_unique<SpikeRecorders>(network_, folder);
  traces_ = std::make_unique<TraceRecorders<T>>(network_, populations_, segments, options_.kernel,
                                                folder, ranks_);
  weights_ =
      std::make_unique<WeightRecorders<T>>(network_, connectivities, deliveries, folder, ranks_);
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
