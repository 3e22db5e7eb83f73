#include "callosum/sim/delivery.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

namespace callosum::sim {

template <class T>
void Delivery<T>::prepare(const std::vector<std::uint32_t>& longest) {
  waiting_.resize(longest.size());
  for (const Path<T>& path : paths_)
    if (path.waits)
      waiting_[path.target_population].resize(
          std::bit_ceil(std::size_t{longest[path.target_population]} + 1));
  for (std::uint32_t p = 0; p < paths_.size(); ++p)
    if (paths_[p].punctual) punctual_.push_back(p);
  std::stable_sort(punctual_.begin(), punctual_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto place = [](const Path<T>& path) {
      return std::tuple(path.target_population, path.segment.begin, -std::int64_t{path.delay});
    };
    return place(paths_[a]) < place(paths_[b]);
  });
}

template <class T>
void Delivery<T>::deliver(std::span<const FoundSpikes> found, std::int64_t n) {
  for (std::uint32_t p = 0; p < paths_.size(); ++p) {
    if (!paths_[p].later || paths_[p].punctual) continue;
    for (const FoundSpikes& f : found)
      deliver(p, f, n, paths_[p].at_once ? Delays::positive : Delays::all);
  }
}

template <class T>
void Delivery<T>::deliver_punctual(Exchange& exchange, const Segment& segment, std::int64_t n) {
  const auto place = [](const Segment& s) { return std::pair(s.population, s.begin); };
  auto at = std::partition_point(punctual_.begin(), punctual_.end(), [&](std::uint32_t p) {
    return place(paths_[p].segment) < place(segment);
  });
  for (; at != punctual_.end() && place(paths_[*at].segment) == place(segment); ++at) {
    const std::int64_t m = n - paths_[*at].delay;
    for (const FoundSpikes& f : exchange.of_step(m)) deliver(*at, f, m, Delays::all);
  }
}

template <class T>
void Delivery<T>::deliver_at_once(Exchange& exchange, const std::vector<std::uint32_t>& level_of,
                                  std::uint32_t level, std::int64_t n) {
  for (std::uint32_t p = 0; p < paths_.size(); ++p) {
    if (!paths_[p].at_once || level_of[paths_[p].target_population] != level) continue;
    for (const FoundSpikes& f : exchange.of_level(level_of[paths_[p].source_population]))
      deliver(p, f, n, paths_[p].later ? Delays::zero : Delays::all);
  }
}

template <class T>
void Delivery<T>::deliver(std::uint32_t p, const FoundSpikes& found, std::int64_t n, Delays which) {
  const Path<T>& path = paths_[p];
  const std::uint32_t* s = found.first(path.source_population);
  const std::uint32_t* const last = found.last(path.source_population);
  if (s == last) return;
  if (path.positions->empty() && !path.waits && !path.redrawn && which == Delays::all) {
    constexpr std::ptrdiff_t ahead = 4;  // rows on their way from memory
    const SynapseStore<T>& store = *path.store;
    const std::ptrdiff_t rows = last - s;
    for (std::ptrdiff_t j = 0; j < rows + 2 * ahead; ++j) {
      if (j < rows) store.prefetch_place(s[j]);
      if (j >= ahead && j - ahead < rows) store.prefetch(s[j - ahead]);
      if (j >= 2 * ahead) events_ += store.deliver(s[j - 2 * ahead], n, *path.ring);
    }
    return;
  }
  for (; s < last; ++s) {
    const std::int32_t position =
        path.positions->empty() ? static_cast<std::int32_t>(*s) : (*path.positions)[*s];
    if (position >= 0) deliver_row(p, static_cast<std::uint32_t>(position), n, which);
  }
}

template <class T>
void Delivery<T>::deliver_row(std::uint32_t p, std::uint32_t source, std::int64_t n, Delays which) {
  Path<T>& path = paths_[p];
  if (path.redrawn) {
    events_ += path.redrawn->deliver(source, n, which == Delays::positive ? 1 : 0,
                                     which == Delays::zero ? 0 : 0xffff, *path.ring);
    return;
  }
  std::uint32_t next = path.store->first_bucket(source);
  path.store->for_each_bucket(
      source, [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
        const std::uint32_t bucket = next++;
        if (which != Delays::all && (delay == 0) != (which == Delays::zero)) return;
        events_ += last - first;
        if (!path.waits) {
          path.store->add(first, last, path.ring->slot(n + delay));
          return;
        }
        auto& slots = waiting_[path.target_population];
        slots[static_cast<std::size_t>(n + delay) & (slots.size() - 1)].push_back(
            {p, first, last, bucket, delay});
      });
}

template <class T>
void Delivery<T>::add_sums(std::uint32_t population, std::int64_t n) {
  for (Path<T>& path : paths_)
    if (path.plastic && path.target_population == population) path.plastic->add_sums(n);
}

template <class T>
void Delivery<T>::arrive(std::uint32_t population, std::int64_t n) {
  auto& slots = waiting_[population];
  if (slots.empty()) return;
  for (Path<T>& path : paths_)
    if (path.plastic && path.target_population == population) path.plastic->begin_step(n);
  auto& now = slots[static_cast<std::size_t>(n) & (slots.size() - 1)];
  PlasticSynapses<T>* open = nullptr;  // collects what comes on one path; order stays
  for (const Waiting& w : now) {
    Path<T>& path = paths_[w.path];
    if (open && open != path.plastic.get()) open->finish_step();
    open = path.plastic.get();
    if (path.plastic)
      path.plastic->arrive(w.first, w.last, w.bucket, w.delay, n);
    else if (path.general)
      path.general->arrive(w.first, w.last, n);
    else
      path.store->add(w.first, w.last, path.ring->slot(n));
  }
  if (open) open->finish_step();
  now.clear();
}

template <class T>
std::shared_ptr<const SynapseStore<T>> Delivery<T>::store(std::uint32_t projection,
                                                          const Segment& segment) const {
  for (const Path<T>& path : paths_)
    if (path.projection == projection && path.segment.begin == segment.begin) return path.store;
  return nullptr;
}

template <class T>
void Delivery<T>::clear() {
  for (auto& slots : waiting_)
    for (auto& slot : slots) slot.clear();
}

template <class T>
void Delivery<T>::restart_at(std::int64_t now) {
  for (auto& slots : waiting_)
    if (!slots.empty())
      std::rotate(slots.begin(),
                  slots.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(now) &
                                                              (slots.size() - 1)),
                  slots.end());
  for (Path<T>& path : paths_)
    if (path.plastic) path.plastic->restart_at(now);
}

template <class T>
void Delivery<T>::hear(const FoundSpikes& found, std::int64_t n) {
  for (Path<T>& path : paths_)
    if (path.plastic) path.plastic->hear(found, n);
}

template <class T>
void Delivery<T>::restore_synapses(std::int64_t now, bool states_only) {
  for (Path<T>& path : paths_) {
    if (path.general && !states_only) path.general->restore();
    if (path.plastic) path.plastic->restore(now, states_only);
  }
}

template <class T>
void Delivery<T>::forget_events() {
  events_ = 0;
  for (Path<T>& path : paths_)
    if (path.plastic) path.plastic->forget_updates();
}

template class Delivery<float>;
template class Delivery<double>;

}  // namespace callosum::sim
