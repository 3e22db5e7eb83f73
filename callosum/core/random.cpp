#include "callosum/core/random.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/elementary.h"
#include "callosum/core/error.h"
#include "callosum/core/units.h"

namespace callosum {
namespace {

/// Distributions are drawn in plain double arithmetic with our own functions, so that neither libm
/// nor an instruction set shows in the numbers.
using Arithmetic = elementary::ScalarArithmetic<double>;

double log_of(double x) {
  Arithmetic a;
  return elementary::log(a, x);
}
double log1p_of(double x) {
  Arithmetic a;
  return elementary::log1p(a, x);
}
double exp_of(double x) {
  Arithmetic a;
  return elementary::exp(a, x);
}

/// log(k!) for k below 16.
constexpr double small_log_factorial[16] = {
    0,
    0,
    0.69314718055994530942,
    1.7917594692280550008,
    3.1780538303479456197,
    4.7874917427820459943,
    6.5792512120101009951,
    8.5251613610654143002,
    10.604602902745250228,
    12.801827480081469611,
    15.104412573075515295,
    17.502307845873885839,
    19.987214495661886150,
    22.552163853123422886,
    25.191221182738681500,
    27.899271383840891566,
};

/// What Stirling's formula (k + 1/2) log(k) - k + log(2 pi)/2 lacks of log(k!), k >= 16.
double stirling_rest(double k) {
  const double inverse = 1 / k, square = inverse * inverse;
  return inverse *
         (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680))));
}

double log_factorial(double k) {
  if (k < 16) return small_log_factorial[static_cast<int>(k)];
  constexpr double half_log_two_pi = 0.91893853320467274178;
  return (k + 0.5) * log_of(k) - k + half_log_two_pi + stirling_rest(k);
}

/// log(a! / b!) without the cancellation of two large logarithms.
double log_factorial_ratio(double a, double b) {
  if (a < 16 || b < 16) return log_factorial(a) - log_factorial(b);
  const double more = a - b;
  return more * (log_of(b) - 1) + (a + 0.5) * log1p_of(more / b) + stirling_rest(a) -
         stirling_rest(b);
}

[[noreturn]] void out_of_range(const char* where, const char* what, double got,
                               const char* expected) {
  throw ValueError(
      {.where = where, .what = what, .got = to_string(Quantity(got)), .expected = expected});
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key) {
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = 0xD2511F53ull * counter[0];
    const std::uint64_t right = 0xCD9E8D57ull * counter[2];
    counter = {static_cast<std::uint32_t>(right >> 32) ^ counter[1] ^ k0,
               static_cast<std::uint32_t>(right),
               static_cast<std::uint32_t>(left >> 32) ^ counter[3] ^ k1,
               static_cast<std::uint32_t>(left)};
    k0 += 0x9E3779B9u;  // the golden ratio
    k1 += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return counter;
}

Stream::Stream(StreamKey key, std::uint64_t index, std::uint64_t step)
    : key_(key.value()),
      counter_{0, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(index),
               static_cast<std::uint32_t>(index >> 32) << 16 |
                   (static_cast<std::uint32_t>(step >> 32) & 0xFFFFu)} {}

