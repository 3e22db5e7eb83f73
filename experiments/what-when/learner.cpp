#include "learner.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace callosum::experiment {
namespace {

constexpr double width_ms = 40;

/// w_i += rate x_from(i), within the bounds.
void add(std::vector<double>& w, double rate, const double* x,
         const std::vector<std::size_t>& from) {
  constexpr double most = Learner::largest_weight;
  for (std::size_t i = 0; i < w.size(); ++i)
    w[i] = std::clamp(w[i] + rate * x[from[i]], -most, most);
}

}  // namespace

Learner::Learner(std::size_t features, const LearnerOptions& options,
                 const std::vector<std::uint32_t>& active, Stream draw)
    : features_(features), options_(options), exchanged_(features) {
  std::iota(exchanged_.begin(), exchanged_.end(), std::size_t{0});
  begin_anew();
  if (options.traces) return;
  for (std::size_t k = active.size(); k > 1; --k)
    std::swap(exchanged_[active[k - 1]], exchanged_[active[draw.below(k)]]);
}

void Learner::begin_anew() {
  when_.assign(features_, 0);
  what_.assign(features_, 0);
  if (options_.rule == LearnerOptions::Rule::force)
    squares_ =
        std::make_unique<nets::RecursiveLeastSquares>(static_cast<std::int64_t>(features_), 2, 1.0);
}

double Learner::kernel(std::int64_t tick, double latency_ms) {
  const double t = static_cast<double>((tick + 1) * Reservoir::tick_ms) - latency_ms;
  return std::exp(-t * t / (2 * width_ms * width_ms));
}

double Learner::dot(const std::vector<double>& w, const double* x) const {
  double sum = 0;
  for (std::size_t i = 0; i < features_; ++i) sum += w[i] * x[i];
  return sum;
}

double Learner::share_at_bound() const {
  std::ptrdiff_t count = 0;
  for (const auto* w : {&when_, &what_})
    count +=
        std::count_if(w->begin(), w->end(), [](double v) { return std::abs(v) >= largest_weight; });
  return static_cast<double>(count) / static_cast<double>(2 * features_);
}

void Learner::learn(const std::vector<double>& x, bool outcome_A, double latency_ms) {
  if (options_.rule == LearnerOptions::Rule::force)
    learn_force(x, outcome_A, latency_ms);
  else
    learn_locally(x, outcome_A, latency_ms);
}

void Learner::learn_locally(const std::vector<double>& x, bool outcome_A, double latency_ms) {
  const auto all = static_cast<std::int64_t>(x.size() / features_);
  const std::int64_t ticks = options_.gate ? std::min(all, Reservoir::ticks) : all;
  std::vector<double> gathered(features_, 0);
  for (std::int64_t k = 0; k < ticks; ++k) {
    const double* now = x.data() + static_cast<std::size_t>(k) * features_;
    const double when = k < Reservoir::ticks ? kernel(k, latency_ms) : 0;
    const double what = outcome_A ? when : -when;
    double norm = 1;
    for (std::size_t i = 0; i < features_; ++i) norm += now[i] * now[i];
    const double e_when = (when - (options_.error ? dot(when_, now) : 0)) / norm;
    const double e_what = (what - (options_.error ? dot(what_, now) : 0)) / norm;
    add(when_, options_.eta_when * e_when, now, exchanged_);
    if (!options_.consolidates)
      add(what_, options_.eta_what * e_what, now, exchanged_);
    else
      for (std::size_t i = 0; i < features_; ++i) gathered[i] += e_what * now[exchanged_[i]];
  }
  if (!options_.consolidates) return;
  // The mean over what was learned from, as much as the ticks of a trial: a sum over longer times
  // would overshoot.
  const double share = static_cast<double>(Reservoir::ticks) / static_cast<double>(ticks);
  std::vector<std::size_t> own(features_);
  std::iota(own.begin(), own.end(), std::size_t{0});
  add(what_, options_.eta_what * share, gathered.data(), own);
}

// z_A and z_B together.
void Learner::learn_force(const std::vector<double>& x, bool outcome_A, double latency_ms) {
  const auto n = static_cast<std::int64_t>(features_);
  at::Tensor y = at::zeros({Reservoir::ticks, 2}, at::kDouble);
  for (std::int64_t k = 0; k < Reservoir::ticks; ++k)
    y.data_ptr<double>()[2 * k + (outcome_A ? 0 : 1)] = kernel(k, latency_ms);
  // Not changed: from_blob has no form for constants.
  squares_->update_block(
      at::from_blob(const_cast<double*>(x.data()), {Reservoir::ticks, n}, at::kDouble), y);
  const at::Tensor w = squares_->weights().contiguous();
  const double* p = w.data_ptr<double>();
  for (std::size_t i = 0; i < features_; ++i) {
    when_[i] = p[2 * i] + p[2 * i + 1];
    what_[i] = p[2 * i] - p[2 * i + 1];
  }
}

std::vector<double> Learner::output(const std::vector<double>& x, bool of_A) const {
  std::vector<double> z;
  for (std::int64_t k = 0; k < Reservoir::ticks; ++k) {
    const double* now = x.data() + static_cast<std::size_t>(k) * features_;
    const double when = dot(when_, now), what = dot(what_, now);
    z.push_back(of_A ? (when + what) / 2 : (when - what) / 2);
  }
  return z;
}

}  // namespace callosum::experiment
