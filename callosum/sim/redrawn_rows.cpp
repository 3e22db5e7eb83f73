#include "callosum/sim/redrawn_rows.h"

#include <algorithm>

namespace callosum::sim {

template <class T>
RedrawnRows<T>::RedrawnRows(const Connectivity& connectivity, const Segment& segment)
    : connectivity_(connectivity), segment_(segment) {}

template <class T>
std::uint32_t RedrawnRows<T>::deliver(std::uint32_t source, std::int64_t n, std::uint32_t shortest,
                                      std::uint32_t longest, Ring<T>& ring) {
  const bool one_delay = connectivity_.constant_delay();
  const bool one_weight = connectivity_.constant_weight();
  if (one_delay && (connectivity_.delay() < shortest || connectivity_.delay() > longest)) return 0;
  const T weight = one_weight ? static_cast<T>(connectivity_.weight()) : T{0};
  const std::uint32_t end = (segment_.end + block_size - 1) / block_size;
  if (one_delay && one_weight) {
    connectivity_.draw_targets(source, segment_.begin / block_size, end, targets_, block_);
    T* const slot = ring.slot(n + connectivity_.delay());
    for (const std::uint32_t target : targets_) slot[target] += weight;
    return static_cast<std::uint32_t>(targets_.size());
  }
  std::uint32_t added = 0;
  for (std::uint32_t block = segment_.begin / block_size, first = block; block < end; ++block) {
    if (block == first + Connectivity::at_once) first = block;
    if (block == first)
      connectivity_.draw_rows(source, first, std::min(Connectivity::at_once, end - first),
                              rows_.data());
    const BlockSynapses& row = rows_[block - first];
    const std::uint32_t begin = block * block_size;
    T* slot = one_delay ? ring.slot(n + connectivity_.delay()) + begin : nullptr;
    for (std::size_t k = 0; k < row.targets.size(); ++k) {
      if (!one_delay) {
        const std::uint32_t delay = row.delays[k];
        if (delay < shortest || delay > longest) continue;
        slot = ring.slot(n + delay) + begin;
      }
      slot[row.targets[k]] += one_weight ? weight : static_cast<T>(row.weights[k]);
      ++added;
    }
  }
  return added;
}

template class RedrawnRows<float>;
template class RedrawnRows<double>;

}  // namespace callosum::sim
