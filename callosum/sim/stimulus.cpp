#include "callosum/sim/stimulus.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/elementary.h"
#include "callosum/core/elementary_circular.h"
#include "callosum/core/philox_eight.h"
#include "callosum/core/scalar_arithmetic.h"

namespace callosum::sim {
namespace {

using Arithmetic = elementary::ScalarArithmetic<double>;
constexpr double two_pi = 6.28318530717958647692;

std::vector<double> drawn(const Values& v, std::uint32_t size, StreamKey key, std::uint64_t what) {
  std::vector<double> x(v.is_constant() ? 1 : size);
  for (std::size_t i = 0; i < x.size(); ++i) {
    Stream stream(key, i, what);
    x[i] = v.draw(stream, i);
  }
  return x;
}

Purpose purpose(const Stimulus& s) {
  return s.kind == Stimulus::Kind::poisson ? Purpose::poisson : Purpose::noise;
}

// Keys that no step reaches: for what is drawn once.
constexpr std::uint64_t once = (std::uint64_t{1} << 47);

}  // namespace

PoissonTable::PoissonTable(double mean) {
  Arithmetic a;
  double p = elementary::exp(a, -mean), sum = 0;
  for (int k = 0; sum < 1 - 1e-10 && k < 200; ++k) {
    sum += p;
    thresholds_.push_back(
        static_cast<std::uint32_t>(std::min(4294967295.0, std::floor(sum * 4294967296.0))));
    p *= mean / (k + 1);
  }
  while (!thresholds_.empty() && thresholds_.back() == 4294967295u) thresholds_.pop_back();
}

void PoissonTable::count(const std::uint32_t* words, std::uint8_t* counts, int size) const {
  std::fill_n(counts, size, std::uint8_t{0});
  for (std::uint32_t threshold : thresholds_)
    for (int i = 0; i < size; ++i)
      counts[i] = static_cast<std::uint8_t>(counts[i] + (words[i] >= threshold));
}

ActiveStimulus::ActiveStimulus(const Network& network, const Stimulus& stimulus, std::uint64_t seed)
    : stimulus_(stimulus),
      key_(seed, name_hash(stimulus.name), purpose(stimulus)),
      dt_ms_(network.grid().dt_ms()) {
  const std::uint32_t size = stimulus.to.size();
  if (stimulus.kind == Stimulus::Kind::steps)
    values_.assign(stimulus.value.elements().begin(), stimulus.value.elements().end());
  else
    values_ = drawn(stimulus.value, size, key_, once);
  if (!is_poisson()) return;
  means_ = drawn(stimulus.rate, size, key_, once + 1);
  for (double& mean : means_) mean *= stimulus.sources * dt_ms_;
  if (means_.size() == 1 && means_[0] <= PoissonTable::largest_mean) {
    tables_.emplace_back(means_[0]);
    counts_.resize(4 * std::size_t{size});
    quarters_.assign(network.populations()[stimulus.to.population].size / block_size + 1,
                     ~std::uint64_t{0});
  }
}

double ActiveStimulus::common(std::int64_t n) const {
  if (stimulus_.kind == Stimulus::Kind::steps) {
    const auto next = std::upper_bound(stimulus_.times.begin(), stimulus_.times.end(), n);
    return next == stimulus_.times.begin()
               ? 0
               : values_[static_cast<std::size_t>(next - stimulus_.times.begin() - 1)];
  }
  if (stimulus_.kind != Stimulus::Kind::sine) return 0;
  Arithmetic a;
  const double cycles = stimulus_.frequency.internal() * static_cast<double>(n) * dt_ms_;
  const double phase = two_pi * (cycles - std::floor(cycles)) + stimulus_.phase;
  return stimulus_.amplitude.internal() * elementary::sin(a, phase);
}

template <class T>
void ActiveStimulus::add(T* column, std::uint32_t begin, std::uint32_t end, std::int64_t n,
                         std::uint64_t draw) {
  const View& view = stimulus_.to;
  const std::uint32_t size = view.size();
  // The view's neurons within the range: positions [low, high).
  const auto first_from = [&](std::uint32_t neuron) {
    std::uint32_t low = 0, high = size;
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      if (view.index(middle) < neuron)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  };
  const std::uint32_t low = first_from(begin), high = first_from(end);
  if (stimulus_.kind == Stimulus::Kind::noise) {
    const double amplitude = stimulus_.amplitude.internal();
    for (std::uint32_t i = low; i < high; ++i) {
      Stream stream(key_, view.index(i), draw / static_cast<std::uint64_t>(stimulus_.interval));
      column[view.index(i)] += static_cast<T>(value(i) + amplitude * stream.normal());
    }
    return;
  }
  if (stimulus_.kind == Stimulus::Kind::array) {
    const std::size_t at =
        static_cast<std::size_t>((n - stimulus_.start) / stimulus_.interval) * size;
    if (at >= stimulus_.samples.size()) return;
    for (std::uint32_t i = low; i < high; ++i)
      column[view.index(i)] += static_cast<T>(stimulus_.samples[at + i]);
    return;
  }
  if (!is_poisson()) {
    const double now = common(n);
    const bool alone = stimulus_.kind == Stimulus::Kind::steps;
    for (std::uint32_t i = low; i < high; ++i)
      column[view.index(i)] += static_cast<T>(alone ? now : value(i) + now);
    return;
  }
  if (tables_.empty()) {
    for (std::uint32_t i = low; i < high; ++i) {
      Stream stream(key_, view.index(i), draw);
      const std::uint64_t count = stream.poisson(means_[means_.size() == 1 ? 0 : i]);
      if (count != 0) column[view.index(i)] += static_cast<T>(value(i)) * static_cast<T>(count);
    }
    return;
  }
  std::uint64_t& quarter = quarters_[begin / block_size];
  if (quarter != draw / 4) {
    refill(low, high, draw / 4);
    quarter = draw / 4;
  }
  const std::uint8_t* counts = counts_.data() + (draw % 4) * size;
  if (view.list.empty() && view.step == 1 && values_.size() == 1) {
    const T amount = static_cast<T>(values_[0]);
    T* first = column + view.begin;
    for (std::uint32_t i = low; i < high; ++i) first[i] += amount * static_cast<T>(counts[i]);
    return;
  }
  for (std::uint32_t i = low; i < high; ++i)
    column[view.index(i)] += static_cast<T>(value(i)) * static_cast<T>(counts[i]);
}

void ActiveStimulus::refill(std::uint32_t low, std::uint32_t high, std::uint64_t quarter) {
  constexpr int width = 8;
  const std::uint32_t size = stimulus_.to.size();
  PhiloxCounters counters;
  counters.word[0].fill(static_cast<std::uint32_t>(quarter));
  counters.word[1].fill(static_cast<std::uint32_t>(quarter >> 32));
  counters.word[3].fill(1u);
  alignas(32) std::uint32_t words[4 * width];
  std::uint32_t turned[4 * width];
  std::uint8_t counts[4 * width];
  for (std::uint32_t i = low; i < high; i += width) {
    const auto here = static_cast<int>(std::min<std::uint32_t>(width, high - i));
    for (int k = 0; k < width; ++k)
      counters.word[2][static_cast<std::size_t>(k)] =
          stimulus_.to.index(std::min(i + static_cast<std::uint32_t>(k), high - 1));
    philox_eight(counters, key_.value(), words);
    for (int k = 0; k < width; ++k)
      for (int step = 0; step < 4; ++step) turned[step * width + k] = words[4 * k + step];
    tables_.front().count(turned, counts, 4 * width);
    for (std::uint32_t step = 0; step < 4; ++step)
      std::copy_n(counts + step * width, here, counts_.data() + step * size + i);
  }
}

template void ActiveStimulus::add<float>(float*, std::uint32_t, std::uint32_t, std::int64_t,
                                         std::uint64_t);
template void ActiveStimulus::add<double>(double*, std::uint32_t, std::uint32_t, std::int64_t,
                                          std::uint64_t);

}  // namespace callosum::sim