std::uint32_t Stream::bits32() {
  if (used_ == 4) {
    block_ = philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

std::uint64_t Stream::bits64() {
  const std::uint64_t low = bits32();
  return low | static_cast<std::uint64_t>(bits32()) << 32;
}

double Stream::uniform() {
  // Midpoints of 2**52 equal parts: odd multiples of 2**-53, exact and never 0 or 1.
  return (static_cast<double>(bits64() >> 12) + 0.5) * 0x1p-52;
}

std::uint64_t Stream::below(std::uint64_t n) {
  // Lemire 2019: multiply, and redraw the few low products that would favour some results.
  if (n <= 0xFFFFFFFFu) {
    const auto m = static_cast<std::uint32_t>(n);
    std::uint64_t product = static_cast<std::uint64_t>(bits32()) * m;
    if (static_cast<std::uint32_t>(product) < m) {
      const std::uint32_t reject = (0u - m) % m;
      while (static_cast<std::uint32_t>(product) < reject)
        product = static_cast<std::uint64_t>(bits32()) * m;
    }
    return product >> 32;
  }
  using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(bits64()) * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t reject = (0ull - n) % n;
    while (static_cast<std::uint64_t>(product) < reject) product = static_cast<Wide>(bits64()) * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Stream::normal() {
  // Box and Muller 1958, one of the two numbers: a fixed count of draws, so that a lane of a vector
  // kernel could do the same.
  Arithmetic a;
  const double radius = std::sqrt(-2 * log_of(uniform()));
  constexpr double turn = 0x1.921fb54442d18p+2 * 0x1p-32;
  const double angle = (static_cast<double>(bits32()) + 0.5) * turn;
  return radius * elementary::cos(a, angle);
}

double Stream::exponential() { return -log_of(uniform()); }

double Stream::gamma(double shape) {
  if (!(shape > 0) || !std::isfinite(shape))
    out_of_range("gamma", "the shape is out of range", shape, "a positive finite number");
  // Marsaglia and Tsang 2000; below 1 by the power of a uniform number.
  if (shape < 1) {
    const double larger = gamma(shape + 1);
    return larger * exp_of(log_of(uniform()) / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double root = 1 + c * x;
    if (!(root > 0)) continue;
    const double v = root * root * root;
    if (log_of(uniform()) < 0.5 * x * x + d - d * v + d * log_of(v)) return d * v;
  }
}

std::uint64_t Stream::poisson(double mean) {
  if (!(mean >= 0 && mean <= 0x1p52))
    out_of_range("poisson", "the mean is out of range", mean, "0 to 2**52");
  if (mean == 0) return 0;
  if (mean < 10) {
    // Inversion: the smallest k whose cumulative probability exceeds u.
    double left = uniform();
    double p = exp_of(-mean);
    std::uint64_t k = 0;
    while (left >= p && k < 1000) {
      left -= p;
      ++k;
      p *= mean / static_cast<double>(k);
    }
    return k;
  }
  // Transformed rejection with squeeze, PTRS: W. Hoermann, Insurance: Math. Econ. 12, 39 (1993).
  const double log_mean = log_of(mean);
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double log_inverse_alpha = log_of(1.1239 + 1.1328 / (b - 3.4));
  const double v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = uniform() - 0.5;
    const double v = uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log_of(v) + log_inverse_alpha - log_of(a / (us * us) + b) <=
        -mean + k * log_mean - log_factorial(k))
      return static_cast<std::uint64_t>(k);
  }
}

std::uint64_t Stream::binomial(std::uint64_t n, double p) {
  if (!(p >= 0 && p <= 1)) out_of_range("binomial", "the probability is out of range", p, "0 to 1");
  if (n > (1ull << 52))
    out_of_range("binomial", "too many trials", static_cast<double>(n), "at most 2**52");
  if (n == 0 || p == 0) return 0;
  if (p == 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p);
  const double trials = static_cast<double>(n);
  const double odds = p / (1 - p);
  if (trials * p < 10) {
    // Inversion; starts anew should rounding carry it past n.
    const double none = exp_of(trials * log1p_of(-p));
    for (;;) {
      double left = uniform();
      double probability = none;
      for (std::uint64_t k = 0; k <= n && probability > 0; ++k) {
        if (left < probability) return k;
        left -= probability;
        probability *= odds * static_cast<double>(n - k) / static_cast<double>(k + 1);
      }
    }
  }
  // Transformed rejection with squeeze, BTRS: W. Hoermann, J. Stat. Comput. Simul. 46, 101 (1993).
  const double spread = std::sqrt(trials * p * (1 - p));
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double centre = trials * p + 0.5;
  const double v_r = 0.92 - 4.2 / b;
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double log_odds = log_of(odds);
  const double mode = std::floor((trials + 1) * p);
  for (;;) {
    const double u = uniform() - 0.5;
    double v = uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + centre);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0 || k > trials) continue;
    v = log_of(v * alpha / (a / (us * us) + b));
    if (v <= log_factorial_ratio(mode, k) + log_factorial_ratio(trials - mode, trials - k) +
                 (k - mode) * log_odds)
      return static_cast<std::uint64_t>(k);
  }
}

std::uint64_t Stream::hypergeometric(std::uint64_t total, std::uint64_t marked,
                                     std::uint64_t draws) {
  if (total > (1ull << 52))
    out_of_range("hypergeometric", "too large a set", static_cast<double>(total), "at most 2**52");
  if (marked > total || draws > total)
    out_of_range("hypergeometric", "more marked or drawn than there are",
                 static_cast<double>(std::max(marked, draws)), "at most the total");
  // By symmetry at most half are marked and at most half drawn.
  if (marked > total - marked) return draws - hypergeometric(total, total - marked, draws);
  if (draws > total - draws) return marked - hypergeometric(total, marked, total - draws);
  if (marked == 0 || draws == 0) return 0;
  const auto N = static_cast<double>(total), K = static_cast<double>(marked),
             n = static_cast<double>(draws);
  if (K * (n / N) < 10) {
    const double fewer = std::min(K, n), other = std::max(K, n);
    const double none = exp_of(log_factorial_ratio(N - other, N - other - fewer) -
                               log_factorial_ratio(N, N - fewer));
    for (;;) {
      double left = uniform();
      double probability = none;
      for (double k = 0; k <= fewer && probability > 0; ++k) {
        if (left < probability) return static_cast<std::uint64_t>(k);
        left -= probability;
        probability *= (K - k) / (k + 1) * ((n - k) / (N - K - n + k + 1));
      }
    }
  }
  // Ratio of uniforms, HRUA: E. Stadlober, J. Comput. Appl. Math. 31, 181 (1990).
  const double share = K / N;
  const double centre = n * share + 0.5;
  const double spread = std::sqrt((N - n) * n * share * (1 - share) / (N - 1) + 0.5);
  const double width = 1.7155277699214135 * spread + 0.8989161620588988;
  const double mode = std::floor((n + 1) * ((K + 1) / (N + 2)));
  const double end = std::min(std::min(n, K) + 1, std::floor(centre + 16 * spread));
  for (;;) {
    const double x = uniform();
    const double place = centre + width * (uniform() - 0.5) / x;
    if (!(place >= 0 && place < end)) continue;
    const double k = std::floor(place);
    const double t = log_factorial_ratio(mode, k) + log_factorial_ratio(K - mode, K - k) +
                     log_factorial_ratio(n - mode, n - k) +
                     log_factorial_ratio(N - K - n + mode, N - K - n + k);
    if (x * (4 - x) - 3 <= t || (x * (x - t) < 1 && 2 * log_of(x) <= t))
      return static_cast<std::uint64_t>(k);
  }
}

}  // namespace callosum
