#include "callosum/sim/plastic_synapses.h"

#include <algorithm>
#include <utility>

#include "callosum/sim/synapse_variables.h"

namespace callosum::sim {

template <class T>
PlasticSynapses<T>::PlasticSynapses(const Network& network, std::uint32_t projection,
                                    std::shared_ptr<const PlasticCode> code,
                                    const Connectivity& connectivity, SynapseStore<T>& store,
                                    const Segment& segment, PopulationState<T>& post,
                                    std::vector<Ring<T>>& rings, std::uint64_t seed)
    : network_(network),
      projection_(projection),
      seed_(seed),
      code_(std::move(code)),
      store_(store),
      segment_(segment),
      post_(post),
      rings_(rings),
      columns_(code_->variables.size()),
      visited_(store.buckets(), 0),
      history_(segment.end - segment.begin, code_->reads.size()),
      read_values_(code_->reads.size()) {
  const Projection& p = network.projections()[projection];
  if (p.synapse.dendritic_delay)
    longest_dendritic_ = static_cast<std::uint32_t>(
        network.grid().steps(*p.synapse.dendritic_delay, "dendritic_delay"));
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    columns_[v].resize(store.synapses());
    draw_synapse_variable(p, code_->variables[v], connectivity, segment, seed, columns_[v]);
  }
  store_.release_weights();
  batch_.stored.resize(width);
  batch_.target.resize(width);
  batch_.at.resize(width);
  batch_.dendritic.resize(width);
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    batch_.columns.emplace_back(width);
    heard_.emplace_back(width);
  }
  pending_.reserve(width);
  bind_all();
}

template <class T>
void PlasticSynapses<T>::bind_all() {
  others_.clear();
  on_pre_ = bind(code_->on_pre, batch_.columns);
  on_post_ = bind(code_->on_post, heard_);
  advance_ = bind(code_->advance, batch_.columns);
}

// Every lane slot of a program gets its column: a variable's, or one of its own.
template <class T>
typename PlasticSynapses<T>::Run PlasticSynapses<T>::bind(const PlasticCode::Part& part,
                                                          std::vector<Aligned<T>>& columns) {
  Run run;
  run.part = &part;
  const auto& slots = part.program.slots;
  for (std::size_t s = 0; s < slots.size(); ++s) {
    const std::string& name = slots[s].name;
    run.uniforms.push_back(static_cast<T>(part.uniforms[s]));
    run.slots.push_back(nullptr);
    if (!slots[s].lane) continue;
    if (const int v = index_of(name); slots[s].kind == model::SlotKind::state && v >= 0) {
      run.slots.back() = columns[static_cast<std::size_t>(v)].data();
      continue;
    }
    others_.emplace_back(width);
    run.slots.back() = others_.back().data();
    if (slots[s].kind == model::SlotKind::driven) {
      run.elapsed = static_cast<int>(s);
    } else if (name.starts_with("add(")) {
      const auto& inputs = post_.inputs();
      const auto at = std::find(inputs.begin(), inputs.end(), name.substr(4, name.size() - 5));
      run.adds.emplace_back(s, &rings_[static_cast<std::size_t>(at - inputs.begin())]);
    } else {
      run.reads.push_back({s, name.substr(0, name.size() - 5)});
    }
  }
  return run;
}

template <class T>
int PlasticSynapses<T>::index_of(std::string_view variable) const {
  const auto at = std::find(code_->variables.begin(), code_->variables.end(), variable);
  return at == code_->variables.end() ? -1 : static_cast<int>(at - code_->variables.begin());
}

template <class T>
void PlasticSynapses<T>::begin_step(std::int64_t n) {
  if (n == 0 || n % patience != 0) return;
  visit(n, patience);
  std::uint32_t longest = 0;
  for_each_bucket([&](std::uint64_t, std::uint64_t, std::uint32_t, std::uint32_t dendritic) {
    longest = std::max(longest, dendritic);
  });
  history_.forget_before(n - 2 * static_cast<std::int64_t>(longest) - patience);
}

// Puts synapses of a bucket into the batch.
template <class T>
void PlasticSynapses<T>::take(std::uint64_t first, std::uint64_t last, std::uint32_t dendritic,
                              std::int64_t from) {
  const auto count = static_cast<std::size_t>(last - first);
  const std::uint16_t* targets = store_.targets() + first;
  for (std::size_t i = 0; i < count; ++i) batch_.stored[batch_.size + i] = first + i;
  std::copy_n(targets, count, batch_.target.data() + batch_.size);
  std::fill_n(batch_.at.data() + batch_.size, count, from);
  std::fill_n(batch_.dendritic.data() + batch_.size, count, dendritic);
  for (std::size_t v = 0; v < columns_.size(); ++v)
    std::copy_n(columns_[v].data() + first, count, batch_.columns[v].data() + batch_.size);
  batch_.size += count;
}

