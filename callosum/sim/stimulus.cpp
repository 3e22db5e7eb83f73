#include "callosum/sim/stimulus.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#ifdef __AVX2__
// GCC 12 takes the undefined registers of these headers for a mistake of ours (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

#include "callosum/core/eight_draws.h"
#include "callosum/core/elementary.h"
#include "callosum/core/elementary_circular.h"
#include "callosum/core/philox_eight.h"
#include "callosum/core/scalar_arithmetic.h"
#include "callosum/model/interpret.h"

namespace callosum::sim {
namespace {

using Arithmetic = elementary::ScalarArithmetic<double>;
constexpr double two_pi = 6.28318530717958647692;

template <class T>
using Eight __attribute__((vector_size(8 * sizeof(T)))) = T;

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

namespace {

#ifdef __AVX2__
// Masks in place of comparisons that AVX2 does not have.
__attribute__((target("avx512f"))) void count_wide(const std::vector<std::uint32_t>& thresholds,
                                                   const std::uint32_t* words,
                                                   std::uint8_t* counts) {
  const __m512i low = _mm512_loadu_si512(words), high = _mm512_loadu_si512(words + 16);
  const __m512i one = _mm512_set1_epi32(1);
  __m512i a = _mm512_setzero_si512(), b = a;
  for (const std::uint32_t threshold : thresholds) {
    const __m512i t = _mm512_set1_epi32(static_cast<int>(threshold));
    const __mmask16 in_a = _mm512_cmpge_epu32_mask(low, t), in_b = _mm512_cmpge_epu32_mask(high, t);
    a = _mm512_mask_add_epi32(a, in_a, a, one);
    b = _mm512_mask_add_epi32(b, in_b, b, one);
    // Thresholds ascend: what none reaches now, none will.
    if ((in_a | in_b) == 0) break;
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(counts), _mm512_cvtepi32_epi8(a));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(counts + 16), _mm512_cvtepi32_epi8(b));
}
const bool has_wide = __builtin_cpu_supports("avx512f");
#endif

}  // namespace

void PoissonTable::count(const std::uint32_t* words, std::uint8_t* counts) const {
#ifdef __AVX2__
  if (has_wide) return count_wide(thresholds_, words, counts);
#endif
  Eight<std::uint32_t> word[4], reached[4] = {};
  std::memcpy(word, words, sizeof word);
  for (const std::uint32_t threshold : thresholds_) {
    Eight<std::uint32_t> any = {};
    for (int i = 0; i < 4; ++i) {
      const auto here = reinterpret_cast<Eight<std::uint32_t>>(word[i] >= threshold);
      reached[i] -= here;
      any |= here;
    }
    std::uint64_t parts[4];
    std::memcpy(parts, &any, sizeof parts);
    if ((parts[0] | parts[1] | parts[2] | parts[3]) == 0) break;
  }
  for (int i = 0; i < 4; ++i) {
    const auto bytes = __builtin_convertvector(reached[i], Eight<std::uint8_t>);
    std::memcpy(counts + 8 * i, &bytes, sizeof bytes);
  }
}

namespace {

// to[i] += amount * counts[i], lane by lane.
template <class T>
void add_counts(T* to, const std::uint8_t* counts, std::uint32_t size, T amount) {
  std::uint32_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint8_t bytes __attribute__((vector_size(8)));
    Eight<T> sum;
    std::memcpy(&bytes, counts + i, 8);
    std::memcpy(&sum, to + i, sizeof sum);
    sum += amount *
           __builtin_convertvector(__builtin_convertvector(bytes, Eight<std::int32_t>), Eight<T>);
    std::memcpy(to + i, &sum, sizeof sum);
  }
  for (; i < size; ++i) to[i] += amount * static_cast<T>(counts[i]);
}

}  // namespace

