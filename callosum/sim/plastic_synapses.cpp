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
  history_ = PostHistory<T>(segment_.end - segment_.begin, code_->reads.size() + 2 * of_target,
                            of_target);
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
    return std::any_of(part.program.code.begin(), part.program.code.end(),
                       [&](const model::Instruction& x) {
                         return x.op == model::Op::load && x.variable == slot;
                       });
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
      return Place{s, static_cast<std::size_t>(
                          std::find(states.begin(), states.end(), state) - states.begin())};
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

// The lanes of the batch hear of the targets' spikes up to step n. Unless `all_heard`, the history
// may hold spikes that come after the visit even without a dendrite. Lanes are sorted by how many
// spikes there are for them, so that each round, one spike a lane, is a list without gaps.
template <class T>
void PlasticSynapses<T>::catch_up(std::int64_t n, bool all_heard) {
  const std::int32_t late = this->late();  // a spike at the visit's own time counts
  const std::int64_t now = n + 1;
  constexpr int room = PostHistory<T>::room;
  std::array<std::uint32_t, room + 1> number{};
  std::array<std::uint32_t*, room + 1> lanes;
  for (std::size_t k = 0; k < lanes.size(); ++k) lanes[k] = by_number_[k].data();
  for (std::uint32_t i = 0; i < batch_.size; ++i) {
    const std::int64_t from = now + (batch_.at[i] - batch_.dendritic[i] + late);
    const auto k = static_cast<std::size_t>(history_.since(batch_.target[i], from));
    lanes[k][number[k]++] = i;
  }
  // Spikes that have not come back to the synapse yet are among the newest.
  const auto on_the_way = [&](std::uint32_t i) {
    if (batch_.dendritic[i] == 0 && all_heard) return 0;
    return history_.since(batch_.target[i], now + (late - 2 * batch_.dendritic[i]));
  };
  for (int round = 0; round < room - 1; ++round) {
    pending_.clear();
    for (int k = round + 1; k < room; ++k)
      for (std::uint32_t j = 0; j < number[static_cast<std::size_t>(k)]; ++j) {
        const std::uint32_t i = lanes[static_cast<std::size_t>(k)][j], target = batch_.target[i];
        const int newer = k - 1 - round;
        if (newer < on_the_way(i)) continue;
        pending_.push_back({i, static_cast<std::uint32_t>(newer),
                            history_.age(target, newer, now) + batch_.dendritic[i]});
      }
    if (!pending_.empty()) hear_one_each();
  }
  // Those with more spikes than stand at hand.
  behind_.clear();
  for (std::uint32_t j = 0; j < number[room]; ++j) {
    const std::uint32_t i = lanes[room][j];
    const std::int64_t from = now + (batch_.at[i] - batch_.dendritic[i] + late);
    const std::uint32_t target = batch_.target[i];
    behind_.push_back({i, history_.size(target) - 1 - history_.find(target, from), 0});
  }
  while (!behind_.empty()) {
    pending_.clear();
    std::size_t kept = 0;
    for (Pending& p : behind_) {
      const std::uint32_t target = batch_.target[p.lane];
      const std::int32_t dendritic = batch_.dendritic[p.lane];
      p.at = static_cast<std::int32_t>(history_.newest(target, p.newer) - now) + dendritic;
      if (p.at >= late - dendritic) continue;
      pending_.push_back(p);
      if (p.newer > 0) behind_[kept++] = {p.lane, p.newer - 1, 0};
    }
    behind_.resize(kept);
    if (!pending_.empty()) hear_one_each();
  }
}

