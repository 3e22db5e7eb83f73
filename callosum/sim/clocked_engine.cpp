#include "callosum/sim/clocked_engine.h"

#include <algorithm>
#include <bit>
#include <chrono>

#include "callosum/model/lower.h"
#include "callosum/sim/wiring.h"

namespace callosum::sim {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr std::int64_t longest_interval = 64;  // steps between exchanges, whatever the delays
constexpr std::int64_t watch_every = 256;      // steps between looks for NaN
constexpr std::uint32_t every_level = 0xffffffffu;

bool report(const ProgressCallback& progress, const char* task, double done, double total,
            std::string detail = {}) {
  return !progress || progress({task, done, total, std::move(detail)});
}

}  // namespace

template <class T>
ClockedEngine<T>::ClockedEngine(const Network& network, const SimulationOptions& options)
    : network_(network), options_(options), team_(options.threads) {
  const auto started = Clock::now();
  compile();
  totals_.compile_s = seconds_since(started);
  const std::vector<Connectivity> connectivities = draw_plans();
  make_rings(connectivities);
  make_drives();
  const auto owners = partition(network_, options.threads);
  workers_.resize(owners.size());
  for (std::size_t t = 0; t < owners.size(); ++t) workers_[t].segments = owners[t];
  connect(connectivities);
  refresh();
  for (auto& c : continuous_) c->restart(0, 0);
  make_recorders(connectivities);
  sample(0);
  totals_.build_s = seconds_since(started) - totals_.compile_s;
}

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
  exchange_ = Exchange(interval, options_.threads, levels_, populations_.size());
  return connectivities;
}

