#include <algorithm>

#include "callosum/sim/plastic_synapses.h"
#include "callosum/sim/synapse_checkpoint.h"
#include "callosum/sim/synapse_variables.h"

// States of plastic synapses that one side's spikes alone move: those of the source stand by
// bucket, those of the target with the history of its spikes.
namespace callosum::sim {

// Shared states as they are at first, from time `now` on. Those of targets are 0.
template <class T>
void PlasticSynapses<T>::begin_shared(std::int64_t now) {
  const Projection& p = network_.projections()[projection_];
  for (std::size_t k = 0; k < source_states_.size(); ++k)
    std::fill(source_states_[k].begin(), source_states_[k].end(),
              static_cast<T>(*common_initial_value(p, code_->shared.source[k])));
  std::fill(source_at_.begin(), source_at_.end(), now);
}

// Makes room for code that shares other states than the present one. What is shared now becomes the
// synapses' own, as it is for the visit of all at `now`.
template <class T>
void PlasticSynapses<T>::keep_apart(const PlasticCode& code, std::int64_t now) {
  std::vector<std::vector<T>> columns;
  for (const std::string& name : code.variables)
    columns.push_back(index_of(name) < 0 ? read(name, now)
                                         : columns_[static_cast<std::size_t>(index_of(name))]);
  columns_ = std::move(columns);
  drawn_.clear();
  const PostHistory<T> heard = std::move(history_);
  code_ = std::make_shared<const PlasticCode>(code);
  allocate();
  begin_shared(now);
  // Spikes that are still on the dendrite.
  if (code.separate)
    for (std::uint32_t target = 0; target < segment_.end - segment_.begin; ++target)
      for (std::uint32_t k = 0; k < heard.size(target); ++k)
        history_.add(target, heard.stamp(target, k), heard.values(target, k));
}

// What a spike of the bucket's source at `time` makes of the source's states, in the program's own
// columns; `source_fired` keeps it.
template <class T>
void PlasticSynapses<T>::source_fires(std::uint32_t bucket, std::int64_t time) {
  for (const Place& p : source_.source_states)
    *static_cast<T*>(source_.slots[p.slot]) = source_states_[p.state][bucket];
  if (source_.elapsed >= 0)
    *static_cast<T*>(source_.slots[static_cast<std::size_t>(source_.elapsed)]) =
        static_cast<T>(time - source_at_[bucket]);
  run(source_, 1);
}

template <class T>
void PlasticSynapses<T>::source_fired(std::uint32_t bucket, std::int64_t time) {
  for (const Place& p : source_.source_states)
    source_states_[p.state][bucket] = *static_cast<const T*>(source_.slots[p.slot]);
  source_at_[bucket] = time;
}

// The source's states for a piece of a bucket that is visited at `time`.
template <class T>
void PlasticSynapses<T>::take_source(Piece& piece, std::uint32_t bucket, std::int64_t time) {
  piece.since_source = static_cast<T>(time - source_at_[bucket]);
  for (std::size_t k = 0; k < source_states_.size(); ++k)
    batch_.source[k].push_back(source_states_[k][bucket]);
  for (const Place& p : source_.before)
    batch_.source_before[p.state].push_back(*static_cast<const T*>(source_.slots[p.slot]));
  std::fill_n(batch_.piece.data() + piece.lane, piece.count,
              static_cast<std::uint16_t>(batch_.pieces.size() - 1));
}

// Gives every lane the values of its piece.
template <class T>
void PlasticSynapses<T>::spread_source(const Run& run, const std::vector<std::vector<T>>& values) {
  for (const Place& p : run.source_states)
    for (std::size_t k = 0; k < batch_.pieces.size(); ++k)
      std::fill_n(static_cast<T*>(run.slots[p.slot]) + batch_.pieces[k].lane,
                  batch_.pieces[k].count, values[p.state][k]);
}

// The source's states as kept, and how long ago that was, for a program that brings them forward.
template <class T>
void PlasticSynapses<T>::bring_source(const Run& run) {
  spread_source(run, batch_.source);
  if (run.since_source < 0) return;
  T* since = static_cast<T*>(run.slots[static_cast<std::size_t>(run.since_source)]);
  for (const Piece& p : batch_.pieces) std::fill_n(since + p.lane, p.count, p.since_source);
}

// The targets' states as the last of their spikes left them that the synapses have heard of at a
// visit in step n, and how long ago that was. Unless `all_heard`, the history may hold spikes that
// come after the visit even without a dendrite.
template <class T>
void PlasticSynapses<T>::bring_target(const Run& run, std::int64_t n, bool all_heard) {
  if (run.target_states.empty()) return;
  T* since = run.since_target < 0
                 ? nullptr
                 : static_cast<T*>(run.slots[static_cast<std::size_t>(run.since_target)]);
  const std::int64_t now = n + 1;
  if (all_heard && longest_dendritic_ == 0) {
    for (const Place& p : run.target_states) {
      T* values = static_cast<T*>(run.slots[p.slot]);
      const T* latest = history_.latest(p.state).data();
      for (std::size_t i = 0; i < batch_.size; ++i) values[i] = latest[batch_.target[i]];
    }
    if (since != nullptr)
      for (std::size_t i = 0; i < batch_.size; ++i)
        since[i] = static_cast<T>(now - history_.latest_at(batch_.target[i]));
    return;
  }
  for (std::uint32_t i = 0; i < batch_.size; ++i) {
    const std::uint32_t target = batch_.target[i];
    const std::int64_t there_and_back = 2 * std::int64_t{batch_.dendritic[i]};
    const std::int64_t end = now + late() - there_and_back;  // heard of before it
    auto newer = static_cast<std::uint32_t>(history_.since(target, end));
    if (newer == PostHistory<T>::room) newer = history_.size(target) - history_.find(target, end);
    std::int64_t at = history_.latest_at(target);
    if (newer == 0) {
      for (const Place& p : run.target_states)
        static_cast<T*>(run.slots[p.slot])[i] = history_.latest(p.state)[target];
    } else {
      const auto left = history_.left_before(target, newer);
      for (const Place& p : run.target_states)
        static_cast<T*>(run.slots[p.slot])[i] = left.states[p.state];
      at = left.at;
    }
    if (since != nullptr)
      since[i] = static_cast<T>(std::max<std::int64_t>(0, now - there_and_back - at));
  }
}

// The targets in the batch fire: their states before and after stand in the program's columns.
template <class T>
void PlasticSynapses<T>::targets_fire(std::int64_t stamp) {
  for (const Place& p : target_.target_states) {
    T* values = static_cast<T*>(target_.slots[p.slot]);
    const T* latest = history_.latest(p.state).data();
    for (std::size_t i = 0; i < batch_.size; ++i) values[i] = latest[batch_.target[i]];
  }
  if (target_.elapsed >= 0) {
    T* elapsed = static_cast<T*>(target_.slots[static_cast<std::size_t>(target_.elapsed)]);
    for (std::size_t i = 0; i < batch_.size; ++i)
      elapsed[i] = static_cast<T>(stamp - history_.latest_at(batch_.target[i]));
  }
  read_targets(target_);
  run(target_, batch_.size);
}

template <class T>
std::vector<T> PlasticSynapses<T>::read_shared(std::string_view variable, std::int64_t now) {
  std::vector<T> values(store_.synapses());
  const auto slot = static_cast<std::size_t>(show_.part->program.index(variable));
  for_each_bucket(
      [&](std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t dendritic) {
        for (std::uint64_t end; first < last; first = end) {
          end = std::min<std::uint64_t>(last, first + width);
          take(first, end, bucket, dendritic, visited_[bucket], now);
          bring_source(show_);
          bring_target(show_, now, true);
          run(show_, batch_.size);
          std::copy_n(static_cast<const T*>(show_.slots[slot]), batch_.size, values.data() + first);
          clear_batch();
        }
      });
  return values;
}

// By synapse and by block of targets: other threads and ranks have other buckets.
template <class T>
void PlasticSynapses<T>::save_shared(ArchiveWriter& out, const std::string& projection,
                                     const Connectivity& connectivity) const {
  const auto of_block = [&](const std::string& what) {
    return [&projection, what](std::uint32_t block) {
      return projection + " block " + std::to_string(block) + " " + what;
    };
  };
  const auto save = [&](const std::string& what, const auto& by_bucket) {
    std::remove_cvref_t<decltype(by_bucket)> values(store_.synapses());
    for_each_bucket(
        [&](std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t) {
          std::fill(values.begin() + static_cast<std::ptrdiff_t>(first),
                    values.begin() + static_cast<std::ptrdiff_t>(last), by_bucket[bucket]);
        });
    save_column(out, connectivity, segment_, of_block(what), values);
  };
  for (std::size_t k = 0; k < source_states_.size(); ++k)
    save(code_->shared.source[k], source_states_[k]);
  if (!source_at_.empty()) save("source at", source_at_);
  const std::size_t states = code_->shared.target.size();
  if (states == 0) return;
  for (std::uint32_t begin = segment_.begin; begin < segment_.end; begin += block_size) {
    const std::uint32_t end = std::min(segment_.end, begin + block_size);
    std::vector<std::int64_t> at;
    std::vector<T> left;
    for (std::uint32_t target = begin; target < end; ++target) {
      const auto last = history_.forgotten(target - segment_.begin);
      at.push_back(last.at);
      left.insert(left.end(), last.states, last.states + states);
    }
    out.put(of_block("forgotten at")(begin / block_size), at);
    out.put(of_block("forgotten")(begin / block_size), left);
  }
}

// Before the histories are loaded.
template <class T>
void PlasticSynapses<T>::load_shared(const ArchiveReader& in, const std::string& projection,
                                     const Connectivity& connectivity, std::int64_t now) {
  const auto of_block = [&](const std::string& what) {
    return [&projection, what](std::uint32_t block) {
      return projection + " block " + std::to_string(block) + " " + what;
    };
  };
  const auto load = [&](const std::string& what, auto& by_bucket) {
    std::remove_cvref_t<decltype(by_bucket)> values(store_.synapses());
    load_column(in, connectivity, segment_, of_block(what), values);
    for_each_bucket([&](std::uint64_t first, std::uint64_t, std::uint32_t bucket, std::uint32_t) {
      by_bucket[bucket] = values[first];
    });
  };
  for (std::size_t k = 0; k < source_states_.size(); ++k)
    load(code_->shared.source[k], source_states_[k]);
  if (!source_at_.empty()) load("source at", source_at_);
  const auto refuse_later = [&](const std::string& what, std::uint32_t block,
                                const std::vector<std::int64_t>& times) {
    for (const std::int64_t at : times)
      if (at > now + 1) in.refuse(of_block(what)(block), "it lies ahead", std::to_string(at));
  };
  refuse_later("source at", segment_.begin / block_size, source_at_);
  const std::size_t states = code_->shared.target.size();
  if (states == 0) return;
  for (std::uint32_t begin = segment_.begin; begin < segment_.end; begin += block_size) {
    const std::uint32_t block = begin / block_size;
    const std::size_t count = std::min(segment_.end, begin + block_size) - begin;
    const auto at = in.get<std::int64_t>(of_block("forgotten at")(block), count);
    const auto left = in.get<T>(of_block("forgotten")(block), count * states);
    refuse_later("forgotten at", block, at);
    for (std::size_t k = 0; k < count; ++k)
      history_.begin_from(begin - segment_.begin + static_cast<std::uint32_t>(k), at[k],
                          left.data() + k * states);
  }
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
