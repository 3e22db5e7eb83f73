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

constexpr std::int64_t watch_every = 256;  // steps between looks for NaN
constexpr std::uint32_t every_level = 0xffffffffu;

bool report(const ProgressCallback& progress, const char* task, double done, double total,
            std::string detail = {}) {
  return !progress || progress({task, done, total, std::move(detail)});
}

}  // namespace

template <class T>
ClockedEngine<T>::ClockedEngine(const Network& network, const SimulationOptions& options,
                                const ArchiveReader* resume, const ClockedEngine* like)
    : network_(network),
      options_(options),
      ranks_(options.ranks && options.ranks->size() > 1 ? options.ranks.get() : nullptr),
      team_(options.threads),
      draw_shift_(options.first_draw) {
  const auto started = Clock::now();
  compile();
  totals_.compile_s = seconds_since(started);
  connectivities_ = draw_plans();
  refuse_what_ranks_cannot();
  const auto owners = partition(network_, options.threads, ranks_);
  workers_.resize(owners.size());
  for (std::size_t t = 0; t < owners.size(); ++t) workers_[t].segments = owners[t];
  plan_rings(connectivities_);
  make_drives();
  connect(connectivities_, like);
  refresh();
  for (auto& c : continuous_) c->restart(0, 0);
  make_recorders(connectivities_);
  if (std::none_of(network_.projections().begin(), network_.projections().end(),
                   [](const Projection& p) { return p.synapse.rows == Rows::procedural; }))
    connectivities_.clear();
  if (resume != nullptr)
    load(*resume);
  else
    sample(0);
  spikes_->begin();
  traces_->begin(now_);
  weights_->begin(now_);
  totals_.build_s = seconds_since(started) - totals_.compile_s;
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
    sample_states(workers_[t], k);
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
    trade(now_);
    record_spikes(now_);
    spikes_->flush();
    traces_->flush(now_);
    weights_->flush(now_);
    totals_.steps = now_;
    share_not_finite();
    refuse_not_finite(not_finite_, network_);
    // Batches of about a tenth of a second, so that stopping is prompt and progress smooth.
    const double took = seconds_since(batch_started);
    batch = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(static_cast<double>(batch) * 0.1 / std::max(took, 1e-4)),
        std::min<std::int64_t>(16, steps), 4 * batch);
    if (now_ == end || seconds_since(shown) > 0.1) {
      shown = Clock::now();
      keep_on = report(options_.progress, "simulating", static_cast<double>(now_ - first),
                       static_cast<double>(steps), to_string(network_.grid().time(now_)));
    }
    keep_on = agree(batch, keep_on);
  }
  settle();
  totals_.simulate_s += seconds_since(started);
  return now_ == end;
}

template <class T>
void ClockedEngine<T>::work(int thread, std::int64_t until, std::int64_t end) {
  Worker& worker = workers_[static_cast<std::size_t>(thread)];
  const std::int64_t interval = exchange_.interval();
  const bool computes = traces_->any_computed();
  for (std::int64_t n = now_, next; n < until; n = next) {
    if (n % interval == 0) exchange(worker, thread, n);
    if (by_segment_ && !computes) {
      next = std::min({until, (n / interval + 1) * interval, (n / watch_every + 1) * watch_every});
      update_by_segment(worker, thread, n, next);
    } else {
      next = n + 1;
      update(worker, thread, n);
      if (travelling_ != nullptr && thread == 0) travelling_->let_move();
      sample_states(worker, next);
      weights_->sample(static_cast<std::size_t>(thread), next);
    }
    if (computes) {
      team_.barrier();
      if (thread == 0) sample_computed(next);
      team_.barrier();
    }
    if (next % watch_every == 0 || next == end)
      look_for_not_finite(populations_, worker.segments, next,
                          not_finite_[static_cast<std::size_t>(thread)]);
  }
}

template <class T>
void ClockedEngine<T>::sample_states(const Worker& worker, std::int64_t k) {
  for (std::size_t s = 0; s < worker.segments.size(); ++s)
    traces_->sample_states(worker.first_segment + s, k);
}

