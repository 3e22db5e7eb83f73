#include "callosum/sim/plastic_synapses.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "callosum/sim/synapse_variables.h"

namespace callosum::sim {

template <class T>
PlasticSynapses<T>::PlasticSynapses(const Network& network, std::uint32_t projection,
                                    std::shared_ptr<const PlasticCode> code,
                                    const Connectivity& connectivity, const SynapseStore<T>& store,
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
      history_(0, 0) {
  const Projection& p = network.projections()[projection];
  if (p.synapse.dendritic_delay)
    longest_dendritic_ = static_cast<std::uint32_t>(
        network.grid().steps(*p.synapse.dendritic_delay, "dendritic_delay"));
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    columns_[v].resize(store.synapses());
    draw_synapse_variable(p, code_->variables[v], connectivity, segment, seed, columns_[v]);
  }
  for (auto& lanes : by_number_) lanes.resize(width);
  pending_.reserve(width);
  behind_.reserve(width);
  allocate();
  begin_shared(0);
  bind_all();
}

// What the code's variables and shared states need, empty.
template <class T>
void PlasticSynapses<T>::allocate() {
  const std::size_t of_source = code_->shared.source.size();
  const std::size_t of_target = code_->shared.target.size();
  batch_ = {};
  batch_.piece.resize(width);
  batch_.target.resize(width);
  batch_.at.resize(width);
  batch_.dendritic.resize(width);
  batch_.source.resize(of_source);
  batch_.source_before.resize(of_source);
  heard_.clear();
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    batch_.columns.emplace_back(width);
    heard_.emplace_back(width);
  }
  source_states_.assign(of_source, std::vector<T>(store_.buckets()));
  source_at_.assign(of_source > 0 ? store_.buckets() : 0, 0);
  history_ =
      PostHistory<T>(segment_.end - segment_.begin, code_->reads.size() + 2 * of_target, of_target);
  read_values_.assign(code_->reads.size() + 2 * of_target, T(0));
  read_columns_.assign(code_->reads.size(), nullptr);
}

template <class T>
void PlasticSynapses<T>::bind_all() {
  others_.clear();
  on_pre_ = bind(code_->on_pre, batch_.columns);
  on_post_ = bind(code_->on_post, heard_);
  advance_ = bind(code_->advance, batch_.columns);
  sum_ = source_ = target_ = show_ = {};
  if (code_->sum.kernel) sum_ = bind(code_->sum, batch_.columns);
  if (code_->source.kernel) source_ = bind(code_->source, batch_.columns);
  if (code_->target.kernel) target_ = bind(code_->target, batch_.columns);
  if (code_->show.kernel) show_ = bind(code_->show, batch_.columns);
}

