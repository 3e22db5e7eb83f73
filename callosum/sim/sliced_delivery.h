#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/sim/exchange.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/sliced_store.h"

namespace callosum::sim {

/// Delivery into rings in slices by one thread. Spikes of a *window* of steps wait, so that a slice
/// is visited once a window and stays in cache while it is: what arrives within the window is added
/// when the spikes are exchanged, the rest at the window's end. An accumulator sees its terms in
/// ascending (emission step, projection, source, draw order) all the same: those of an earlier
/// window come at its end, those of its own window as they are exchanged.
template <class T>
class SlicedDelivery {
 public:
  struct Path {
    std::uint32_t projection = 0, source_population = 0;
    std::uint32_t minimum_delay = 1;
    const std::vector<std::int32_t>* positions = nullptr;  ///< of source neurons in the view
    std::unique_ptr<SlicedStore<T>> store;
  };

  /// Paths onto one ring and segment, in order of projections.
  void add(Ring<T>& ring, const Segment& segment, Path path);
  void set_window(std::int64_t steps) { window_ = steps; }
  std::int64_t window() const { return window_; }

  /// The spikes of step n as far as they arrive within its window.
  void deliver_short(std::span<const FoundSpikes> found, std::int64_t n);
  /// What arrives later, of the spikes of steps [first, until) of one window.
  void deliver_long(Exchange& exchange, std::int64_t first, std::int64_t until);

  template <class F>
  void for_each_path(F f) const {
    for (const Group& g : groups_)
      for (const Path& path : g.paths) f(path);
  }
  std::uint64_t events() const { return events_; }
  void forget_events() { events_ = 0; }

 private:
  struct Group {
    Ring<T>* ring;
    Segment segment;
    std::vector<Path> paths;
  };
  struct Job {
    const SlicedStore<T>* store;
    typename SlicedStore<T>::Row row;
  };
  std::uint32_t rest_of_window(std::int64_t n) const {
    return static_cast<std::uint32_t>(window_ - n % window_);
  }
  template <class F>
  static void for_each_source(const Path& path, const FoundSpikes& found, F f);

  std::vector<Group> groups_;
  std::vector<Job> jobs_;
  std::int64_t window_ = 1;
  std::uint64_t events_ = 0;
};

}  // namespace callosum::sim
