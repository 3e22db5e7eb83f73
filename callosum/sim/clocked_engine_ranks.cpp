#include <cstring>

#include "callosum/core/error.h"
#include "callosum/sim/clocked_engine.h"

// What the ranks of a run tell each other. Each owns the neurons of its threads and the synapses
// onto them; spikes are known to all, recordings to the first.
namespace callosum::sim {

template <class T>
void ClockedEngine<T>::refuse_what_ranks_cannot() const {
  if (ranks_ == nullptr) return;
  const std::string ranks = std::to_string(ranks_->size()) + " ranks";
  for (const Projection& p : network_.projections())
    if (!p.synapse.source_variable.empty())
      throw UnsupportedError({.where = "projection '" + p.name + "'",
                              .what = "a continuous projection does not reach from rank to rank",
                              .got = ranks,
                              .expected = "one rank; threads share such a network"});
  for (std::size_t p = 0; p < on_pre_.size(); ++p)
    if (on_pre_[p].plastic && !on_pre_[p].plastic->sums.empty())
      throw UnsupportedError({.where = "projection '" + network_.projections()[p].name + "'",
                              .what = "a sum over sources does not reach from rank to rank",
                              .got = ranks,
                              .expected = "one rank; threads share such a network"});
  if (levels_ > 1)
    throw UnsupportedError(
        {.where = "network '" + network_.name() + "'",
         .what = "spikes without delay do not reach from rank to rank",
         .got = ranks,
         .expected = "one rank, or delays of at least " + to_string(network_.grid().dt())});
}

// Rank 0 says how long the next batch is; all stop when one wants to.
template <class T>
bool ClockedEngine<T>::agree(std::int64_t& batch, bool keep_on) {
  if (ranks_ == nullptr) return keep_on;
  std::uint64_t said[] = {first_rank() ? static_cast<std::uint64_t>(batch) : 0, keep_on ? 0u : 1u};
  ranks_->sum(said);
  batch = static_cast<std::int64_t>(said[0]);
  return said[1] == 0;
}

// All ranks know what each has found, so that all throw alike.
template <class T>
void ClockedEngine<T>::share_not_finite() {
  if (ranks_ == nullptr) return;
  bool any = false;
  for (const NotFinite& f : not_finite_) any = any || f.step >= 0;
  if (count_of(*ranks_, any) == 0) return;
  struct Place {
    std::int64_t step;
    double value;
    std::uint32_t population, neuron;
    std::uint64_t variable;  // among the population's states
  };
  std::vector<char> own, all;
  for (const NotFinite& f : not_finite_) {
    if (f.step < 0) continue;
    const auto& states = populations_[f.population]->states();
    Place place{f.step, f.value, f.population, f.neuron, 0};
    while (states[place.variable].first != f.variable) ++place.variable;
    const auto* bytes = reinterpret_cast<const char*>(&place);
    own.insert(own.end(), bytes, bytes + sizeof place);
  }
  ranks_->all_gather(own, all, ends_);
  not_finite_.clear();
  for (std::size_t at = 0; at < all.size(); at += sizeof(Place)) {
    Place place;
    std::memcpy(&place, all.data() + at, sizeof place);
    not_finite_.push_back({place.step, place.population, place.neuron,
                           populations_[place.population]->states()[place.variable].first,
                           place.value});
  }
}

// Numbers of this rank alone become those of the whole run.
template <class T>
void ClockedEngine<T>::sum_over_ranks(std::span<std::uint64_t> numbers) const {
  if (ranks_ != nullptr) ranks_->sum(numbers);
}

// Values of a population's neurons, of which this rank knows its own.
template <class T>
void ClockedEngine<T>::merge_neurons(std::uint32_t population, std::vector<double>& values) const {
  if (ranks_ == nullptr) return;
  std::vector<double> own(values.size(), 0.0);
  for (const Worker& w : workers_)
    for (const Segment& s : w.segments)
      if (s.population == population)
        std::copy(values.begin() + s.begin, values.begin() + s.end, own.begin() + s.begin);
  merge(*ranks_, own);
  values = std::move(own);
}

template class ClockedEngine<float>;
template class ClockedEngine<double>;

}  // namespace callosum::sim