// Back into the store. Lanes that stand together there are copied together.
template <class T>
void PlasticSynapses<T>::put() {
  for (std::size_t begin = 0, end; begin < batch_.size; begin = end) {
    end = begin + 1;
    while (end < batch_.size && batch_.stored[end] == batch_.stored[end - 1] + 1) ++end;
    for (std::size_t v = 0; v < columns_.size(); ++v)
      if (code_->written[v])
        std::copy_n(batch_.columns[v].data() + begin, end - begin,
                    columns_[v].data() + batch_.stored[begin]);
  }
}

// The lanes of the batch hear of the targets' spikes up to step n.
template <class T>
void PlasticSynapses<T>::catch_up(std::int64_t n) {
  const std::int64_t late = code_->post_first ? 1 : 0;  // a spike at the visit's own time counts
  pending_.clear();
  for (std::size_t i = 0; i < batch_.size; ++i) {
    const std::int64_t from = batch_.at[i] - batch_.dendritic[i] + late;
    const std::uint32_t target = batch_.target[i];
    if (history_.latest(target) < from) continue;
    pending_.push_back({static_cast<std::uint32_t>(i), history_.find(target, from)});
  }
  while (!pending_.empty()) {
    std::size_t kept = 0;
    for (const Pending& p : pending_) {
      const std::uint32_t target = batch_.target[p.lane];
      if (p.spike >= history_.size(target)) continue;
      const std::int64_t dendritic = batch_.dendritic[p.lane];
      if (history_.stamp(target, p.spike) + dendritic < n + 1 - dendritic + late)
        pending_[kept++] = p;
    }
    pending_.resize(kept);
    if (kept > 0) hear_one_each();
    for (Pending& p : pending_) ++p.spike;
  }
}

// One spike for every pending lane: lanes are gathered, on_post runs, and they are put back.
template <class T>
void PlasticSynapses<T>::hear_one_each() {
  const std::size_t count = pending_.size();
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    const T* from = batch_.columns[v].data();
    T* to = heard_[v].data();
    for (std::size_t i = 0; i < count; ++i) to[i] = from[pending_[i].lane];
  }
  T* elapsed = on_post_.elapsed < 0
                   ? nullptr
                   : static_cast<T*>(on_post_.slots[static_cast<std::size_t>(on_post_.elapsed)]);
  for (std::size_t i = 0; i < count; ++i) {
    const Pending p = pending_[i];
    const std::uint32_t target = batch_.target[p.lane];
    const std::int64_t time = history_.stamp(target, p.spike) + batch_.dendritic[p.lane];
    if (elapsed) elapsed[i] = static_cast<T>(time - batch_.at[p.lane]);
    batch_.at[p.lane] = time;
    const T* values = history_.values(target, p.spike);
    for (std::size_t r = 0; r < on_post_.reads.size(); ++r)
      static_cast<T*>(on_post_.slots[on_post_.reads[r].slot])[i] = values[r];
  }
  run(on_post_, count);
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    if (!code_->written[v]) continue;
    const T* from = heard_[v].data();
    T* to = batch_.columns[v].data();
    for (std::size_t i = 0; i < count; ++i) to[pending_[i].lane] = from[i];
  }
}

template <class T>
void PlasticSynapses<T>::run(Run& run, std::size_t lanes) {
  run.part->kernel->run({run.slots.data(), run.uniforms.data(), nullptr}, 0,
                        padded_lanes(static_cast<std::uint32_t>(lanes)));
}

// How far the lanes of the batch are behind the visit in step n.
template <class T>
void PlasticSynapses<T>::elapse(Run& run, std::int64_t n) {
  if (run.elapsed < 0) return;
  T* elapsed = static_cast<T*>(run.slots[static_cast<std::size_t>(run.elapsed)]);
  for (std::size_t i = 0; i < batch_.size; ++i)
    elapsed[i] =
        static_cast<T>(std::max<std::int64_t>(0, n + 1 - batch_.dendritic[i] - batch_.at[i]));
}

template <class T>
void PlasticSynapses<T>::arrive(std::uint64_t first, std::uint64_t last, std::uint32_t bucket,
                                std::uint32_t delay, std::int64_t n) {
  step_ = n;
  const std::uint32_t dendritic = dendritic_of(delay);
  const std::int64_t from = visited_[bucket];
  visited_[bucket] = n + 1 - static_cast<std::int64_t>(dendritic);
  while (first < last) {
    const std::uint64_t end = std::min<std::uint64_t>(last, first + (width - batch_.size));
    take(first, end, dendritic, from);
    first = end;
    if (batch_.size == width) finish_step();
  }
}