// Steps [first, last) of one exchange interval, segment after segment.
template <class T>
void ClockedEngine<T>::update_by_segment(Worker& worker, int thread, std::int64_t first,
                                         std::int64_t last) {
  const std::size_t finder = first_finder_ + static_cast<std::size_t>(thread);
  for (std::int64_t n = first; n < last; ++n) exchange_.at(n, finder).clear(populations_.size());
  for (std::size_t s = 0; s < worker.segments.size(); ++s) {
    const Segment& segment = worker.segments[s];
    const std::uint32_t p = segment.population;
    for (std::int64_t n = first; n < last; ++n) {
      if (populations_[p]->has_model()) {
        drives_[p].fill(segment.begin, segment.end, n, draw_of(n));
        update_segment(worker, segment, n);
      }
      collect(segment, exchange_.at(n, finder), n);
      if (travelling_ != nullptr && thread == 0) travelling_->let_move();
      traces_->sample_states(worker.first_segment + s, n + 1);
    }
  }
  for (std::int64_t n = first; n < last; ++n) {
    FoundSpikes& found = exchange_.at(n, finder);
    found.open(populations_.size());
    count(worker, found, n);
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
  FoundSpikes& found = exchange_.at(n, first_finder_ + t);
  collect(worker, found, every_level, n);
  worker.delivery.hear(found, n);
  count(worker, found, n);
  for (auto& c : continuous_) c->keep(worker.segments, n + 1, network_.grid().ms(n + 1));
}

template <class T>
void ClockedEngine<T>::update_level(Worker& worker, std::uint32_t level, std::int64_t n) {
  std::uint32_t arrived = every_level;
  for (const Segment& segment : worker.segments) {
    const std::uint32_t p = segment.population;
    if (level_of_[p] != level || !populations_[p]->has_model()) continue;
    // A thread may own a population in several segments: all read the same start of the step.
    if (p != arrived) {
      for (const Segment& s : worker.segments)
        if (s.population == p) drives_[p].fill(s.begin, s.end, n, draw_of(n));
      worker.delivery.add_sums(p, n);
      worker.delivery.arrive(p, n);
      arrived = p;
    }
    update_segment(worker, segment, n);
  }
}

// Step n of a segment whose driven parameters and terms that waited are there.
template <class T>
void ClockedEngine<T>::update_segment(Worker& worker, const Segment& segment, std::int64_t n) {
  const std::uint32_t p = segment.population;
  const double t_ms = network_.grid().ms(n);
  const std::uint64_t draw = draw_of(n);
  worker.delivery.deliver_punctual(exchange_, segment, n);
  typename PopulationState<T>::Context& context = worker.contexts[p];
  for (std::uint32_t begin = segment.begin, end; begin < segment.end; begin = end) {
    end = segment.end;
    for (const Ring<T>& ring : rings_[p]) end = std::min(end, ring.slice_end(begin));
    drives_[p].arrive(rings_[p], begin, end, n, draw);
    for (std::size_t i = 0; i < rings_[p].size(); ++i)
      context.arrivals[i] = rings_[p][i].lanes(n, begin);
    populations_[p]->step(context, begin, padded_lanes(end), t_ms, draw);
  }
}

// Spikes of the populations of one level, or of all, in order of populations and neurons.
template <class T>
void ClockedEngine<T>::collect(const Worker& worker, FoundSpikes& found, std::uint32_t level,
                               std::int64_t n) {
  found.clear(populations_.size());
  for (const Segment& segment : worker.segments)
    if (level == every_level || level_of_[segment.population] == level) collect(segment, found, n);
  found.open(populations_.size());
}

template <class T>
void ClockedEngine<T>::collect(const Segment& segment, FoundSpikes& found, std::int64_t n) const {
  const std::uint32_t p = segment.population;
  found.open(p);
  if (!populations_[p]->has_model()) listed_spikes(segment, n + 1, found.neurons);
  const std::uint64_t* words = populations_[p]->spikes();
  if (words == nullptr) return;
  for (std::uint32_t word = segment.begin / 64; word < (segment.end + 63) / 64; ++word)
    for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
      const std::uint32_t neuron = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
      if (neuron < segment.end) found.neurons.push_back(neuron);
    }
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

// Driven parameters of a whole population as they will be in step n.
template <class T>
void ClockedEngine<T>::fill_drives(std::uint32_t p, std::int64_t n) {
  drives_[p].fill(0, populations_[p]->size(), n, draw_of(n));
  for (Worker& w : workers_) w.delivery.add_sums(p, n);
}

// Subexpressions see driven parameters as they will be in the step that begins at time k dt.
template <class T>
void ClockedEngine<T>::sample_computed(std::int64_t k) {
  for (std::uint32_t p = 0; p < populations_.size(); ++p)
    if (traces_->computes(p, k)) fill_drives(p, k);
  traces_->sample_computed(k, network_.grid().ms(k));
}

template <class T>
void ClockedEngine<T>::record_spikes(std::int64_t until) {
  if (!first_rank()) recorded_ = until;
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
Recording ClockedEngine<T>::recording() const {
  Recording r;
  r.network = network_.name();
  r.dt_ms = network_.grid().dt_ms();
  r.steps = now_;
  r.seed = options_.seed;
  r.replica = options_.replica;
  r.spikes = spikes_->records();
  r.traces = traces_->records(now_);
  r.weights = weights_->records(now_);
  r.changes = changes_;
  for (std::size_t p = 0; p < statistics_.size(); ++p) {
    const SpikeStatistics all = ranks_ == nullptr ? statistics_[p] : statistics_[p].merged(*ranks_);
    const Population& description = network_.populations()[p];
    PopulationSummary s;
    s.name = description.name;
    s.model = description.model.name();
    s.size = description.size;
    s.spikes = all.spikes();
    const double seconds = network_.grid().ms(now_) * 1e-3;
    s.rate_hz = now_ > 0 ? static_cast<double>(s.spikes) / s.size / seconds : 0;
    s.cv_isi = all.cv_isi();
    r.populations.push_back(std::move(s));
  }
  return r;
}

template <class T>
RunStatistics ClockedEngine<T>::statistics() const {
  RunStatistics s = totals_;
  s.neurons = network_.neurons();
  std::uint64_t events = 0, updates = 0, hash = 0, spikes = 0;
  for (const Worker& w : workers_) {
    events += w.delivery.events() + w.sliced.events();
    for (const Path<T>& path : w.delivery.paths())
      if (path.plastic) updates += path.plastic->updates();
    hash += w.hash;
  }
  for (const SpikeStatistics& p : statistics_) spikes += p.spikes();
  std::uint64_t counts[] = {events, updates, hash, spikes};
  sum_over_ranks(counts);
  s.synaptic_events += counts[0];
  s.plastic_updates += counts[1];
  s.spike_hash += counts[2];
  s.spikes += counts[3];
  return s;
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

std::unique_ptr<Engine> make_engine(const Network& network, const SimulationOptions& options,
                                    const ArchiveReader* resume, const Engine* like) {
  const auto make = [&]<class T>(T) {
    return std::make_unique<ClockedEngine<T>>(network, options, resume,
                                              dynamic_cast<const ClockedEngine<T>*>(like));
  };
  if (options.precision == Precision::single) return make(float{});
  return make(double{});
}

}  // namespace callosum::sim
