#include "callosum/learn/piece.h"

#include <algorithm>

#include "callosum/sim/partition.h"
#include "callosum/sim/wiring.h"

namespace callosum::learn {
namespace {

// A matrix pays where at least this part of it is synapses.
constexpr double least_density = 0.25;

template <class T>
bool fits_matrix(const std::vector<typename Piece<T>::Synapse>& synapses, std::uint32_t sources,
                 std::uint32_t targets) {
  if (static_cast<double>(synapses.size()) < least_density * sources * targets) return false;
  std::vector<std::uint32_t> seen(targets, 0xffffffffu);
  for (const auto& s : synapses) {
    if (seen[s.target] == s.source) return false;
    seen[s.target] = s.source;
  }
  return true;
}

}  // namespace

template <class T>
Piece<T>::Piece(const Network& network, std::uint32_t projection, std::uint32_t delay,
                const std::vector<Synapse>& synapses)
    : projection_(projection), delay_(delay) {
  const Projection& p = network.projections()[projection];
  source_ = p.from.population;
  target_ = p.to.population;
  const std::uint32_t population = network.populations()[source_].size;
  sources_ = p.from.size();
  targets_ = network.populations()[target_].size;
  lanes_ = static_cast<std::size_t>(sim::padded_lanes(targets_));
  source_lanes_ = static_cast<std::size_t>(sim::padded_lanes(sources_));
  positions_ = sim::positions_in(p.from, population);
  whole_ = positions_.empty();
  if (!whole_)
    for (std::uint32_t i = 0; i < sources_; ++i) neurons_.push_back(p.from.index(i));
  for (const Synapse& s : synapses) index_.push_back(s.index);
  dense_ = fits_matrix<T>(synapses, sources_, targets_);
  if (dense_) {
    weights_ = sim::Aligned<T>(sources_ * lanes_);
    transposed_ = sim::Aligned<T>(targets_ * source_lanes_);
    ordered_ = synapses.size() == std::size_t{sources_} * targets_;
    for (const Synapse& s : synapses) {
      place_.push_back(s.source * lanes_ + s.target);
      ordered_ = ordered_ && s.index == std::uint64_t{s.source} * targets_ + s.target;
    }
    return;
  }
  weights_ = sim::Aligned<T>(synapses.size());
  offsets_.assign(sources_ + 1, 0);
  for (const Synapse& s : synapses) {
    ++offsets_[s.source + 1];
    target_of_.push_back(s.target);
  }
  for (std::uint32_t s = 0; s < sources_; ++s) offsets_[s + 1] += offsets_[s];
}

template <class T>
std::size_t Piece<T>::bytes() const {
  return (weights_.size() + transposed_.size() + back_.size()) * sizeof(T) +
         (index_.size() + place_.size() + offsets_.size()) * 8 + target_of_.size() * 4;
}

template <class T>
void Piece<T>::set(std::span<const T> weights, std::span<const T> back) {
  for (std::size_t k = 0; k < index_.size(); ++k)
    weights_[place_.empty() ? k : place_[k]] = weights[index_[k]];
  if (!back.empty()) {
    back_ = sim::Aligned<T>(weights_.size());
    for (std::size_t k = 0; k < index_.size(); ++k)
      back_[place_.empty() ? k : place_[k]] = back[index_[k]];
  }
  if (!dense_) return;
  const T* of = back_.size() != 0 ? back_.data() : weights_.data();
  constexpr std::uint32_t block = 16;
  for (std::uint32_t i = 0; i < sources_; i += block)
    for (std::uint32_t j = 0; j < targets_; ++j)
      for (std::uint32_t k = i; k < std::min(i + block, sources_); ++k)
        transposed_[j * source_lanes_ + k] = of[k * lanes_ + j];
}

template <class T>
std::size_t Piece<T>::rows_of(const std::uint32_t* neurons, std::size_t count,
                              std::uint32_t* rows) const {
  std::size_t n = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::int32_t at = whole_ ? static_cast<std::int32_t>(neurons[k]) : positions_[neurons[k]];
    if (at >= 0) rows[n++] = static_cast<std::uint32_t>(at);
  }
  return n;
}

template <class T>
void Piece<T>::add_rows(T* y, const std::uint32_t* rows, std::size_t count) const {
  if (dense_) return row_kernels<T>().add_rows(y, rows, count, weights_.data(), lanes_, lanes_);
  for (std::size_t q = 0; q < count; ++q)
    for (std::uint64_t k = offsets_[rows[q]]; k < offsets_[rows[q] + 1]; ++k)
      y[target_of_[k]] += weights_[k];
}

template <class T>
void Piece<T>::add_gradient(T* gradient, const std::uint32_t* rows, std::size_t count,
                            const T* g) const {
  for (std::size_t q = 0; q < count; ++q)
    for (std::uint64_t k = offsets_[rows[q]]; k < offsets_[rows[q] + 1]; ++k)
      gradient[k] += g[target_of_[k]];
}

template <class T>
void Piece<T>::add_back(T* y, std::size_t y_stride, const T* g, std::size_t g_stride,
                        std::size_t samples, T* scratch) const {
  if (dense_ && whole_)
    return row_kernels<T>().product(y, y_stride, g, g_stride, samples, transposed_.data(), targets_,
                                    source_lanes_);
  if (dense_) {
    std::fill_n(scratch, samples * source_lanes_, T{0});
    row_kernels<T>().product(scratch, source_lanes_, g, g_stride, samples, transposed_.data(),
                             targets_, source_lanes_);
    for (std::size_t u = 0; u < samples; ++u)
      for (std::uint32_t i = 0; i < sources_; ++i)
        y[u * y_stride + neurons_[i]] += scratch[u * source_lanes_ + i];
    return;
  }
  const T* back = back_.size() != 0 ? back_.data() : weights_.data();
  for (std::uint32_t i = 0; i < sources_; ++i) {
    const std::uint32_t neuron = whole_ ? i : neurons_[i];
    for (std::size_t u = 0; u < samples; ++u) {
      T sum = 0;
      for (std::uint64_t k = offsets_[i]; k < offsets_[i + 1]; ++k)
        sum += back[k] * g[u * g_stride + target_of_[k]];
      y[u * y_stride + neuron] += sum;
    }
  }
}

template <class T>
void Piece<T>::add_back_to(T* y, const T* g, const std::uint32_t* neurons, std::size_t count,
                           std::uint32_t* rows) const {
  const std::uint32_t* at = neurons;
  if (!whole_) {
    count = rows_of(neurons, count, rows);
    at = rows;
  }
  const std::uint32_t* to = whole_ ? nullptr : neurons_.data();
  const T* back = back_.size() != 0 ? back_.data() : weights_.data();
  if (dense_) return row_kernels<T>().dots(y, at, to, count, g, back, targets_, lanes_);
  for (std::size_t q = 0; q < count; ++q) {
    T sum = 0;
    for (std::uint64_t k = offsets_[at[q]]; k < offsets_[at[q] + 1]; ++k)
      sum += back[k] * g[target_of_[k]];
    y[to ? to[at[q]] : at[q]] += sum;
  }
}

template <class T>
void Piece<T>::read_gradient(const T* gradient, std::span<T> weights) const {
  if (ordered_) {
    for (std::uint32_t s = 0; s < sources_; ++s)
      std::copy_n(gradient + s * lanes_, targets_, weights.data() + std::size_t{s} * targets_);
    return;
  }
  for (std::size_t k = 0; k < index_.size(); ++k)
    weights[index_[k]] = gradient[place_.empty() ? k : place_[k]];
}

template class Piece<float>;
template class Piece<double>;

}  // namespace callosum::learn