// Every lane slot of a program gets its column: a variable's, or one of its own.
template <class T>
typename PlasticSynapses<T>::Run PlasticSynapses<T>::bind(const PlasticCode::Part& part,
                                                          std::vector<Aligned<T>>& columns) {
  Run run;
  run.part = &part;
  const auto& slots = part.program.slots;
  const auto loaded = [&](std::size_t slot) {
    return std::any_of(
        part.program.code.begin(), part.program.code.end(),
        [&](const model::Instruction& x) { return x.op == model::Op::load && x.variable == slot; });
  };
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
    const auto place = [&](const std::vector<std::string>& states, std::string_view state) {
      return Place{s, static_cast<std::size_t>(std::find(states.begin(), states.end(), state) -
                                               states.begin())};
    };
    const model::SharedStates& shared = code_->shared;
    if (slots[s].kind == model::SlotKind::driven) {
      (name == "since source"   ? run.since_source
       : name == "since target" ? run.since_target
                                : run.elapsed) = static_cast<int>(s);
    } else if (slots[s].kind == model::SlotKind::state && shared.of_source(name)) {
      if (loaded(s)) run.source_states.push_back(place(shared.source, name));
    } else if (slots[s].kind == model::SlotKind::state && shared.of_target(name)) {
      if (loaded(s)) run.target_states.push_back(place(shared.target, name));
    } else if (name.starts_with("before ")) {
      const bool of_source = shared.of_source(name.substr(7));
      run.before.push_back(place(of_source ? shared.source : shared.target, name.substr(7)));
    } else if (name.ends_with("_pre")) {
      run.source = static_cast<int>(s);
    } else if (name.starts_with("add(") && &part == &code_->sum) {
      run.sums.push_back({s, name.substr(4, name.size() - 5)});
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

// Puts synapses of a bucket into the batch, as they were at time `from`, for a visit in step n.
template <class T>
void PlasticSynapses<T>::take(std::uint64_t first, std::uint64_t last, std::uint32_t bucket,
                              std::uint32_t dendritic, std::int64_t from, std::int64_t n) {
  const auto count = static_cast<std::size_t>(last - first);
  batch_.pieces.push_back({first, batch_.size, count, T(0)});
  if (!source_at_.empty())
    take_source(batch_.pieces.back(), bucket, n + 1 - static_cast<std::int64_t>(dendritic));
  const std::uint16_t* targets = store_.targets() + first;
  for (std::size_t k = 0; k < count; ++k) {
    batch_.target[batch_.size + k] = targets[k];
    history_.prefetch(targets[k]);
  }
  std::fill_n(batch_.at.data() + batch_.size, count, static_cast<std::int32_t>(from - (n + 1)));
  std::fill_n(batch_.dendritic.data() + batch_.size, count, static_cast<std::int32_t>(dendritic));
  for (std::size_t v = 0; v < columns_.size(); ++v)
    std::copy_n(columns_[v].data() + first, count, batch_.columns[v].data() + batch_.size);
  batch_.size += count;
}

template <class T>
void PlasticSynapses<T>::clear_batch() {
  batch_.size = 0;
  batch_.pieces.clear();
  for (auto* values : {&batch_.source, &batch_.source_before})
    for (auto& column : *values) column.clear();
}

// Back into the store.
template <class T>
void PlasticSynapses<T>::put() {
  for (const Piece& p : batch_.pieces)
    for (std::size_t v = 0; v < columns_.size(); ++v)
      if (code_->written[v])
        std::copy_n(batch_.columns[v].data() + p.lane, p.count, columns_[v].data() + p.first);
}

template <class T>
void PlasticSynapses<T>::run(Run& run, std::size_t lanes) {
  run.part->kernel->run({run.slots.data(), run.uniforms.data(), nullptr}, 0,
                        padded_lanes(static_cast<std::uint32_t>(lanes)));
}

// How far the lanes of the batch are behind the visit.
template <class T>
void PlasticSynapses<T>::elapse(Run& run) {
  if (run.elapsed < 0) return;
  T* elapsed = static_cast<T*>(run.slots[static_cast<std::size_t>(run.elapsed)]);
  const std::int32_t *dendritic = batch_.dendritic.data(), *at = batch_.at.data();
  for (std::size_t i = 0; i < batch_.size; ++i)
    elapsed[i] = static_cast<T>(std::max(0, -dendritic[i] - at[i]));
}

template <class T>
void PlasticSynapses<T>::arrive(std::uint64_t first, std::uint64_t last, std::uint32_t bucket,
                                std::uint32_t delay, std::int64_t n) {
  step_ = n;
  const std::uint32_t dendritic = dendritic_of(delay);
  const std::int64_t from = visited_[bucket];
  const std::int64_t time = n + 1 - static_cast<std::int64_t>(dendritic);
  visited_[bucket] = time;
  if (source_.part) source_fires(bucket, time);
  while (first < last) {
    const std::uint64_t end = std::min<std::uint64_t>(last, first + (width - batch_.size));
    take(first, end, bucket, dendritic, from, n);
    first = end;
    if (batch_.size == width) finish_step();
  }
  if (source_.part) source_fired(bucket, time);
}

template <class T>
void PlasticSynapses<T>::finish_step() {
  if (batch_.size == 0) return;
  catch_up(step_);
  elapse(on_pre_);
  spread_source(on_pre_, batch_.source_before);
  bring_target(on_pre_, step_, true);
  read_targets(on_pre_);
  run(on_pre_, batch_.size);
  updates_ += batch_.size;
  put();
  for (const auto& [slot, ring] : on_pre_.adds) {
    const T* terms = static_cast<const T*>(on_pre_.slots[slot]);
    T* sums = ring->slot(step_) + segment_.begin;
    for (std::size_t i = 0; i < batch_.size; ++i) sums[batch_.target[i]] += terms[i];
  }
  clear_batch();
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
          take(first, end, bucket, dendritic, from, n);
          catch_up(n);
          if (code_->has_states) {
            elapse(advance_);
            run(advance_, batch_.size);
          }
          put();
          clear_batch();
        }
      });
}

template <class T>
std::vector<T> PlasticSynapses<T>::read(std::string_view variable, std::int64_t now) {
  if (code_->shared.contains(std::string(variable))) return read_shared(variable, now);
  const auto v = static_cast<std::size_t>(index_of(variable));
  std::vector<T> values = columns_[v];
  if (code_->deferred || !code_->written[v]) return values;
  for_each_bucket(
      [&](std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t dendritic) {
        for (std::uint64_t end; first < last; first = end) {
          end = std::min<std::uint64_t>(last, first + width);
          take(first, end, bucket, dendritic, visited_[bucket], now);
          catch_up(now);
          if (code_->is_state[v]) {
            elapse(advance_);
            run(advance_, batch_.size);
          }
          std::copy_n(batch_.columns[v].data(), batch_.size, values.data() + first);
          clear_batch();
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
  if (code->separate != code_->separate) keep_apart(*code, now);
  code_ = std::move(code);
  bind_all();
}

// Draws a variable once more, for restore().
template <class T>
void PlasticSynapses<T>::keep_drawn(std::size_t variable) {
  drawn_.resize(columns_.size());
  std::vector<T>& drawn = drawn_[variable];
  if (!drawn.empty()) return;
  drawn.resize(columns_[variable].size());
  draw_synapse_variable(network_.projections()[projection_], code_->variables[variable],
                        Connectivity(network_, projection_, seed_), segment_, seed_, drawn);
}

template <class T>
void PlasticSynapses<T>::restore(std::int64_t now, bool states_only) {
  if (states_only) visit(now, 0);
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    if (!code_->is_state[v] && states_only) continue;
    keep_drawn(v);
    std::copy(drawn_[v].begin(), drawn_[v].end(), columns_[v].begin());
  }
  history_.clear();
  begin_shared(now);
  std::fill(visited_.begin(), visited_.end(), now);
}

template <class T>
void PlasticSynapses<T>::restart_at(std::int64_t now) {
  history_.restart_at(now);
  for (auto* times : {&visited_, &source_at_})
    for (std::int64_t& v : *times) v -= now;
}

template <class T>
std::size_t PlasticSynapses<T>::bytes() const {
  std::size_t sum = (visited_.capacity() + source_at_.capacity()) * 8 + history_.bytes();
  for (const auto* of : {&columns_, &drawn_, &source_states_})
    for (const auto& c : *of) sum += c.capacity() * sizeof(T);
  return sum;
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