template <class T>
void ClockedEngine<T>::make_rings(const std::vector<Connectivity>& connectivities) {
  longest_.assign(populations_.size(), 1);
  for (std::size_t p = 0; p < connectivities.size(); ++p) {
    auto& far = longest_[network_.projections()[p].to.population];
    far = std::max(far, connectivities[p].maximum_delay());
  }
  rings_.resize(populations_.size());
  for (std::size_t p = 0; p < populations_.size(); ++p)
    for (std::size_t i = 0; i < populations_[p]->inputs().size(); ++i)
      rings_[p].emplace_back(longest_[p], populations_[p]->padded());
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
void ClockedEngine<T>::connect(const std::vector<Connectivity>& connectivities) {
  const std::vector<bool> waiting = find_waiting(network_, on_pre_);
  double done = 0, total = 0;
  for (const Connectivity& c : connectivities) total += c.expected();
  for (std::uint32_t p = 0; p < connectivities.size(); ++p) {
    const Projection& projection = network_.projections()[p];
    const SynapseOptions& synapse = projection.synapse;
    if (synapse.source_variable.empty()) {
      connect_spikes(p, connectivities[p], waiting[p]);
    } else {
      const std::uint32_t from = projection.from.population, to = projection.to.population;
      continuous_.push_back(std::make_unique<ContinuousProjection<T>>(
          connectivities[p], projection.from, populations_[to]->size()));
      continuous_.back()->watch(*populations_[from], from, synapse.source_variable,
                                options_.kernel);
      drives_[to].add_continuous(*continuous_.back(), synapse.target);
      totals_.synapses += continuous_.back()->synapses();
      totals_.synapse_bytes += static_cast<double>(continuous_.back()->bytes());
    }
    done += connectivities[p].expected();
    if (!report(options_.progress, "connecting", done, total,
                std::to_string(p + 1) + " of " + std::to_string(connectivities.size()) +
                    " projections"))
      throw Interrupted({.where = "simulation", .what = "stopped while connecting"});
  }
  for (Worker& w : workers_) {
    w.delivery.prepare(longest_);
    for (const Path<T>& path : w.delivery.paths()) {
      totals_.synapses += path.store->synapses();
      totals_.synapse_bytes +=
          static_cast<double>(path.store->bytes() + (path.general ? path.general->bytes() : 0));
    }
  }
}

template <class T>
void ClockedEngine<T>::connect_spikes(std::uint32_t id, const Connectivity& connectivity,
                                      bool waits) {
  const Projection& projection = network_.projections()[id];
  const std::uint32_t target = projection.to.population;
  const OnPre& on_pre = on_pre_[id];
  std::shared_ptr<SynapseKernel> code;
  Ring<T>* ring = nullptr;
  if (on_pre.plain) {
    const auto& inputs = populations_[target]->inputs();
    const auto input =
        std::find(inputs.begin(), inputs.end(), on_pre.targets.front()) - inputs.begin();
    ring = &rings_[target][static_cast<std::size_t>(input)];
  } else {
    code = std::make_shared<SynapseKernel>();
    code->program = model::lower_functions(on_pre.program,
                                           sizeof(T) == 4 ? Precision::single : Precision::twofold);
    code->kernel = std::make_shared<jit::Kernel>(code->program, options_.kernel);
  }
  team_.run([&](int t) {
    Worker& worker = workers_[static_cast<std::size_t>(t)];
    for (const Segment& segment : worker.segments) {
      if (segment.population != target) continue;
      Path<T> path;
      path.projection = id;
      path.source_population = projection.from.population;
      path.target_population = target;
      path.segment = segment;
      path.at_once = connectivity.minimum_delay() == 0;
      path.later = connectivity.maximum_delay() > 0;
      path.waits = waits;
      path.positions = &positions_[id];
      path.ring = ring;
      path.store = std::make_unique<SynapseStore<T>>(connectivity, segment);
      if (code)
        path.general = std::make_unique<GeneralSynapses<T>>(
            network_, id, code, connectivity, *path.store, segment, *populations_[target],
            rings_[target], options_.seed);
      worker.delivery.add(std::move(path));
    }
  });
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

// Columns and values may have changed: by building, or by `set`.
template <class T>
void ClockedEngine<T>::refresh() {
  for (Worker& w : workers_) {
    w.contexts.clear();
    for (const auto& p : populations_) w.contexts.push_back(p->context());
  }
  for (std::size_t p = 0; p < drives_.size(); ++p)
    if (populations_[p]->has_model()) drives_[p].refresh(*populations_[p]);
  if (traces_) traces_->refresh();
}

// Every recorder's sample of the present, on the calling thread.
template <class T>
void ClockedEngine<T>::sample(std::int64_t k) {
  traces_->reserve(k);
  weights_->reserve(k);
  for (std::size_t t = 0; t < workers_.size(); ++t) {
    traces_->sample_states(t, k);
    weights_->sample(t, k);
  }
  sample_computed(k);
}

template <class T>
bool ClockedEngine<T>::run(std::int64_t steps) {
  const std::int64_t end = now_ + steps, first = now_;
  const auto started = Clock::now();
  auto shown = started;
  std::int64_t batch = std::min<std::int64_t>(steps, 16);
  not_finite_.assign(workers_.size(), {});
  bool keep_on = true;
  while (now_ < end && keep_on) {
    const std::int64_t until = std::min(end, now_ + batch);
    traces_->reserve(until);
    weights_->reserve(until);
    const auto batch_started = Clock::now();
    team_.run([&](int t) { work(t, until, end); });
    now_ = until;
    record_spikes(now_);
    spikes_->flush();
    traces_->flush(now_);
    weights_->flush(now_);
    totals_.steps = now_;
    refuse_not_finite(not_finite_, network_);
    // Batches of about a tenth of a second, so that stopping is prompt and progress smooth.
    const double took = seconds_since(batch_started);
    batch = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(static_cast<double>(batch) * 0.1 / std::max(took, 1e-4)),
        std::min<std::int64_t>(16, steps), 4 * batch);
    if (now_ == end || seconds_since(shown) > 0.1) {
      shown = Clock::now();
      keep_on =
          report(options_.progress, "simulating", static_cast<double>(now_ - first),
                 static_cast<double>(steps),
                 to_string(Quantity::from_internal(network_.grid().ms(now_), dimension::time)));
    }
  }
  totals_.simulate_s += seconds_since(started);
  return now_ == end;
}

template <class T>
void ClockedEngine<T>::work(int thread, std::int64_t until, std::int64_t end) {
  Worker& worker = workers_[static_cast<std::size_t>(thread)];
  const std::int64_t interval = exchange_.interval();
  const bool computes = traces_->any_computed();
  for (std::int64_t n = now_; n < until; ++n) {
    if (n % interval == 0) {
      team_.barrier();
      for (std::int64_t m = std::max<std::int64_t>(0, n - interval); m < n; ++m)
        worker.delivery.deliver(exchange_.of_step(m), m);
      if (thread == 0) record_spikes(n);
    }
    update(worker, thread, n);
    traces_->sample_states(static_cast<std::size_t>(thread), n + 1);
    weights_->sample(static_cast<std::size_t>(thread), n + 1);
    if (computes) {
      team_.barrier();
      if (thread == 0) sample_computed(n + 1);
      team_.barrier();
    }
    if ((n + 1) % watch_every == 0 || n + 1 == end)
      look_for_not_finite(populations_, worker.segments, n + 1,
                          not_finite_[static_cast<std::size_t>(thread)]);
  }
}

template <class T>
void ClockedEngine<T>::update(Worker& worker, int thread, std::int64_t n) {
  const auto t = static_cast<std::size_t>(thread);
  for (std::uint32_t level = 0; level < levels_; ++level) {
    if (level > 0) {
      // All lower levels have fired; each list is written again only after the next exchange.
      team_.barrier();
      worker.delivery.deliver_at_once(exchange_, level_of_, level, n);
    }
    update_level(worker, level, n);
    if (levels_ > 1) collect(worker, exchange_.of_level(level, t), level, n);
  }
  FoundSpikes& found = exchange_.at(n, t);
  collect(worker, found, every_level, n);
  count(worker, found, n);
  for (auto& c : continuous_) c->keep(worker.segments, n + 1, network_.grid().ms(n + 1));
}

template <class T>
void ClockedEngine<T>::update_level(Worker& worker, std::uint32_t level, std::int64_t n) {
  const double t_ms = network_.grid().ms(n);
  const std::uint64_t draw = draw_of(n);
  std::uint32_t arrived = every_level;
  for (const Segment& segment : worker.segments) {
    const std::uint32_t p = segment.population;
    if (level_of_[p] != level || !populations_[p]->has_model()) continue;
    // A thread may own a population in several segments: all read the same start of the step.
    if (p != arrived) {
      for (const Segment& s : worker.segments)
        if (s.population == p) drives_[p].fill(s.begin, s.end, n, draw);
      worker.delivery.arrive(p, n);
      arrived = p;
    }
    drives_[p].arrive(rings_[p], segment.begin, segment.end, n, draw);
    typename PopulationState<T>::Context& context = worker.contexts[p];
    for (std::size_t i = 0; i < rings_[p].size(); ++i) context.arrivals[i] = rings_[p][i].slot(n);
    populations_[p]->step(context, segment.begin, padded_lanes(segment.end), t_ms, draw);
  }
}

// Spikes of the populations of one level, or of all, in order of populations and neurons.
template <class T>
void ClockedEngine<T>::collect(const Worker& worker, FoundSpikes& found, std::uint32_t level,
                               std::int64_t n) {
  const auto populations = static_cast<std::uint32_t>(populations_.size());
  found.clear(populations);
  std::size_t next = 0;
  for (std::uint32_t p = 0; p < populations; ++p) {
    found.begin[p] = static_cast<std::uint32_t>(found.neurons.size());
    const bool wanted = level == every_level || level_of_[p] == level;
    const std::uint64_t* words = populations_[p]->spikes();
    for (; next < worker.segments.size() && worker.segments[next].population == p; ++next) {
      const Segment& segment = worker.segments[next];
      if (!wanted) continue;
      if (!populations_[p]->has_model()) listed_spikes(segment, n + 1, found.neurons);
      if (words == nullptr) continue;
      for (std::uint32_t word = segment.begin / 64; word < (segment.end + 63) / 64; ++word)
        for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
          const std::uint32_t neuron =
              word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
          if (neuron < segment.end) found.neurons.push_back(neuron);
        }
    }
  }
  found.begin[populations] = static_cast<std::uint32_t>(found.neurons.size());
}

