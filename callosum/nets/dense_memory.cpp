#include "callosum/nets/dense_memory.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"
#include "callosum/nets/linear_algebra.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "dense memory";

void check_task(const ExampleTask& task) {
  check::at_least(where, "units", task.units, 1);
  check::at_least(where, "archetypes", task.archetypes, 1);
  check::at_least(where, "examples", task.examples, 1);
  check::positive(where, "quality", task.quality);
  check::within(where, "quality", task.quality, 0, 1);
}

std::int8_t sign_of(Stream& stream) { return stream.bits32() & 1 ? 1 : -1; }

}  // namespace

double ExampleTask::entropy() const {
  return (1 - quality * quality) / (static_cast<double>(examples) * quality * quality);
}

Examples draw_examples(const ExampleTask& task, Stream& stream, bool keep_single) {
  check_task(task);
  const auto size = static_cast<std::size_t>(task.units * task.archetypes);
  const auto n = static_cast<std::size_t>(task.units);
  const auto examples = static_cast<std::size_t>(task.examples);
  Examples out;
  out.units = task.units;
  out.archetypes.resize(size);
  for (std::int8_t& xi : out.archetypes) xi = sign_of(stream);
  out.means.resize(size);
  const double agree = (1 + task.quality) / 2;
  if (keep_single) out.single.resize(size * examples);
  for (std::size_t k = 0; k < size; ++k) {
    std::uint64_t right = 0;
    if (!keep_single) {
      right = stream.binomial(examples, agree);
    } else {
      const std::size_t mu = k / n, i = k % n;
      for (std::size_t a = 0; a < examples; ++a) {
        const bool same = stream.uniform() < agree;
        right += same;
        out.single[(mu * examples + a) * n + i] =
            static_cast<float>(same ? out.archetypes[k] : -out.archetypes[k]);
      }
    }
    const double mean = 2 * static_cast<double>(right) / static_cast<double>(examples) - 1;
    out.means[k] = static_cast<float>(out.archetypes[k] * mean);
  }
  return out;
}

DenseMemory::DenseMemory(std::vector<float> patterns, std::int64_t units, int order, bool any_order)
    : units_(units), order_(order) {
  check::at_least(where, "units", units, 1);
  if (patterns.size() % static_cast<std::size_t>(units) != 0)
    throw ShapeError({.where = std::string(where),
                      .what = "the patterns do not have one entry a unit",
                      .got = std::to_string(patterns.size()),
                      .expected = "a multiple of " + std::to_string(units)});
  check::at_least(where, "order", order, 1);
  if (order % 2 != 0 && !any_order)
    throw ValueError({.where = std::string(where),
                      .what = "an odd order tells a state from its negative",
                      .got = std::to_string(order),
                      .expected = "2, 4, 6, ... or any_order"});
  const std::size_t n = static_cast<std::size_t>(units), k = patterns.size() / n;
  patterns_.resize(patterns.size());
  for (std::size_t mu = 0; mu < k; ++mu)
    for (std::size_t i = 0; i < n; ++i) {
      const float w = patterns[mu * n + i];
      if (!std::isfinite(w))
        throw ValueError({.where = std::string(where),
                          .what = "pattern " + std::to_string(mu) + " is not finite"});
      patterns_[i * k + mu] = w;
    }
}

double DenseMemory::power(double n) const {
  double out = 1;
  for (int p = order_; p > 0; p >>= 1, n *= n)
    if (p & 1) out *= n;
  return out;
}

std::vector<double> DenseMemory::overlaps(std::span<const std::int8_t> s) const {
  if (static_cast<std::int64_t>(s.size()) != units_)
    throw ShapeError({.where = std::string(where),
                      .what = "the state does not have one entry a unit",
                      .got = std::to_string(s.size()),
                      .expected = std::to_string(units_)});
  std::vector<double> n(static_cast<std::size_t>(patterns()));
  const float* w = patterns_.data();
  for (std::int8_t one : s)
    for (double& overlap : n) overlap += one * static_cast<double>(*w++);
  for (double& overlap : n) overlap /= static_cast<double>(units_);
  return n;
}

double DenseMemory::energy(std::span<const std::int8_t> s) const {
  double sum = 0;
  for (double n : overlaps(s)) sum += power(n);
  return -static_cast<double>(units_) * sum;
}

double DenseMemory::field(const std::vector<double>& n, std::int64_t i, std::int8_t s) const {
  const float* w = patterns_.data() + i * patterns();
  double sum = 0;
  for (double overlap : n) {
    const double own = static_cast<double>(*w++) / static_cast<double>(units_);
    const double rest = overlap - s * own;  // the cavity: without unit i
    sum += power(rest + own) - power(rest - own);
  }
  return static_cast<double>(units_) * sum;
}

