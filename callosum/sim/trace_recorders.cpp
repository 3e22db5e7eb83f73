#include "callosum/sim/trace_recorders.h"

#include <algorithm>

#include "callosum/sim/recorders.h"

namespace callosum::sim {

template <class T>
TraceRecorders<T>::TraceRecorders(
    const Network& network, const std::vector<std::unique_ptr<PopulationState<T>>>& populations,
    const std::vector<std::vector<Segment>>& owners)
    : populations_(populations) {
  for (const Recorder& r : network.recorders()) {
    if (r.kind != Recorder::Kind::variable) continue;
    const Population& p = network.populations()[r.view.population];
    Trace trace;
    trace.record.population = p.name;
    trace.record.variable = p.model.at(r.variable).name;
    trace.record.dimension = p.model.at(r.variable).dimension;
    trace.record.indices = indices(r.view);
    trace.record.interval = r.interval;
    trace.population = r.view.population;
    trace.computed = populations[r.view.population]->column(trace.record.variable) == nullptr;
    computed_ = computed_ || trace.computed;
    trace.owned.resize(owners.size());
    for (std::size_t thread = 0; thread < owners.size(); ++thread)
      for (std::uint32_t i = 0; i < trace.record.indices.size(); ++i)
        for (const Segment& s : owners[thread])
          if (s.population == r.view.population && trace.record.indices[i] >= s.begin &&
              trace.record.indices[i] < s.end)
            trace.owned[thread].push_back(i);
    traces_.push_back(std::move(trace));
  }
}

template <class T>
void TraceRecorders<T>::reserve(std::int64_t until) {
  for (Trace& t : traces_) {
    const auto samples = static_cast<std::size_t>((until - t.record.first) / t.record.interval + 1);
    t.record.values.resize(samples * t.record.indices.size());
  }
}

template <class T>
void TraceRecorders<T>::sample_states(std::size_t thread, std::int64_t k) {
  for (Trace& t : traces_) {
    if (t.computed || (k - t.record.first) % t.record.interval != 0) continue;
    const T* column = populations_[t.population]->column(t.record.variable);
    double* row = t.record.values.data() +
                  static_cast<std::size_t>((k - t.record.first) / t.record.interval) *
                      t.record.indices.size();
    for (std::uint32_t i : t.owned[thread]) row[i] = column[t.record.indices[i]];
  }
}

template <class T>
void TraceRecorders<T>::sample_computed(std::int64_t k, double t_ms) {
  for (Trace& t : traces_) {
    if (!t.computed || (k - t.record.first) % t.record.interval != 0) continue;
    const auto values =
        populations_[t.population]->observe(t.record.variable, t.record.indices, t_ms);
    std::copy(values.begin(), values.end(),
              t.record.values.begin() +
                  static_cast<std::ptrdiff_t>((k - t.record.first) / t.record.interval *
                                              static_cast<std::int64_t>(values.size())));
  }
}

template <class T>
void TraceRecorders<T>::restart(std::int64_t now) {
  for (Trace& t : traces_) {
    t.record.first = now;
    t.record.values.clear();
  }
}

template <class T>
std::vector<TraceRecord> TraceRecorders<T>::records(std::int64_t now) const {
  std::vector<TraceRecord> result;
  for (const Trace& t : traces_) {
    result.push_back(t.record);
    const auto samples = static_cast<std::size_t>((now - t.record.first) / t.record.interval + 1);
    result.back().values.resize(samples * t.record.indices.size());
  }
  return result;
}

template class TraceRecorders<float>;
template class TraceRecorders<double>;

}  // namespace callosum::sim