template <class T>
void PlasticSynapses<T>::finish_step() {
  if (batch_.size == 0) return;
  catch_up(step_);
  elapse(on_pre_, step_);
  for (const Read& read : on_pre_.reads) {
    T* lanes = static_cast<T*>(on_pre_.slots[read.slot]);
    const T* column = post_.present(read.name);
    const std::vector<double>* values = column ? nullptr : &post_.parameter(read.name);
    for (std::size_t i = 0; i < batch_.size; ++i) {
      const std::uint32_t neuron = segment_.begin + batch_.target[i];
      lanes[i] =
          column ? column[neuron] : static_cast<T>((*values)[values->size() == 1 ? 0 : neuron]);
    }
  }
  run(on_pre_, batch_.size);
  updates_ += batch_.size;
  put();
  for (const auto& [slot, ring] : on_pre_.adds) {
    const T* terms = static_cast<const T*>(on_pre_.slots[slot]);
    T* sums = ring->slot(step_) + segment_.begin;
    for (std::size_t i = 0; i < batch_.size; ++i) sums[batch_.target[i]] += terms[i];
  }
  batch_.size = 0;
}

template <class T>
void PlasticSynapses<T>::hear(const FoundSpikes& found, std::int64_t n) {
  const std::uint32_t* last = found.last(segment_.population);
  for (const std::uint32_t* s =
           std::lower_bound(found.first(segment_.population), last, segment_.begin);
       s < last && *s < segment_.end; ++s) {
    for (std::size_t r = 0; r < read_values_.size(); ++r) {
      const std::string& name = code_->reads[r];
      const T* column = post_.present(name);
      if (column) {
        read_values_[r] = column[*s];
      } else {
        const std::vector<double>& values = post_.parameter(name);
        read_values_[r] = static_cast<T>(values[values.size() == 1 ? 0 : *s]);
      }
    }
    history_.add(*s - segment_.begin, n + 1, read_values_.data());
  }
}

// Brings all synapses forward that were last visited `older_than` steps ago or longer.
template <class T>
void PlasticSynapses<T>::visit(std::int64_t n, std::int64_t older_than) {
  for_each_bucket(
      [&](std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t dendritic) {
        const std::int64_t time = n + 1 - static_cast<std::int64_t>(dendritic);
        const std::int64_t from = visited_[bucket];
        if (time - from < std::max<std::int64_t>(1, older_than)) return;
        visited_[bucket] = time;
        for (std::uint64_t end; first < last; first = end) {
          end = std::min<std::uint64_t>(last, first + width);
          take(first, end, dendritic, from);
          catch_up(n);
          if (code_->has_states) {
            elapse(advance_, n);
            run(advance_, batch_.size);
          }
          put();
          batch_.size = 0;
        }
      });
}

template <class T>
std::vector<T> PlasticSynapses<T>::read(std::string_view variable, std::int64_t now) {
  const auto v = static_cast<std::size_t>(index_of(variable));
  std::vector<T> values = columns_[v];
  if (code_->deferred || !code_->written[v]) return values;
  for_each_bucket(
      [&](std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t dendritic) {
        for (std::uint64_t end; first < last; first = end) {
          end = std::min<std::uint64_t>(last, first + width);
          take(first, end, dendritic, visited_[bucket]);
          catch_up(now);
          if (code_->is_state[v]) {
            elapse(advance_, now);
            run(advance_, batch_.size);
          }
          std::copy_n(batch_.columns[v].data(), batch_.size, values.data() + first);
          batch_.size = 0;
        }
      });
  return values;
}

template <class T>
void PlasticSynapses<T>::write(std::string_view variable, const std::vector<T>& values,
                               std::int64_t now) {
  visit(now, 0);
  columns_[static_cast<std::size_t>(index_of(variable))] = values;
}

template <class T>
void PlasticSynapses<T>::change_code(std::shared_ptr<const PlasticCode> code, std::int64_t now) {
  visit(now, 0);
  code_ = std::move(code);
  bind_all();
}

template <class T>
void PlasticSynapses<T>::restore(std::int64_t now, bool states_only) {
  if (states_only) visit(now, 0);
  const Connectivity connectivity(network_, projection_, seed_);
  for (std::size_t v = 0; v < columns_.size(); ++v)
    if (code_->is_state[v] || !states_only)
      draw_synapse_variable(network_.projections()[projection_], code_->variables[v], connectivity,
                            segment_, seed_, columns_[v]);
  history_.clear();
  std::fill(visited_.begin(), visited_.end(), now);
}

template <class T>
void PlasticSynapses<T>::restart_at(std::int64_t now) {
  history_.restart_at(now);
  for (std::int64_t& v : visited_) v -= now;
}

template <class T>
std::size_t PlasticSynapses<T>::bytes() const {
  std::size_t sum = visited_.capacity() * 8 + history_.bytes();
  for (const auto& c : columns_) sum += c.capacity() * sizeof(T);
  return sum;
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
