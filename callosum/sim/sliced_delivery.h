#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/sim/exchange.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/sliced_store.h"

namespace callosum::sim {

/// Delivery into rings in slices by one thread. A ring holds the arrivals of one *window* of steps,
/// so that a slice of thousands of neurons fits into L2. When a window begins, what arrives in it
/// is added slice by slice: of every spike that is still on its way, the delays that end there.
/// What is emitted and arrives within one window is added as the spikes are exchanged. Spikes wait
/// in the exchange, not in the ring. An accumulator sees its terms in ascending (emission step,
/// projection, source, draw order): those emitted before its window, then those within it.
template <class T>
class SlicedDelivery {
 public:
  static constexpr std::uint32_t window = 8;       ///< steps, a power of two
  static constexpr std::uint32_t slice_bits = 13;  ///< window << slice_bits = 2^16

  struct Path {
    std::uint32_t projection = 0, source_population = 0;
    const std::vector<std::int32_t>* positions = nullptr;  ///< of source neurons in the view
    std::shared_ptr<const SlicedStore<T>> store;
  };
  /// Paths onto one ring and segment, in order of projections.
  void add(Ring<T>& ring, const Segment& segment, Path path);

  /// Step n begins; spikes of steps before `first` have been delivered here, those of steps before
  /// `known` may be: delivers what arrives in the window that begins with n, or of the steps since
  /// `first` what arrives in the rest of the window.
  void deliver(Exchange& exchange, std::int64_t n, std::int64_t first, std::int64_t known);

  template <class F>
  void for_each_path(F f) const {
    for (const Group& g : groups_)
      for (const Path& path : g.paths) f(path);
  }
  /// The store of a projection onto a segment; null where there is none.
  std::shared_ptr<const SlicedStore<T>> store(std::uint32_t projection,
                                              const Segment& segment) const;
  std::uint64_t events() const { return events_; }
  void forget_events() { events_ = 0; }

 private:
  struct Group {
    Ring<T>* ring;
    Segment segment;
    std::vector<Path> paths;
    std::uint32_t longest;  ///< delay of all paths
  };
  /// A source's synapses that arrive in the steps in question.
  struct Job {
    const SlicedStore<T>* store;
    std::int64_t emitted;
    std::uint32_t source, from, end;  ///< delays
    typename SlicedStore<T>::Piece piece;
  };
  void find_jobs(const Group& group, Exchange& exchange, std::int64_t first, std::int64_t last,
                 std::int64_t n);
  void add_jobs(const Group& group);

  std::vector<Group> groups_;
  std::vector<Job> jobs_;
  std::uint64_t events_ = 0;
};

}  // namespace callosum::sim
