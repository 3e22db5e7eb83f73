#include "callosum/sim/clocked_engine.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>

#include "callosum/sim/wiring.h"

namespace callosum::sim {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr std::size_t most_inputs = 64;        // input variables of one model
constexpr std::int64_t longest_interval = 64;  // steps between exchanges, whatever the delays
constexpr std::int64_t watch_every = 256;      // steps between looks for NaN

bool report(const ProgressCallback& progress, const char* task, double done, double total,
            std::string detail = {}) {
  return !progress || progress({task, done, total, std::move(detail)});
}

}  // namespace

template <class T>
ClockedEngine<T>::ClockedEngine(const Network& network, const SimulationOptions& options)
    : network_(network), options_(options), team_(options.threads), spike_recorders_(network) {
  build(options);
  std::vector<std::vector<Segment>> owners;
  for (const Worker& w : workers_) owners.push_back(w.segments);
  traces_ = std::make_unique<TraceRecorders<T>>(network, populations_, owners);
  exchange_.clear(network.populations().size());
  traces_->reserve(0);
  refresh_contexts();
  for (std::size_t t = 0; t < workers_.size(); ++t) traces_->sample_states(t, 0);
  traces_->sample_computed(0, 0);
}

template <class T>
void ClockedEngine<T>::build(const SimulationOptions& options) {
  const auto& descriptions = network_.populations();
  const auto& projections = network_.projections();
  auto started = Clock::now();
  const auto needs = find_needs(network_);
  for (std::uint32_t p = 0; p < descriptions.size(); ++p) {
    populations_.push_back(
        std::make_unique<PopulationState<T>>(network_, p, needs[p], options.seed, options.kernel));
    statistics_.emplace_back(descriptions[p].size);
  }
  totals_.compile_s = seconds_since(started);
  started = Clock::now();

  std::vector<Connectivity> connectivities;
  std::vector<std::uint32_t> minimum;
  std::vector<std::uint32_t> longest(descriptions.size(), 1);
  std::int64_t interval = longest_interval;
  for (std::uint32_t p = 0; p < projections.size(); ++p) {
    connectivities.emplace_back(network_, p, options.seed);
    const bool continuous = !projections[p].synapse.source_variable.empty();
    const std::uint32_t least = connectivities.back().minimum_delay();
    minimum.push_back(continuous ? std::max(1u, least) : least);
    auto& far = longest[projections[p].to.population];
    far = std::max(far, connectivities.back().maximum_delay());
    interval = std::min<std::int64_t>(interval, std::max(1u, continuous ? 1u : least));
    positions_.push_back(
        positions_in(projections[p].from, descriptions[projections[p].from.population].size));
  }
  levels_ = update_levels(network_, minimum);
  level_of_.resize(descriptions.size());
  for (std::uint32_t level = 0; level < levels_.size(); ++level)
    for (std::uint32_t p : levels_[level]) level_of_[p] = level;
  if (levels_.size() > 1) interval = 1;
  exchange_ = Exchange(interval, options.threads);

  rings_.resize(descriptions.size());
  poisson_.resize(descriptions.size());
  drives_.resize(descriptions.size());
  for (std::uint32_t p = 0; p < descriptions.size(); ++p)
    for (std::size_t i = 0; i < populations_[p]->inputs().size(); ++i)
      rings_[p].emplace_back(longest[p], populations_[p]->padded());

  for (const Stimulus& s : network_.stimuli()) stimuli_.emplace_back(network_, s, options.seed);
  const auto drive_of = [&](std::uint32_t population, const std::string& name) -> Drive& {
    for (Drive& d : drives_[population])
      if (d.name == name) return d;
    drives_[population].push_back({name, nullptr, {}, {}});
    return drives_[population].back();
  };
  for (ActiveStimulus& s : stimuli_) {
    const std::uint32_t p = s.description().to.population;
    if (!s.is_poisson()) {
      drive_of(p, s.description().target).stimuli.push_back(&s);
      continue;
    }
    const auto& inputs = populations_[p]->inputs();
    const auto input =
        std::find(inputs.begin(), inputs.end(), s.description().target) - inputs.begin();
    poisson_[p].emplace_back(static_cast<std::size_t>(input), &s);
  }

  const auto owners = partition(network_, options.threads);
  workers_.resize(owners.size());
  for (std::size_t t = 0; t < owners.size(); ++t) workers_[t].segments = owners[t];

  double done = 0;
  double total = 0;
  for (const Connectivity& c : connectivities) total += c.expected();
  for (std::uint32_t p = 0; p < projections.size(); ++p) {
    const Projection& projection = projections[p];
    const std::uint32_t target = projection.to.population;
    if (!projection.synapse.source_variable.empty()) {
      continuous_.push_back(std::make_unique<ContinuousProjection<T>>(
          connectivities[p], projection.from, descriptions[target].size));
      synapses_ += continuous_.back()->synapses();
      continuous_.back()->watch(*populations_[projection.from.population],
                                projection.from.population, projection.synapse.source_variable);
      drive_of(target, projection.synapse.target).continuous.push_back(continuous_.back().get());
      continue;
    }
    const bool plain = !projection.synapse.model || projection.synapse.model->name() == "static";
    team_.run([&](int t) {
      for (const Segment& segment : workers_[static_cast<std::size_t>(t)].segments) {
        if (segment.population != target) continue;
        Path path{projection.from.population,
                  target,
                  minimum[p] == 0,
                  &positions_[p],
                  nullptr,
                  nullptr,
                  nullptr};
        path.store = std::make_unique<SynapseStore<T>>(connectivities[p], segment);
        const auto& inputs = populations_[target]->inputs();
        if (plain) {
          const auto input =
              std::find(inputs.begin(), inputs.end(), projection.synapse.target) - inputs.begin();
          path.ring = &rings_[target][static_cast<std::size_t>(input)];
        } else {
          path.general = std::make_unique<GeneralSynapses<T>>(
              network_, p, *path.store, segment, *populations_[target], rings_[target],
              options.seed, longest[target], options.kernel);
        }
        workers_[static_cast<std::size_t>(t)].paths.push_back(std::move(path));
      }
    });
    done += connectivities[p].expected();
    if (!report(
            options.progress, "connecting", done, total,
            std::to_string(p + 1) + " of " + std::to_string(projections.size()) + " projections"))
      throw Interrupted({.where = "simulation", .what = "stopped while connecting"});
  }
  for (const Worker& w : workers_)
    for (const Path& path : w.paths) {
      synapses_ += path.store->synapses();
      totals_.synapse_bytes +=
          static_cast<double>(path.store->bytes() + (path.general ? path.general->bytes() : 0));
    }
  totals_.build_s = seconds_since(started);
}