// What a spike list holds for the neurons of a segment.
template <class T>
void ClockedEngine<T>::listed_spikes(const Segment& segment, std::int64_t stamp,
                                     std::vector<std::uint32_t>& neurons) const {
  const Population& list = network_.populations()[segment.population];
  const auto& steps = list.spike_steps;
  const auto range = std::equal_range(steps.begin(), steps.end(), stamp);
  for (auto at = range.first; at != range.second; ++at) {
    const std::uint32_t neuron = list.spike_neurons[static_cast<std::size_t>(at - steps.begin())];
    if (neuron >= segment.begin && neuron < segment.end) neurons.push_back(neuron);
  }
}

template <class T>
void ClockedEngine<T>::count(Worker& worker, const FoundSpikes& found, std::int64_t n) {
  for (std::uint32_t p = 0; p < populations_.size(); ++p) {
    const std::uint64_t first_id = first_ids_[p];
    for (const std::uint32_t* s = found.first(p); s < found.last(p); ++s) {
      statistics_[p].count(*s, n + 1);
      worker.hash += spike_mark(first_id + *s, n + 1);
    }
  }
}

// Subexpressions see driven parameters as they will be in the step that begins at time k dt.
template <class T>
void ClockedEngine<T>::sample_computed(std::int64_t k) {
  for (std::uint32_t p = 0; p < populations_.size(); ++p)
    if (traces_->computes(p, k)) drives_[p].fill(0, populations_[p]->size(), k, draw_of(k));
  traces_->sample_computed(k, network_.grid().ms(k));
}

