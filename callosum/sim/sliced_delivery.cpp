#include "callosum/sim/sliced_delivery.h"

#include <utility>

namespace callosum::sim {

template <class T>
void SlicedDelivery<T>::add(Ring<T>& ring, const Segment& segment, Path path) {
  for (Group& g : groups_)
    if (g.ring == &ring && g.segment.begin == segment.begin) {
      g.paths.push_back(std::move(path));
      return;
    }
  groups_.push_back({&ring, segment, {}});
  groups_.back().paths.push_back(std::move(path));
}

template <class T>
template <class F>
void SlicedDelivery<T>::for_each_source(const Path& path, const FoundSpikes& found, F f) {
  const std::uint32_t* const last = found.last(path.source_population);
  for (const std::uint32_t* s = found.first(path.source_population); s < last; ++s) {
    const std::int32_t position =
        path.positions->empty() ? static_cast<std::int32_t>(*s) : (*path.positions)[*s];
    if (position >= 0) f(static_cast<std::uint32_t>(position));
  }
}

template <class T>
void SlicedDelivery<T>::deliver_short(std::span<const FoundSpikes> found, std::int64_t n) {
  const std::uint32_t least = rest_of_window(n);
  for (Group& g : groups_)
    for (const Path& path : g.paths) {
      if (path.minimum_delay >= least) continue;
      for (const FoundSpikes& f : found)
        for_each_source(path, f, [&](std::uint32_t source) {
          events_ += path.store->add_short(path.store->row(source, n, least), *g.ring);
        });
    }
}

template <class T>
void SlicedDelivery<T>::deliver_long(Exchange& exchange, std::int64_t first, std::int64_t until) {
  constexpr std::size_t ahead = 6;  // rows asked for before they are needed
  for (Group& g : groups_) {
    jobs_.clear();
    for (std::int64_t n = first; n < until; ++n)
      for (const Path& path : g.paths)
        for (const FoundSpikes& f : exchange.of_step(n))
          for_each_source(path, f, [&](std::uint32_t source) {
            jobs_.push_back({path.store.get(), path.store->row(source, n, rest_of_window(n))});
          });
    const std::size_t jobs = jobs_.size();
    if (jobs == 0) continue;
    const std::uint32_t first_slice = jobs_.front().store->first_slice();
    const std::uint32_t slices = jobs_.front().store->slices();
    for (std::uint32_t s = 0; s < slices; ++s) {
      T* const slice = g.ring->slice(first_slice + s);
      for (std::size_t j = 0; j < jobs; ++j) {
        if (j + 2 * ahead < jobs) __builtin_prefetch(jobs_[j + 2 * ahead].row.bounds + s);
        if (j + ahead < jobs) jobs_[j + ahead].store->prefetch(jobs_[j + ahead].row, s);
        events_ += jobs_[j].store->add(jobs_[j].row, s, slice);
      }
    }
  }
}

template class SlicedDelivery<float>;
template class SlicedDelivery<double>;

}  // namespace callosum::sim