std::vector<double> DenseMemory::fields(std::span<const std::int8_t> s) const {
  const std::vector<double> n = overlaps(s);
  std::vector<double> out(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) out[i] = field(n, static_cast<std::int64_t>(i), s[i]);
  return out;
}

std::int64_t DenseMemory::relax(std::span<std::int8_t> s, Stream& stream,
                                const RelaxOptions& options) const {
  check::at_least(where, "sweeps", options.sweeps, 0);
  if (!(options.beta > 0)) check::positive(where, "beta", options.beta);
  const bool cold = std::isinf(options.beta);
  std::vector<std::size_t> order(s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::int64_t sweep = 0; sweep < options.sweeps; ++sweep) {
    std::vector<double> n = overlaps(s);  // afresh, so that rounding does not gather
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
    bool flipped = false;
    for (std::size_t i : order) {
      const double h = field(n, static_cast<std::int64_t>(i), s[i]);
      const bool up = cold ? (h != 0 ? h > 0 : s[i] > 0)
                           : stream.uniform() < 1 / (1 + std::exp(-options.beta * h));
      if (up == (s[i] > 0)) continue;
      s[i] = static_cast<std::int8_t>(-s[i]);
      flipped = true;
      const float* w = patterns_.data() + i * n.size();
      const double change = 2.0 * s[i] / static_cast<double>(units_);
      for (double& overlap : n) overlap += change * static_cast<double>(*w++);
    }
    if (cold && !flipped) return sweep + 1;
  }
  return options.sweeps;
}

std::int64_t DenseMemory::relax_together(std::span<std::int8_t> s, std::int64_t sweeps) const {
  check::at_least(where, "sweeps", sweeps, 0);
  std::vector<std::int8_t> before;
  for (std::int64_t sweep = 0; sweep < sweeps; ++sweep) {
    const std::vector<double> h = fields(s);
    std::vector<std::int8_t> now(s.begin(), s.end()), next = now;
    for (std::size_t i = 0; i < s.size(); ++i)
      if (h[i] != 0) next[i] = h[i] > 0 ? 1 : -1;
    std::copy(next.begin(), next.end(), s.begin());
    if (next == now || next == before) return sweep + 1;
    before = std::move(now);
  }
  return sweeps;
}

double mattis_overlap(std::span<const std::int8_t> a, std::span<const std::int8_t> b) {
  if (a.size() != b.size() || a.empty())
    throw ShapeError({.where = std::string(where),
                      .what = "two states of one size are compared",
                      .got = std::to_string(a.size()) + " and " + std::to_string(b.size())});
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

double copied_overlap(double entropy) {
  check::not_negative(where, "entropy", entropy);
  return entropy > 0 ? std::erf(1 / std::sqrt(2 * entropy)) : 1;
}

double one_step_overlap(const ExampleTask& task, int order) {
  check_task(task);
  check::at_least(where, "order", order, 2);
  const double r2 = task.quality * task.quality, m = static_cast<double>(task.examples);
  const double big_r = r2 + (1 - r2) / m;
  double double_factorial = 1;  // (2P - 3)!!
  for (int k = 2 * order - 3; k > 1; k -= 2) double_factorial *= k;
  const double storage = std::pow(big_r, order) * double_factorial *
                         static_cast<double>(task.archetypes) /
                         std::pow(static_cast<double>(task.units), order - 1);
  const double examples = std::pow(r2, order - 1) * (1 - r2) / m;
  return std::erf(std::pow(task.quality, order) / std::sqrt(2 * (storage + examples)));
}

double equilibrium_overlap(const ExampleTask& task, int order, double beta) {
  check_task(task);
  check::at_least(where, "order", order, 2);
  check::positive(where, "beta", beta);
  const double r = task.quality;
  const double s = std::sqrt((1 - r * r) / static_cast<double>(task.examples));
  const Quadrature z = gauss_hermite(41);
  double n = std::sqrt(r * r + s * s);  // an upper bound: the branch of retrieval is found first
  for (int step = 0; step < 10000; ++step) {
    const double drive = beta * order * std::pow(n, order - 1);
    double next = 0, m = 0;
    for (std::size_t k = 0; k < z.nodes.size(); ++k) {
      const double w = r + s * z.nodes[k], t = std::tanh(drive * w);
      next += z.weights[k] * w * t;
      m += z.weights[k] * t;
    }
    if (std::abs(next - n) < 1e-12) return m;
    n = (n + next) / 2;
  }
  throw NumericalError(
      {.where = std::string(where), .what = "the equations of equilibrium do not settle"});
}

}  // namespace callosum::nets