// One spike for every pending lane: lanes are gathered, on_post runs, and they are put back.
template <class T>
void PlasticSynapses<T>::hear_one_each() {
  const std::vector<Pending>& spikes = pending_;
  const std::size_t count = spikes.size();
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    const T* from = batch_.columns[v].data();
    T* to = heard_[v].data();
    for (std::size_t i = 0; i < count; ++i) to[i] = from[spikes[i].lane];
  }
  if (on_post_.elapsed >= 0) {
    T* elapsed = static_cast<T*>(on_post_.slots[static_cast<std::size_t>(on_post_.elapsed)]);
    for (std::size_t i = 0; i < count; ++i) {
      elapsed[i] = static_cast<T>(spikes[i].at - batch_.at[spikes[i].lane]);
      batch_.at[spikes[i].lane] = spikes[i].at;
    }
  }
  if (on_post_.since_source >= 0) {
    T* since = static_cast<T*>(on_post_.slots[static_cast<std::size_t>(on_post_.since_source)]);
    for (std::size_t i = 0; i < count; ++i)
      since[i] = batch_.pieces[batch_.piece[spikes[i].lane]].since_source +
                 static_cast<T>(spikes[i].at + batch_.dendritic[spikes[i].lane]);
  }
  for (const Place& p : on_post_.source_states) {
    T* values = static_cast<T*>(on_post_.slots[p.slot]);
    const T* of_piece = batch_.source[p.state].data();
    for (std::size_t i = 0; i < count; ++i) values[i] = of_piece[batch_.piece[spikes[i].lane]];
  }
  for (const Place& p : on_post_.target_states) {
    T* values = static_cast<T*>(on_post_.slots[p.slot]);
    const std::size_t at = code_->reads.size() + p.state;
    for (std::size_t i = 0; i < count; ++i)
      values[i] = history_.newest_values(batch_.target[spikes[i].lane], spikes[i].newer)[at];
  }
  for (std::size_t r = 0; r < on_post_.reads.size(); ++r) {
    T* values = static_cast<T*>(on_post_.slots[on_post_.reads[r].slot]);
    for (std::size_t i = 0; i < count; ++i)
      values[i] = history_.newest_values(batch_.target[spikes[i].lane], spikes[i].newer)[r];
  }
  run(on_post_, count);
  updates_ += count;
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    if (!code_->written[v]) continue;
    const T* from = heard_[v].data();
    T* to = batch_.columns[v].data();
    for (std::size_t i = 0; i < count; ++i) to[spikes[i].lane] = from[i];
  }
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

template <class T>
void PlasticSynapses<T>::hear(const FoundSpikes& found, std::int64_t n) {
  const std::uint32_t* last = found.last(segment_.population);
  if (found.first(segment_.population) == last) return;
  for (std::size_t r = 0; r < read_columns_.size(); ++r)
    read_columns_[r] = post_.present(code_->reads[r]);
  const std::uint32_t* s =
      std::lower_bound(found.first(segment_.population), last, segment_.begin);
  while (s < last && *s < segment_.end) {
    for (batch_.size = 0; s < last && *s < segment_.end && batch_.size < width; ++s)
      batch_.target[batch_.size++] = static_cast<std::uint16_t>(*s - segment_.begin);
    if (target_.part) targets_fire(n + 1);
    for (std::size_t i = 0; i < batch_.size; ++i) remember(i, n + 1);
  }
  batch_.size = 0;
}

// The spike of the i-th target in the batch, with all that its synapses will want to know of it.
template <class T>
void PlasticSynapses<T>::remember(std::size_t i, std::int64_t stamp) {
  const std::uint32_t neuron = segment_.begin + batch_.target[i];
  for (std::size_t r = 0; r < read_columns_.size(); ++r) {
    if (const T* column = read_columns_[r]) {
      read_values_[r] = column[neuron];
    } else {
      const std::vector<double>& values = post_.parameter(code_->reads[r]);
      read_values_[r] = static_cast<T>(values[values.size() == 1 ? 0 : neuron]);
    }
  }
  for (const Place& p : target_.before)
    read_values_[read_columns_.size() + p.state] = static_cast<const T*>(target_.slots[p.slot])[i];
  for (const Place& p : target_.target_states)
    read_values_[read_columns_.size() + code_->shared.target.size() + p.state] =
        static_cast<const T*>(target_.slots[p.slot])[i];
  history_.add(batch_.target[i], stamp, read_values_.data());
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

template <class T>
void PlasticSynapses<T>::restore(std::int64_t now, bool states_only) {
  if (states_only) visit(now, 0);
  std::optional<Connectivity> connectivity;
  drawn_.resize(columns_.size());
  for (std::size_t v = 0; v < columns_.size(); ++v) {
    if (!code_->is_state[v] && states_only) continue;
    if (drawn_[v].empty()) {
      if (!connectivity) connectivity.emplace(network_, projection_, seed_);
      drawn_[v].resize(columns_[v].size());
      draw_synapse_variable(network_.projections()[projection_], code_->variables[v], *connectivity,
                            segment_, seed_, drawn_[v]);
    }
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