template <class T>
void ClockedEngine<T>::refresh_contexts() {
  for (Worker& w : workers_) {
    w.contexts.clear();
    for (const auto& p : populations_) w.contexts.push_back(p->context());
  }
  for (std::size_t p = 0; p < drives_.size(); ++p)
    for (Drive& d : drives_[p]) d.column = populations_[p]->driven(d.name);
}

template <class T>
bool ClockedEngine<T>::run(std::int64_t steps) {
  const std::int64_t end = now_ + steps, first = now_;
  const auto started = Clock::now();
  auto shown = started;
  std::int64_t batch = std::min<std::int64_t>(steps, 16);
  failures_.assign(workers_.size(), {});
  refresh_contexts();
  bool keep_on = true;
  while (now_ < end && keep_on) {
    const std::int64_t until = std::min(end, now_ + batch);
    traces_->reserve(until);
    const auto batch_started = Clock::now();
    team_.run([&](int t) { work(t, until); });
    now_ = until;
    record_spikes(now_);
    totals_.steps = now_;
    for (const Failure& f : failures_)
      if (f.found) report_failure();
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
void ClockedEngine<T>::work(int thread, std::int64_t end) {
  Worker& worker = workers_[static_cast<std::size_t>(thread)];
  const std::int64_t interval = exchange_.interval();
  const bool waits = traces_->any_computed();
  for (std::int64_t n = now_; n < end; ++n) {
    if (n % interval == 0) {
      team_.barrier();
      for (std::int64_t m = std::max<std::int64_t>(0, n - interval); m < n; ++m) deliver(worker, m);
      if (thread == 0) record_spikes(n);
    }
    update(worker, thread, n);
    traces_->sample_states(static_cast<std::size_t>(thread), n + 1);
    if (waits) {
      team_.barrier();
      if (thread == 0) traces_->sample_computed(n + 1, network_.grid().ms(n + 1));
      team_.barrier();
    }
    if ((n + 1) % watch_every == 0 || n + 1 == end) watch(thread, worker);
  }
}

template <class T>
void ClockedEngine<T>::deliver(Worker& worker, std::int64_t found_in, std::uint32_t level) {
  for (Path& path : worker.paths) {
    if (path.immediate != (level != no_level)) continue;
    if (path.immediate && level_of_[path.source_population] != level) continue;
    for (std::size_t t = 0; t < exchange_.threads(); ++t) {
      const FoundSpikes& found = exchange_.at(found_in, t);
      const std::uint32_t* last = found.last(path.source_population);
      for (const std::uint32_t* s = found.first(path.source_population); s < last; ++s) {
        std::uint32_t source = *s;
        if (!path.positions->empty()) {
          const std::int32_t position = (*path.positions)[source];
          if (position < 0) continue;
          source = static_cast<std::uint32_t>(position);
        } else if (s + 1 < last) {
          path.store->prefetch(s[1]);
        }
        worker.events += path.general ? path.general->deliver(source, found_in)
                                      : path.store->deliver(source, found_in, *path.ring);
      }
    }
  }
}

template <class T>
void ClockedEngine<T>::update(Worker& worker, int thread, std::int64_t n) {
  FoundSpikes& found = exchange_.at(n, static_cast<std::size_t>(thread));
  const double t_ms = network_.grid().ms(n);
  const std::uint64_t draw = static_cast<std::uint64_t>(n) + draw_shift_;
  std::array<T*, most_inputs> arrivals;
  for (std::uint32_t level = 0; level < levels_.size(); ++level) {
    for (Path& path : worker.paths)
      if (path.general && level_of_[path.target_population] == level) path.general->arrive(n);
    for (const Segment& segment : worker.segments) {
      const std::uint32_t p = segment.population;
      if (level_of_[p] != level || !populations_[p]->has_model()) continue;
      drive(segment, n);
      for (const auto& [input, stimulus] : poisson_[p])
        if (stimulus->active(n))
          stimulus->add(rings_[p][input].slot(n), segment.begin, segment.end, n, draw);
      for (std::size_t i = 0; i < rings_[p].size(); ++i) arrivals[i] = rings_[p][i].slot(n);
      const std::int64_t end =
          (segment.end + model::lane_padding - 1) / model::lane_padding * model::lane_padding;
      populations_[p]->step(worker.contexts[p], segment.begin, end, arrivals.data(), t_ms, draw);
    }
    collect(worker, found, level + 1, n);
    if (level + 1 == levels_.size()) break;
    // What this level fired goes at once to the levels behind it.
    team_.barrier();
    deliver(worker, n, level);
  }
  count(worker, found, n);
  for (auto& c : continuous_) c->keep(worker.segments, n + 1);
}

// Spikes of the populations of the first `levels` levels, in order of populations and neurons.
template <class T>
void ClockedEngine<T>::collect(const Worker& worker, FoundSpikes& found, std::uint32_t levels,
                               std::int64_t n) {
  const auto populations = static_cast<std::uint32_t>(populations_.size());
  found.clear(populations);
  std::size_t next = 0;
  for (std::uint32_t p = 0; p < populations; ++p) {
    found.begin[p] = static_cast<std::uint32_t>(found.neurons.size());
    for (; next < worker.segments.size() && worker.segments[next].population == p; ++next) {
      const Segment& segment = worker.segments[next];
      if (level_of_[p] >= levels) continue;
      const Population& description = network_.populations()[p];
      if (!populations_[p]->has_model()) {
        const auto& steps = description.spike_steps;
        const auto range = std::equal_range(steps.begin(), steps.end(), n + 1);
        for (auto at = range.first; at != range.second; ++at) {
          const std::uint32_t neuron =
              description.spike_neurons[static_cast<std::size_t>(at - steps.begin())];
          if (neuron >= segment.begin && neuron < segment.end) found.neurons.push_back(neuron);
        }
        continue;
      }
      const std::uint64_t* words = populations_[p]->spikes();
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

template <class T>
void ClockedEngine<T>::count(Worker& worker, const FoundSpikes& found, std::int64_t n) {
  for (std::uint32_t p = 0; p < populations_.size(); ++p) {
    const std::uint64_t first_id = network_.first_id(p);
    for (const std::uint32_t* s = found.first(p); s < found.last(p); ++s) {
      statistics_[p].count(*s, n + 1);
      worker.hash += spike_mark(first_id + *s, n + 1);
    }
  }
}

template <class T>
void ClockedEngine<T>::drive(const Segment& segment, std::int64_t n) {
  const std::uint64_t draw = static_cast<std::uint64_t>(n) + draw_shift_;
  for (Drive& d : drives_[segment.population]) {
    if (d.column == nullptr) continue;
    for (std::uint32_t i = segment.begin; i < segment.end; ++i)
      d.column[i] = static_cast<T>(populations_[segment.population]->base(d.name, i));
    for (ActiveStimulus* s : d.stimuli)
      if (s->active(n)) s->add(d.column, segment.begin, segment.end, n, draw);
    for (ContinuousProjection<T>* c : d.continuous) c->add(d.column, segment.begin, segment.end, n);
  }
}

template <class T>
void ClockedEngine<T>::record_spikes(std::int64_t until) {
  std::vector<std::uint32_t> neurons;
  for (; recorded_ < until; ++recorded_)
    for (std::uint32_t p = 0; p < populations_.size(); ++p) {
      if (!spike_recorders_.any(p)) continue;
      neurons.clear();
      for (std::size_t t = 0; t < exchange_.threads(); ++t) {
        const FoundSpikes& found = exchange_.at(recorded_, t);
        neurons.insert(neurons.end(), found.first(p), found.last(p));
      }
      spike_recorders_.add(p, neurons, recorded_ + 1);
    }
}

template <class T>
void ClockedEngine<T>::watch(int thread, const Worker& worker) {
  Failure& failure = failures_[static_cast<std::size_t>(thread)];
  if (failure.found) return;
  for (const Segment& segment : worker.segments)
    for (const auto& [name, column] : populations_[segment.population]->states()) {
      T sum = 0;  // x - x is 0, or NaN where x is not finite
      for (std::uint32_t i = segment.begin; i < segment.end; ++i) sum += column[i] - column[i];
      if (sum == 0) continue;
      for (std::uint32_t i = segment.begin; i < segment.end; ++i)
        if (!std::isfinite(column[i])) {
          failure = {segment.population, i, name, static_cast<double>(column[i]), true};
          return;
        }
    }
}

template <class T>
void ClockedEngine<T>::report_failure() const {
  const Failure* first = nullptr;
  for (const Failure& f : failures_)
    if (f.found && (first == nullptr || std::pair(f.population, f.neuron) <
                                            std::pair(first->population, first->neuron)))
      first = &f;
  const std::string time =
      to_string(Quantity::from_internal(network_.grid().ms(now_), dimension::time));
  throw NumericalError({.where = "population '" + network_.populations()[first->population].name +
                                 "', neuron " + std::to_string(first->neuron),
                        .what = "'" + first->variable + "' is no longer finite by t = " + time,
                        .got = std::isnan(first->value) ? "NaN" : "infinity",
                        .expected = "a finite value; a smaller dt, or another method, may help"});
}

template <class T>
void ClockedEngine<T>::set(const View& neurons, const std::string& name,
                           const std::vector<double>& values) {
  const Population& p = network_.populations()[neurons.population];
  populations_[neurons.population]->set(indices(neurons), name, values);
  std::string shown = std::to_string(values.size()) + " values";
  if (std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); }))
    shown = to_string(Quantity::from_internal(values.front(), p.model.at(name).dimension));
  changes_.push_back({now_, p.name, name, shown});
}

template <class T>
std::vector<double> ClockedEngine<T>::get(const View& neurons, const std::string& name) {
  PopulationState<T>& state = *populations_[neurons.population];
  const auto& v = network_.populations()[neurons.population].model.at(name);
  if (v.kind == model::VariableKind::subexpression)
    return state.observe(v.name, indices(neurons), network_.grid().ms(now_));
  const std::vector<double> all = state.values(v.name);
  std::vector<double> result;
  for (std::uint32_t i : indices(neurons)) result.push_back(all[i]);
  return result;
}

template <class T>
void ClockedEngine<T>::reset(Reset what) {
  const auto has = [&](Reset r) {
    return (static_cast<unsigned>(what) & static_cast<unsigned>(r)) != 0;
  };
  if (has(Reset::state)) {
    for (auto& p : populations_) p->restore_state();
    for (auto& rings : rings_)
      for (Ring<T>& ring : rings) ring.clear();
    exchange_.clear(populations_.size());
    for (Worker& w : workers_)
      for (Path& path : w.paths)
        if (path.general) path.general->clear();
    for (auto& c : continuous_) c->restart();
  }
  if (has(Reset::weights))
    for (Worker& w : workers_)
      for (Path& path : w.paths)
        if (path.general) path.general->restore();
  // Random numbers are keyed by step + shift: the shift keeps them going when time alone starts
  // anew.
  const std::uint64_t draw = static_cast<std::uint64_t>(now_) + draw_shift_;
  if (has(Reset::time)) {
    now_ = recorded_ = 0;
    totals_.steps = 0;
    spike_recorders_.clear();
    changes_.clear();
    for (std::size_t p = 0; p < statistics_.size(); ++p)
      statistics_[p] = SpikeStatistics(network_.populations()[p].size);
    for (Worker& w : workers_) w.events = w.hash = 0;
    traces_->restart(0);
    traces_->reserve(0);
    for (std::size_t t = 0; t < workers_.size(); ++t) traces_->sample_states(t, 0);
    traces_->sample_computed(0, 0);
  }
  draw_shift_ = (has(Reset::random) ? 0 : draw) - static_cast<std::uint64_t>(now_);
}

template <class T>
Recording ClockedEngine<T>::recording() const {
  Recording r;
  r.network = network_.name();
  r.dt_ms = network_.grid().dt_ms();
  r.steps = now_;
  r.seed = options_.seed;
  r.spikes = spike_recorders_.records();
  r.traces = traces_->records(now_);
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
  s.synapses = synapses_;
  for (const Worker& w : workers_) {
    s.synaptic_events += w.events;
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