template <class T>
void ClockedEngine<T>::record_spikes(std::int64_t until) {
  std::vector<std::uint32_t> neurons;
  for (; recorded_ < until; ++recorded_)
    for (std::uint32_t p = 0; p < populations_.size(); ++p) {
      if (!spikes_->any(p)) continue;
      neurons.clear();
      for (const FoundSpikes& found : exchange_.of_step(recorded_))
        neurons.insert(neurons.end(), found.first(p), found.last(p));
      spikes_->add(p, neurons, recorded_ + 1);
    }
}

template <class T>
void ClockedEngine<T>::set(const View& view, const std::string& name,
                           const std::vector<double>& values) {
  const Population& p = network_.populations()[view.population];
  populations_[view.population]->set(indices(view), name, values);
  refresh();
  for (auto& c : continuous_) c->refresh(now_, network_.grid().ms(now_));
  std::string shown = std::to_string(values.size()) + " values";
  if (std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); }))
    shown = to_string(Quantity::from_internal(values.front(), p.model.at(name).dimension));
  changes_.push_back({now_, p.name, name, shown});
}

template <class T>
std::vector<double> ClockedEngine<T>::get(const View& view, const std::string& name) {
  const std::uint32_t p = view.population;
  PopulationState<T>& state = *populations_[p];
  const auto& v = network_.populations()[p].model.at(name);
  std::vector<double> all;
  if (v.kind == model::VariableKind::subexpression) {
    // Asked now and then: the interpreter will do, and no compile time is spent.
    jit::KernelOptions options = options_.kernel;
    options.engine = jit::Engine::interpreter;
    Observer<T> observer(state, v.name, options);
    drives_[p].fill(0, state.size(), now_, draw_of(now_));
    observer.compute(0, state.padded(), network_.grid().ms(now_));
    all.assign(observer.values(), observer.values() + state.size());
  } else {
    all = state.values(v.name);
  }
  std::vector<double> result;
  for (std::uint32_t i : indices(view)) result.push_back(all[i]);
  return result;
}