ActiveStimulus::ActiveStimulus(const Network& network, const Stimulus& stimulus, std::uint64_t seed,
                               std::uint32_t replica)
    : stimulus_(stimulus),
      key_(seed, name_hash(stimulus.name), purpose(stimulus), replica),
      dt_ms_(network.grid().dt_ms()) {
  const StreamKey of_network(seed, name_hash(stimulus.name), purpose(stimulus));
  const std::uint32_t size = stimulus.to.size();
  neurons_.resize(size);
  for (std::uint32_t i = 0; i < size; ++i) neurons_[i] = stimulus.to.index(i);
  if (stimulus.kind == Stimulus::Kind::steps)
    values_.assign(stimulus.value.elements().begin(), stimulus.value.elements().end());
  else
    values_ = drawn(stimulus.value, size, of_network, once);
  if (!is_poisson()) return;
  means_ = drawn(stimulus.rate, size, of_network, once + 1);
  for (double& mean : means_) mean *= stimulus.sources * dt_ms_;
  if (means_.size() == 1 && means_[0] <= PoissonTable::largest_mean) {
    tables_.emplace_back(means_[0]);
    counts_.resize(4 * std::size_t{size});
    quarters_.assign(network.populations()[stimulus.to.population].size / model::lane_padding + 1,
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
  const std::uint32_t size = static_cast<std::uint32_t>(neurons_.size());
  // The view's neurons within the range: positions [low, high).
  const auto first_from = [&](std::uint32_t neuron) {
    return static_cast<std::uint32_t>(std::lower_bound(neurons_.begin(), neurons_.end(), neuron) -
                                      neurons_.begin());
  };
  const std::uint32_t low = first_from(begin), high = first_from(end);
  if (stimulus_.kind == Stimulus::Kind::noise) {
    const double amplitude = stimulus_.amplitude.internal();
    const std::uint64_t step = draw / static_cast<std::uint64_t>(stimulus_.interval);
    std::array<std::uint32_t, 8> index{};
    std::array<double, 8> normals;
    for (std::uint32_t i = low; i < high; i += 8) {
      const std::uint32_t here = std::min(8u, high - i);
      std::copy_n(neurons_.begin() + i, here, index.begin());
      eight_normals(key_, index, step, normals);
      for (std::uint32_t k = 0; k < here; ++k)
        column[index[k]] += static_cast<T>(value(i + k) + amplitude * normals[k]);
    }
    return;
  }
  if (stimulus_.kind == Stimulus::Kind::array) {
    const std::size_t at =
        static_cast<std::size_t>((n - stimulus_.start) / stimulus_.interval) * size;
    if (at >= stimulus_.samples.size()) return;
    for (std::uint32_t i = low; i < high; ++i)
      column[neurons_[i]] += static_cast<T>(stimulus_.samples[at + i]);
    return;
  }
  if (!is_poisson()) {
    const double now = common(n);
    const bool alone = stimulus_.kind == Stimulus::Kind::steps;
    for (std::uint32_t i = low; i < high; ++i)
      column[neurons_[i]] += static_cast<T>(alone ? now : value(i) + now);
    return;
  }
  if (tables_.empty()) {
    for (std::uint32_t i = low; i < high; ++i) {
      Stream stream(key_, neurons_[i], draw);
      const std::uint64_t count = stream.poisson(means_[means_.size() == 1 ? 0 : i]);
      if (count != 0) column[neurons_[i]] += static_cast<T>(value(i)) * static_cast<T>(count);
    }
    return;
  }
  std::uint64_t& quarter = quarters_[begin / model::lane_padding];
  if (quarter != draw / 4) {
    refill(low, high, draw / 4);
    quarter = draw / 4;
  }
  const std::uint8_t* counts = counts_.data() + (draw % 4) * size;
  if (low < high && neurons_[high - 1] - neurons_[low] == high - 1 - low && values_.size() == 1) {
    add_counts(column + neurons_[low], counts + low, high - low, static_cast<T>(values_[0]));
    return;
  }
  for (std::uint32_t i = low; i < high; ++i)
    column[neurons_[i]] += static_cast<T>(value(i)) * static_cast<T>(counts[i]);
}

namespace {

/// Four counts of each of eight neurons become eight of each of four steps.
void by_step(std::uint8_t* counts) {
  typedef std::uint8_t Bytes __attribute__((vector_size(32)));
  Bytes all;
  std::memcpy(&all, counts, sizeof all);
  all = __builtin_shufflevector(all, all, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29,
                                2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  std::memcpy(counts, &all, sizeof all);
}

}  // namespace

void ActiveStimulus::refill(std::uint32_t low, std::uint32_t high, std::uint64_t quarter) {
  constexpr std::uint32_t width = 8;
  const std::size_t size = neurons_.size();
  PhiloxCounters counters;
  counters.word[0].fill(static_cast<std::uint32_t>(quarter));
  counters.word[1].fill(static_cast<std::uint32_t>(quarter >> 32));
  counters.word[2].fill(0);
  counters.word[3].fill(1u);
  alignas(64) std::uint32_t words[PoissonTable::group];
  alignas(32) std::uint8_t counts[PoissonTable::group];
  static_assert(4 * width == PoissonTable::group);
  for (std::uint32_t i = low; i < high; i += width) {
    const std::uint32_t here = std::min(width, high - i);
    // Whole vectors in and out: what is stored in parts cannot be forwarded to a wider load.
    if (here == width)
      std::memcpy(counters.word[2].data(), neurons_.data() + i, sizeof counters.word[2]);
    else
      std::copy_n(neurons_.data() + i, here, counters.word[2].begin());
    philox_eight(counters, key_.value(), words);
    tables_.front().count(words, counts);
    by_step(counts);
    for (std::uint32_t step = 0; step < 4; ++step) {
      std::uint8_t* const to = counts_.data() + step * size + i;
      const std::uint8_t* const from = counts + step * width;
      if (here == width)
        std::memcpy(to, from, width);
      else
        std::copy_n(from, here, to);
    }
  }
}

template void ActiveStimulus::add<float>(float*, std::uint32_t, std::uint32_t, std::int64_t,
                                         std::uint64_t);
template void ActiveStimulus::add<double>(double*, std::uint32_t, std::uint32_t, std::int64_t,
                                          std::uint64_t);

}  // namespace callosum::sim
