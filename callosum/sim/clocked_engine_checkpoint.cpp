#include <algorithm>

#include "callosum/sim/checkpoint.h"
#include "callosum/sim/clocked_engine.h"
#include "callosum/sim/ring_checkpoint.h"

// Saving an engine and going on from what was saved. What stands once a neuron or synapse is kept
// by population or projection and block of targets, so a file does not show how blocks were shared
// out. Spikes that wait in the exchange are kept by step and population.
namespace callosum::sim {
namespace {

constexpr std::int64_t latest_step = std::int64_t{1} << 47;  // keys of random numbers end there

std::string population_name(std::uint32_t population) {
  return "population " + std::to_string(population);
}
std::string block_name(std::uint32_t population, std::uint32_t begin) {
  return population_name(population) + " block " + std::to_string(begin / block_size);
}

}  // namespace

// f(population, name, begin, end) for each block of neurons owned here.
template <class T>
template <class F>
void ClockedEngine<T>::for_each_block(F f) {
  for (const Worker& worker : workers_)
    for (const Segment& s : worker.segments)
      for (std::uint32_t begin = s.begin; begin < s.end; begin += block_size)
        f(s.population, block_name(s.population, begin), begin,
          std::min(s.end, begin + block_size));
}

template <class T>
void ClockedEngine<T>::save(ArchiveWriter& out) {
  const RunStatistics done = statistics();
  if (first_rank()) save_shared(out, done);
  for_each_block(
      [&](std::uint32_t p, const std::string& name, std::uint32_t begin, std::uint32_t end) {
        populations_[p]->save(out, name, begin);
        statistics_[p].save(out, name, begin, end);
        const auto& inputs = populations_[p]->inputs();
        for (std::size_t i = 0; i < inputs.size(); ++i)
          save_arrivals(out, name + " input " + inputs[i], rings_[p][i], begin, end, now_);
        for (std::size_t c = 0; c < continuous_.size(); ++c)
          if (continuous_[c]->source_population() == p)
            continuous_[c]->save(out, name + " read by " + std::to_string(c), begin, end, now_);
      });
  save_wirings(out);
  save_projections(out, "separate projections", [](const auto& p) { return p.separate(); });
  save_projections(out, "frozen projections", [](const auto& p) { return p.frozen(); });
  for (const Worker& worker : workers_) worker.delivery.save(out, network_, options_.seed, now_);
  if (first_rank()) spikes_->save(out);
  traces_->save(out, now_);
  weights_->save(out, now_);
}

// The plastic projections of which something holds.
template <class T>
template <class F>
void ClockedEngine<T>::save_projections(ArchiveWriter& out, const std::string& name, F holds) {
  std::vector<std::uint64_t> found(on_pre_.size(), 0);
  for (std::uint32_t id = 0; id < found.size(); ++id)
    if (const PlasticSynapses<T>* some = some_synapses(id)) found[id] = holds(*some) ? 1 : 0;
  sum_over_ranks(found);
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = 0; id < found.size(); ++id)
    if (found[id] > 0) ids.push_back(id);
  if (first_rank()) out.put(name, ids);
}

template <class T>
template <class F>
void ClockedEngine<T>::load_projections(const ArchiveReader& in, const std::string& name, F apply) {
  for (const std::uint32_t id : in.get<std::uint32_t>(name)) {
    if (id >= on_pre_.size() || !on_pre_[id].plastic)
      in.refuse(name, "there is no such plastic projection", std::to_string(id));
    apply(id);
  }
}

// What all ranks know alike.
template <class T>
void ClockedEngine<T>::save_shared(ArchiveWriter& out, const RunStatistics& done) {
  out.put("step", now_);
  out.put("draw shift", draw_shift_);
  out.put("spike hash", done.spike_hash);
  out.put("synaptic events", done.synaptic_events);
  out.put("simulate s", done.simulate_s);
  save_changes(out);
  save_found(out);
  for (std::uint32_t p = 0; p < populations_.size(); ++p)
    populations_[p]->save_parameters(out, population_name(p));
  out.put("plastic updates", done.plastic_updates);
}