template <class T>
void ClockedEngine<T>::reset(Reset what) {
  const auto has = [&](Reset r) {
    return (static_cast<unsigned>(what) & static_cast<unsigned>(r)) != 0;
  };
  const std::uint64_t draw = draw_of(now_);
  if (has(Reset::weights))
    for (Worker& w : workers_) w.delivery.restore_synapses();
  if (has(Reset::state)) {
    for (auto& p : populations_) p->restore_state();
    for (auto& rings : rings_)
      for (Ring<T>& ring : rings) ring.clear();
    record_spikes(now_);
    exchange_.clear();
    for (Worker& w : workers_) w.delivery.clear();
    for (auto& c : continuous_) c->restart(now_, network_.grid().ms(now_));
  }
  if (has(Reset::time)) restart_time(!has(Reset::state));
  draw_shift_ = (has(Reset::random) ? 0 : draw) - static_cast<std::uint64_t>(now_);
  if (has(Reset::time)) sample(0);
}

// Time starts anew. What is on its way arrives as long from now as it would have.
template <class T>
void ClockedEngine<T>::restart_time(bool keep_state) {
  const double now_ms = network_.grid().ms(now_);
  if (keep_state) {
    team_.run([&](int t) {
      // Those found since the last exchange, which comes only when the run goes on.
      const std::int64_t first = now_ > 0 ? exchange_.interval_begin(now_ - 1) : 0;
      for (std::int64_t m = first; m < now_; ++m)
        workers_[static_cast<std::size_t>(t)].delivery.deliver(exchange_.of_step(m), m);
    });
    for (auto& p : populations_) p->restart_at(now_ms);
    for (auto& rings : rings_)
      for (Ring<T>& ring : rings) ring.restart_at(now_);
    for (Worker& w : workers_) w.delivery.restart_at(now_);
    for (auto& c : continuous_) c->restart_at(now_);
  } else {
    for (auto& c : continuous_) c->restart(0, 0);
  }
  exchange_.clear();
  now_ = recorded_ = 0;
  totals_.steps = 0;
  changes_.clear();
  for (SpikeStatistics& s : statistics_) s = SpikeStatistics(s.size());
  for (Worker& w : workers_) {
    w.delivery.forget_events();
    w.hash = 0;
  }
  spikes_->clear();
  traces_->restart();
  weights_->restart();
}

template <class T>
Recording ClockedEngine<T>::recording() const {
  Recording r;
  r.network = network_.name();
  r.dt_ms = network_.grid().dt_ms();
  r.steps = now_;
  r.seed = options_.seed;
  r.spikes = spikes_->records();
  r.traces = traces_->records(now_);
  r.weights = weights_->records(now_);
  r.changes = changes_;
  for (std::size_t p = 0; p < statistics_.size(); ++p) {
    const Population& description = network_.populations()[p];
    PopulationSummary s;
    s.name = description.name;
    s.model = description.model.name();
    s.size = description.size;
    s.spikes = statistics_[p].spikes();
    const double seconds = network_.grid().ms(now_) * 1e-3;
    s.rate_hz = now_ > 0 ? static_cast<double>(s.spikes) / s.size / seconds : 0;
    s.cv_isi = statistics_[p].cv_isi();
    r.populations.push_back(std::move(s));
  }
  return r;
}

template <class T>
RunStatistics ClockedEngine<T>::statistics() const {
  RunStatistics s = totals_;
  s.neurons = network_.neurons();
  for (const Worker& w : workers_) {
    s.synaptic_events += w.delivery.events();
    s.spike_hash += w.hash;
  }
  for (const SpikeStatistics& p : statistics_) s.spikes += p.spikes();
  return s;
}

std::unique_ptr<Engine> make_engine(const Network& network, const SimulationOptions& options) {
  if (options.precision == Precision::single)
    return std::make_unique<ClockedEngine<float>>(network, options);
  return std::make_unique<ClockedEngine<double>>(network, options);
}

}  // namespace callosum::sim
