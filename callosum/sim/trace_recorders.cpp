#include "callosum/sim/trace_recorders.h"

#include <algorithm>

#include "callosum/sim/recorders.h"
#include "callosum/sim/samples_checkpoint.h"

namespace callosum::sim {
namespace {

std::string name_of(std::size_t record) { return "trace-" + std::to_string(record); }

// The groups of lanes that hold the neurons, neighbours joined.
std::vector<std::pair<std::int64_t, std::int64_t>> lanes_of(
    const std::vector<std::uint32_t>& neurons) {
  std::vector<std::pair<std::int64_t, std::int64_t>> lanes;
  for (std::uint32_t neuron : neurons) {
    const std::int64_t begin = neuron / model::lane_padding * model::lane_padding;
    if (lanes.empty() || begin > lanes.back().second)
      lanes.emplace_back(begin, begin + model::lane_padding);
    else
      lanes.back().second = std::max(lanes.back().second, begin + model::lane_padding);
  }
  return lanes;
}

}  // namespace

template <class T>
TraceRecorders<T>::TraceRecorders(
    const Network& network, const std::vector<std::unique_ptr<PopulationState<T>>>& populations,
    const std::vector<std::vector<Segment>>& owners, const jit::KernelOptions& kernel,
    const std::string& folder, Ranks* ranks)
    : ranks_(ranks) {
  for (const Recorder& r : network.recorders()) {
    if (r.kind != Recorder::Kind::variable) continue;
    const Population& p = network.populations()[r.view.population];
    Trace trace;
    trace.population = r.view.population;
    trace.record.population = p.name;
    trace.record.variable = p.model.at(r.variable).name;
    trace.record.dimension = p.model.at(r.variable).dimension;
    trace.record.indices = indices(r.view);
    trace.record.interval = r.interval;
    trace.column = populations[trace.population]->column(trace.record.variable);
    if (trace.column == nullptr) {
      trace.observer = std::make_unique<Observer<T>>(*populations[trace.population],
                                                     trace.record.variable, kernel);
      trace.lanes = lanes_of(trace.record.indices);
      computed_ = true;
    }
    trace.owned.resize(owners.size());
    for (std::size_t owner = 0; owner < owners.size(); ++owner)
      for (std::uint32_t i = 0; i < trace.record.indices.size(); ++i)
        for (const Segment& s : owners[owner])
          if (s.population == r.view.population && trace.record.indices[i] >= s.begin &&
              trace.record.indices[i] < s.end)
            trace.owned[owner].push_back(i);
    if (!folder.empty())
      trace.file = std::make_unique<StreamFile>(
          folder + "/" + name_of(traces_.size()) + ".rec",
          StreamFile::Header{
              {"record", "trace"},
              {"population", p.name},
              {"variable", trace.record.variable},
              {"dimension", dimension_text(trace.record.dimension)},
              {"interval", std::to_string(r.interval)},
              {"indices", numbers({trace.record.indices.begin(), trace.record.indices.end()})}});
    traces_.push_back(std::move(trace));
  }
}

template <class T>
bool TraceRecorders<T>::computes(std::uint32_t population, std::int64_t k) const {
  return std::any_of(traces_.begin(), traces_.end(), [&](const Trace& t) {
    return t.observer && t.population == population && t.due(k);
  });
}

template <class T>
void TraceRecorders<T>::reserve(std::int64_t until) {
  for (Trace& t : traces_) t.record.values.resize(t.samples(until) * t.record.indices.size());
}

template <class T>
void TraceRecorders<T>::sample_states(std::size_t owner, std::int64_t k) {
  for (Trace& t : traces_) {
    if (t.observer || !t.due(k)) continue;
    double* row = t.row(k);
    for (std::uint32_t i : t.owned[owner]) row[i] = t.column[t.record.indices[i]];
  }
}

template <class T>
void TraceRecorders<T>::sample_computed(std::int64_t k, double t_ms) {
  for (Trace& t : traces_) {
    if (!t.observer || !t.due(k)) continue;
    for (const auto& [begin, end] : t.lanes) t.observer->compute(begin, end, t_ms);
    double* row = t.row(k);
    for (const auto& owned : t.owned)
      for (const std::uint32_t i : owned) row[i] = t.observer->values()[t.record.indices[i]];
  }
}

template <class T>
void TraceRecorders<T>::refresh() {
  for (Trace& t : traces_)
    if (t.observer) t.observer->refresh();
}

template <class T>
void TraceRecorders<T>::flush(std::int64_t now) {
  for (Trace& t : traces_) flush_samples(t, t.samples(now), t.record.indices.size(), ranks_);
}

template <class T>
void TraceRecorders<T>::restart() {
  for (Trace& t : traces_) {
    t.record.values.clear();
    t.flushed = 0;
    t.merged = 0;
    if (t.file) t.file->restart();
  }
}

template <class T>
TraceRecord TraceRecorders<T>::read(const std::string& path) {
  StreamFile::Header header;
  const std::string bytes = read_stream(path, header);
  TraceRecord record;
  record.population = header["population"];
  record.variable = header["variable"];
  record.dimension = dimension_of(header["dimension"], path);
  record.interval = whole_number(header["interval"], path);
  for (std::int64_t i : numbers(header["indices"], path))
    record.indices.push_back(static_cast<std::uint32_t>(i));
  record.values = doubles(bytes);
  return record;
}

template <class T>
std::vector<TraceRecord> TraceRecorders<T>::records(std::int64_t now) const {
  std::vector<TraceRecord> result;
  for (const Trace& t : traces_) {
    if (t.file) {
      result.push_back(read(t.file->path()));
      continue;
    }
    result.push_back(t.record);
    result.back().values.resize(t.samples(now) * t.record.indices.size());
  }
  return result;
}

template <class T>
void TraceRecorders<T>::begin(std::int64_t now) {
  for (Trace& r : traces_)
    if (r.file) r.file->begin();
  flush(now);
}

template <class T>
void TraceRecorders<T>::save(ArchiveWriter& out, std::int64_t now) {
  flush(now);
  if (ranks_ != nullptr && ranks_->rank() != 0) return;
  for (std::size_t k = 0; k < traces_.size(); ++k)
    save_samples(out, name_of(k), traces_[k],
                 traces_[k].samples(now) * traces_[k].record.indices.size());
}

template <class T>
void TraceRecorders<T>::load(const ArchiveReader& in, const std::string& folder, std::int64_t now) {
  for (std::size_t k = 0; k < traces_.size(); ++k) {
    Trace& r = traces_[k];
    const auto samples = static_cast<std::size_t>(now / r.record.interval + 1);
    load_samples(in, name_of(k), folder, r, samples, r.record.indices.size(), ranks_);
  }
}

template class TraceRecorders<float>;
template class TraceRecorders<double>;

}  // namespace callosum::sim