template <class T>
void ClockedEngine<T>::load(const ArchiveReader& in) {
  now_ = in.value<std::int64_t>("step");
  if (now_ < 0 || now_ >= latest_step)
    in.refuse("step", "it is out of range", std::to_string(now_));
  recorded_ = exchanged_ = sent_until_ = totals_.steps = now_;
  for (Worker& worker : workers_) worker.delivered = now_;
  draw_shift_ = in.value<std::uint64_t>("draw shift");
  totals_.spike_hash = in.value<std::uint64_t>("spike hash");
  totals_.synaptic_events = in.value<std::uint64_t>("synaptic events");
  totals_.simulate_s = in.value<double>("simulate s");
  load_changes(in);
  load_found(in);
  for (std::uint32_t p = 0; p < populations_.size(); ++p)
    populations_[p]->load_parameters(in, population_name(p));
  refresh();
  for (auto& c : continuous_) c->refresh();
  for_each_block(
      [&](std::uint32_t p, const std::string& name, std::uint32_t begin, std::uint32_t end) {
        populations_[p]->load(in, name, begin);
        statistics_[p].load(in, name, begin, end);
        const auto& inputs = populations_[p]->inputs();
        for (std::size_t i = 0; i < inputs.size(); ++i)
          load_arrivals(in, name + " input " + inputs[i], rings_[p][i], begin, end, now_);
        for (std::size_t c = 0; c < continuous_.size(); ++c)
          if (continuous_[c]->source_population() == p)
            continuous_[c]->load(in, name + " read by " + std::to_string(c), begin, end, now_);
      });
  totals_.plastic_updates = in.value<std::uint64_t>("plastic updates");
  load_wirings(in);
  load_projections(in, "separate projections",
                   [&](std::uint32_t id) { change_code(id, false, KeptStates::by_synapse); });
  load_projections(in, "frozen projections", [&](std::uint32_t id) {
    if (const auto* some = some_synapses(id))
      change_code(id, true, some->separate() ? KeptStates::by_synapse : KeptStates::shared);
  });
  for (Worker& worker : workers_) worker.delivery.load(in, network_, options_.seed, now_);
  const std::string folder = recordings_folder(in);
  if (first_rank()) spikes_->load(in, folder, now_);
  traces_->load(in, folder, now_);
  weights_->load(in, folder, now_);
}

template <class T>
void ClockedEngine<T>::save_changes(ArchiveWriter& out) const {
  std::vector<std::int64_t> steps;
  for (std::size_t k = 0; k < changes_.size(); ++k) {
    const std::string name = "change " + std::to_string(k);
    steps.push_back(changes_[k].step);
    out.put(name + " population", changes_[k].population);
    out.put(name + " parameter", changes_[k].parameter);
    out.put(name + " value", changes_[k].value);
  }
  out.put("steps of changes", steps);
}

template <class T>
void ClockedEngine<T>::load_changes(const ArchiveReader& in) {
  for (const std::int64_t step : in.get<std::int64_t>("steps of changes")) {
    const std::string name = "change " + std::to_string(changes_.size());
    changes_.push_back({step, in.text(name + " population"), in.text(name + " parameter"),
                        in.text(name + " value")});
  }
}

template <class T>
void ClockedEngine<T>::save_found(ArchiveWriter& out) {
  for (std::uint32_t p = 0; p < populations_.size(); ++p) {
    std::vector<std::int64_t> steps;
    std::vector<std::uint32_t> neurons;
    for (std::int64_t m = now_ - history_; m < now_; ++m)
      for (const FoundSpikes& found : exchange_.of_step(m)) {
        neurons.insert(neurons.end(), found.first(p), found.last(p));
        steps.resize(neurons.size(), m);
      }
    out.put(population_name(p) + " found steps", steps);
    out.put(population_name(p) + " found neurons", neurons);
  }
}

// As if one thread had found them all.
template <class T>
void ClockedEngine<T>::load_found(const ArchiveReader& in) {
  std::vector<std::vector<std::int64_t>> steps;
  std::vector<std::vector<std::uint32_t>> neurons;
  std::vector<std::size_t> next(populations_.size(), 0);
  for (std::uint32_t p = 0; p < populations_.size(); ++p) {
    const std::string name = population_name(p) + " found ";
    steps.push_back(in.get<std::int64_t>(name + "steps"));
    neurons.push_back(in.get<std::uint32_t>(name + "neurons", steps[p].size()));
    for (std::size_t k = 0; k < steps[p].size(); ++k) {
      const bool later = k == 0 || steps[p][k] > steps[p][k - 1] ||
                         (steps[p][k] == steps[p][k - 1] && neurons[p][k] > neurons[p][k - 1]);
      if (!later || steps[p][k] < now_ - history_ || steps[p][k] >= now_ ||
          neurons[p][k] >= populations_[p]->size())
        in.refuse(name + "steps", "a spike is out of order or of no neuron");
    }
  }
  for (std::int64_t m = now_ - history_; m < now_; ++m) {
    FoundSpikes& found = exchange_.at(m, 0);
    found.clear(populations_.size());
    for (std::uint32_t p = 0; p < populations_.size(); ++p) {
      found.begin[p] = static_cast<std::uint32_t>(found.neurons.size());
      for (; next[p] < steps[p].size() && steps[p][next[p]] == m; ++next[p])
        found.neurons.push_back(neurons[p][next[p]]);
    }
    found.begin[populations_.size()] = static_cast<std::uint32_t>(found.neurons.size());
  }
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
