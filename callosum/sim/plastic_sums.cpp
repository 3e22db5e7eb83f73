#include <algorithm>

#include "callosum/sim/plastic_synapses.h"

// What plastic synapses read of their neurons: variables of the target at a spike, and in every
// step a sum over sources.
namespace callosum::sim {

// What a program reads of the lanes' targets.
template <class T>
void PlasticSynapses<T>::read_targets(const Run& run) {
  for (const Read& read : run.reads) {
    T* lanes = static_cast<T*>(run.slots[read.slot]);
    const T* column = post_.present(read.name);
    const std::vector<double>* values = column ? nullptr : &post_.parameter(read.name);
    for (std::size_t i = 0; i < batch_.size; ++i) {
      const std::uint32_t neuron = segment_.begin + batch_.target[i];
      lanes[i] =
          column ? column[neuron] : static_cast<T>((*values)[values->size() == 1 ? 0 : neuron]);
    }
  }
}

// Synapses of sources whose value is not 0 are visited as in the step before: those are the events
// before time n.
template <class T>
void PlasticSynapses<T>::add_sums(std::int64_t n) {
  if (sources_ == nullptr) return;
  const View& from = network_.projections()[projection_].from;
  T* const values = static_cast<T*>(sum_.slots[static_cast<std::size_t>(sum_.source)]);
  for (std::uint32_t s = 0; s < store_.sources(); ++s) {
    const std::uint32_t source = from.index(s);
    std::uint32_t next = store_.first_bucket(s);
    store_.for_each_bucket(s, [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
      const std::uint32_t bucket = next++, dendritic = dendritic_of(delay);
      const T value = sources_->at(n + 1 - std::max<std::int64_t>(1, delay))[source];
      if (value == 0) return;
      const std::int64_t seen = visited_[bucket];
      visited_[bucket] = n - static_cast<std::int64_t>(dendritic);
      for (std::uint64_t end; first < last; first = end) {
        end = std::min<std::uint64_t>(last, first + (width - batch_.size));
        std::fill_n(values + batch_.size, end - first, value);
        take(first, end, bucket, dendritic, seen, n - 1);
        if (batch_.size == width) finish_sums(n);
      }
    });
  }
  finish_sums(n);
}

template <class T>
void PlasticSynapses<T>::finish_sums(std::int64_t n) {
  if (batch_.size == 0) return;
  catch_up(n - 1, false);
  elapse(sum_);
  bring_source(sum_);
  bring_target(sum_, n - 1, false);
  read_targets(sum_);
  run(sum_, batch_.size);
  put();
  for (const Read& sum : sum_.sums) {
    const T* terms = static_cast<const T*>(sum_.slots[sum.slot]);
    T* to = post_.driven(sum.name) + segment_.begin;
    for (std::size_t i = 0; i < batch_.size; ++i) to[batch_.target[i]] += terms[i];
  }
  clear_batch();
}

template class PlasticSynapses<float>;
template class PlasticSynapses<double>;

}  // namespace callosum::sim
