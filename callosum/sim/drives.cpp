#include "callosum/sim/drives.h"

#include <algorithm>

namespace callosum::sim {

template <class T>
typename Drives<T>::Driven& Drives<T>::of(const std::string& name) {
  for (Driven& d : driven_)
    if (d.name == name) return d;
  driven_.push_back({.name = name});
  return driven_.back();
}

template <class T>
void Drives<T>::add_stimulus(ActiveStimulus& stimulus, const PopulationState<T>& population) {
  const std::string& target = stimulus.description().target;
  if (!stimulus.is_poisson()) {
    of(target).stimuli.push_back(&stimulus);
    return;
  }
  const auto& inputs = population.inputs();
  const auto input = std::find(inputs.begin(), inputs.end(), target) - inputs.begin();
  poisson_.emplace_back(static_cast<std::size_t>(input), &stimulus);
}

template <class T>
void Drives<T>::add_continuous(ContinuousProjection<T>& projection, const std::string& target) {
  of(target).continuous.push_back(&projection);
}

template <class T>
void Drives<T>::refresh(const PopulationState<T>& population) {
  for (Driven& d : driven_) {
    d.column = population.driven(d.name);
    d.own = &population.parameter(d.name);
  }
}

template <class T>
void Drives<T>::fill(std::uint32_t begin, std::uint32_t end, std::int64_t n, std::uint64_t draw) {
  for (Driven& d : driven_) {
    if (d.column == nullptr) continue;
    if (d.own->size() == 1)
      std::fill(d.column + begin, d.column + end, static_cast<T>(d.own->front()));
    else
      for (std::uint32_t i = begin; i < end; ++i) d.column[i] = static_cast<T>((*d.own)[i]);
    for (ActiveStimulus* s : d.stimuli)
      if (s->active(n)) s->add(d.column, begin, end, n, draw);
    for (ContinuousProjection<T>* c : d.continuous) c->add(d.column, begin, end, n);
  }
}

template <class T>
void Drives<T>::arrive(std::vector<Ring<T>>& rings, std::uint32_t begin, std::uint32_t end,
                       std::int64_t n, std::uint64_t draw) {
  for (const auto& [input, stimulus] : poisson_)
    if (stimulus->active(n)) stimulus->add(rings[input].lanes(n, begin), begin, end, n, draw);
}

template class Drives<float>;
template class Drives<double>;

}  // namespace callosum::sim
