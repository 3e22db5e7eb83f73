// How often a segment errs: closed forms, and draws that check them.
#include <algorithm>
#include <array>
#include <cmath>

#include "callosum/nets/recognition.h"
#include "callosum/nets/sparse_code.h"
#include "studies.h"

namespace callosum::experiment {

using nets::CodeSampler;
using nets::SparseCode;

namespace {

/// How far `hits` of `n` are from a probability, in standard errors.
double z_score(double hits, double n, double p) {
  return std::abs(hits - n * p) / std::sqrt(n * p * (1 - p));
}

}  // namespace

void random_overlaps(const Trial& trial, Outcome& out) {
  const std::int64_t draws = trial.whole("draws");
  Stream stream = trial.stream("monte carlo");
  CodeSampler codes(1000, 100), segments(1000, 20);
  std::array<double, 2> hits{};
  SparseCode segment;
  for (std::int64_t k = 0; k < draws; ++k) {
    if (k % 1000 == 0) segment = segments.next(stream);
    const std::uint32_t overlap = codes.next(stream).overlap(segment);
    hits[0] += overlap >= 5;
    hits[1] += overlap >= 6;
  }
  double worst = 0, binomial = 1e300;
  for (std::size_t i : {0u, 1u}) {
    const auto theta = static_cast<std::int64_t>(5 + i);
    double tail = 0, term = std::pow(0.9, 20);
    for (int b = 0; b <= 20; ++b, term *= (21.0 - b) / b / 9) tail += b >= theta ? term : 0;
    const auto n = static_cast<double>(draws);
    worst = std::max(
        worst,
        z_score(hits[i], n, std::pow(10, nets::log10_false_positive({1000, 100, 20, theta}))));
    binomial = std::min(binomial, z_score(hits[i], n, tail));
    out.values["rate at " + std::to_string(theta)] = hits[i] / n;
  }
  out.values["formula, standard errors"] = worst;
  out.values["binomial, standard errors"] = binomial;
}

void unions(const Trial& trial, Outcome& out) {
  const std::int64_t probes = trial.whole("probes"), each = 1000;
  double worst = 0, worst_known = 0, recalled = 0, stored = 0, noisy_recalled = 0;
  for (std::uint32_t patterns : {1u, 4u, 8u, 16u, 32u}) {
    Stream stream = trial.stream("union", patterns);
    CodeSampler sampler(2000, 40);
    double hits = 0, expected = 0;
    for (std::int64_t k = 0; k < probes; k += each) {
      SparseCode segment(2000);
      std::vector<SparseCode> all;
      for (std::uint32_t p = 0; p < patterns; ++p) {
        all.push_back(sampler.next(stream));
        segment.unite(nets::subsample(all.back(), 15, stream));
      }
      for (const SparseCode& code : all) {
        ++stored;
        recalled += code.overlap(segment) >= 8;
        noisy_recalled += nets::noisy(code, 0.3, stream).overlap(segment) >= 8;
      }
      for (std::int64_t i = 0; i < each; ++i) hits += sampler.next(stream).overlap(segment) >= 8;
      expected += static_cast<double>(each) *
                  std::pow(10, nets::log10_false_positive({2000, 40, segment.active(), 8}));
    }
    const auto n = static_cast<double>(probes);
    const double p = std::pow(10, nets::log10_union_false_positive({2000, 40, 15, 8}, patterns));
    for (auto [curve, y] : {std::pair{"union", hits / n}, {"union, formula", p}}) {
      if (patterns < 4) continue;
      out.curves[curve].x.push_back(patterns);
      out.curves[curve].y.push_back(y);
    }
    if (patterns < 4) continue;
    worst = std::max(worst, z_score(hits, n, p));
    worst_known = std::max(worst_known, z_score(hits, n, expected / n));
  }
  out.values["union, standard errors"] = worst;
  out.values["union with its size known, standard errors"] = worst_known;
  out.values["clean recall"] = recalled / stored;
  out.values["noisy recall"] = noisy_recalled / stored;
}

void closed_forms(Outcome& out) {
  double least_fall = 1e300, before = 0, first = 0;
  for (std::int64_t n = 256; n <= 4096; n *= 2) {
    const double log_p = nets::log10_false_positive({n, 64, 24, 12});
    if (n > 256) least_fall = std::min(least_fall, before - log_p);
    if (n == 256) first = log_p;
    before = log_p;
    out.curves["sparse"].x.push_back(static_cast<double>(n));
    out.curves["sparse"].y.push_back(std::pow(10, log_p));
    out.curves["dense"].x.push_back(static_cast<double>(n));
    out.curves["dense"].y.push_back(std::pow(10, nets::log10_false_positive({n, n / 2, 24, 12})));
  }
  out.values["least fall"] = least_fall;
  out.values["decades"] = first - before;
  const double dense = std::pow(10, nets::log10_false_positive({1000, 500, 24, 12}));
  out.values["dense change"] =
      std::abs(std::pow(10, nets::log10_false_positive({8000, 4000, 24, 12})) / dense - 1);
  out.values["false negatives"] =
      std::pow(10, nets::log10_false_negative({20000, 200, 20, 10}, 0.3));
  out.values["log false positives"] = nets::log10_false_positive({20000, 200, 20, 10});
  out.values["log false positives, all synapses"] =
      nets::log10_false_positive({20000, 200, 200, 100});
  Matrix grid{3, 3, {}};
  double inside = 0;
  for (double nu : {0.1, 0.3, 0.5})
    for (std::int64_t s : {20, 30, 40}) {
      const auto theta = static_cast<double>(nets::best_threshold({20000, 200, s, 1}, nu));
      grid.values.push_back(theta);
      inside += theta >= 8 && theta <= 20;
    }
  out.values["best thresholds in 8..20"] = inside / 9;
  out.matrices["best threshold"] = std::move(grid);
}

}  // namespace callosum::experiment
