#include "callosum/sim/synapse_store.h"

#include <algorithm>
#include <numeric>

namespace callosum::sim {

template <class T>
SynapseStore<T>::SynapseStore(const Connectivity& connectivity, const Segment& segment)
    : segment_(segment) {
  const std::uint32_t first = segment.begin / block_size;
  const std::uint32_t last = (segment.end + block_size - 1) / block_size;
  rows_.assign(connectivity.sources() + 1, 0);
  BlockSynapses drawn;
  for (std::uint32_t block = first; block < last; ++block) {
    connectivity.draw(block, drawn);
    for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
      rows_[s + 1] += drawn.row_offsets[s + 1] - drawn.row_offsets[s];
  }
  std::partial_sum(rows_.begin(), rows_.end(), rows_.begin());
  targets_ = Aligned<std::uint16_t>(rows_.back());
  if (connectivity.constant_weight())
    weight_ = static_cast<T>(connectivity.weight());
  else
    weights_ = Aligned<T>(rows_.back());
  if (connectivity.constant_delay())
    whole_.delay = static_cast<std::uint16_t>(connectivity.delay());
  fill(connectivity, first, last);
}

template <class T>
void SynapseStore<T>::fill(const Connectivity& connectivity, std::uint32_t first,
                           std::uint32_t last) {
  std::vector<std::uint64_t> next(rows_.begin(), rows_.end() - 1);
  std::vector<std::uint16_t> delays(connectivity.constant_delay() ? 0 : targets_.size());
  BlockSynapses drawn;
  for (std::uint32_t block = first; block < last; ++block) {
    connectivity.draw(block, drawn);
    const std::uint32_t shift = block * block_size - segment_.begin;
    for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
      for (std::uint32_t k = drawn.row_offsets[s]; k < drawn.row_offsets[s + 1]; ++k) {
        const std::uint64_t at = next[s]++;
        targets_[at] = static_cast<std::uint16_t>(drawn.targets[k] + shift);
        if (!weights_.empty()) weights_[at] = static_cast<T>(drawn.weights[k]);
        if (!delays.empty()) delays[at] = drawn.delays[k];
      }
  }
  if (!delays.empty()) bucket_rows(delays);
}

// Sorts each row by delay, keeping the draw order within a delay, and notes the buckets.
template <class T>
void SynapseStore<T>::bucket_rows(std::vector<std::uint16_t>& delays) {
  bucket_rows_.assign(rows_.size(), 0);
  std::vector<std::uint32_t> order;
  std::vector<std::uint16_t> targets;
  std::vector<T> weights;
  for (std::size_t s = 0; s + 1 < rows_.size(); ++s) {
    const std::uint64_t begin = rows_[s], size = rows_[s + 1] - begin;
    order.resize(size);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return delays[begin + a] < delays[begin + b];
    });
    targets.resize(size);
    weights.resize(weights_.empty() ? 0 : size);
    for (std::uint64_t k = 0; k < size; ++k) {
      targets[k] = targets_[begin + order[k]];
      if (!weights.empty()) weights[k] = weights_[begin + order[k]];
      const std::uint16_t delay = delays[begin + order[k]];
      const bool same = buckets_.size() > bucket_rows_[s] && buckets_.back().delay == delay &&
                        buckets_.back().count < 65535;
      if (same)
        ++buckets_.back().count;
      else
        buckets_.push_back({delay, 1});
    }
    std::copy(targets.begin(), targets.end(), targets_.data() + begin);
    std::copy(weights.begin(), weights.end(), weights_.data() + (weights.empty() ? 0 : begin));
    bucket_rows_[s + 1] = static_cast<std::uint32_t>(buckets_.size());
  }
  buckets_.shrink_to_fit();
}

template <class T>
std::size_t SynapseStore<T>::bytes() const {
  return rows_.capacity() * 8 + bucket_rows_.capacity() * 4 + buckets_.capacity() * sizeof(Bucket) +
         targets_.bytes() + weights_.bytes();
}

template class SynapseStore<float>;
template class SynapseStore<double>;

}  // namespace callosum::sim
