#include "callosum/sim/sliced_delivery.h"

#include <algorithm>
#include <utility>

namespace callosum::sim {

template <class T>
void SlicedDelivery<T>::add(Ring<T>& ring, const Segment& segment, Path path) {
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) {
    return g.ring == &ring && g.segment.begin == segment.begin;
  });
  if (group == groups_.end()) group = groups_.insert(group, {&ring, segment, {}, 0});
  group->longest = std::max(group->longest, path.store->longest());
  group->paths.push_back(std::move(path));
}

template <class T>
std::shared_ptr<const SlicedStore<T>> SlicedDelivery<T>::store(std::uint32_t projection,
                                                               const Segment& segment) const {
  for (const Group& g : groups_)
    for (const Path& path : g.paths)
      if (path.projection == projection && g.segment.begin == segment.begin) return path.store;
  return nullptr;
}

template <class T>
void SlicedDelivery<T>::deliver(Exchange& exchange, std::int64_t n, std::int64_t first,
                                std::int64_t known) {
  for (const Group& g : groups_) {
    find_jobs(g, exchange, n % window == 0 ? n - g.longest : first, known, n);
    add_jobs(g);
  }
}

// Spikes of steps [first, last), which arrive from n to the end of its window.
template <class T>
void SlicedDelivery<T>::find_jobs(const Group& group, Exchange& exchange, std::int64_t first,
                                  std::int64_t last, std::int64_t n) {
  jobs_.clear();
  const std::int64_t end = (n / window + 1) * window;
  for (std::int64_t m = first; m < last; ++m)
    for (const Path& path : group.paths) {
      const SlicedStore<T>& store = *path.store;
      const auto from = static_cast<std::uint32_t>(std::max<std::int64_t>(n - m, store.shortest()));
      const auto to =
          static_cast<std::uint32_t>(std::min<std::int64_t>(end - m, store.longest() + 1));
      if (from >= to) continue;
      for (const FoundSpikes& found : exchange.of_step(m)) {
        const std::uint32_t* const last = found.last(path.source_population);
        for (const std::uint32_t* s = found.first(path.source_population); s < last; ++s) {
          const std::int32_t position =
              path.positions->empty() ? static_cast<std::int32_t>(*s) : (*path.positions)[*s];
          if (position < 0) continue;
          const auto source = static_cast<std::uint32_t>(position);
          const std::uint32_t last_of = std::min(to, store.longest(source) + 1);
          if (from < last_of) jobs_.push_back({&store, m, source, from, last_of, {}});
        }
      }
    }
}

// Slice by slice, each job's index and synapses asked for before they are needed.
template <class T>
void SlicedDelivery<T>::add_jobs(const Group& group) {
  constexpr std::size_t ahead = 8;
  const std::size_t jobs = jobs_.size();
  if (jobs == 0) return;
  const SlicedStore<T>& any = *jobs_.front().store;
  for (std::uint32_t s = 0; s < any.slices(); ++s) {
    T* const slice = group.ring->slice(any.first_slice() + s);
    for (std::size_t j = 0; j < jobs + 2 * ahead; ++j) {
      if (j < jobs) jobs_[j].store->prefetch_index(s, jobs_[j].source, jobs_[j].from);
      if (j >= ahead && j - ahead < jobs) {
        Job& job = jobs_[j - ahead];
        job.piece = job.store->piece(s, job.source, job.from, job.end);
        job.store->prefetch(job.piece);
      }
      if (j >= 2 * ahead) {
        const Job& job = jobs_[j - 2 * ahead];
        job.store->add(job.piece, job.emitted, slice);
        events_ += job.piece.last - job.piece.first;
      }
    }
  }
}

template class SlicedDelivery<float>;
template class SlicedDelivery<double>;

}  // namespace callosum::sim
