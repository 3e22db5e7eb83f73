#include <algorithm>
#include <cmath>

#include "studies.h"

namespace callosum::experiment {
namespace {

constexpr int warm_up = 15, probes = 10;
constexpr std::int64_t after_ms = 2000;  // what an ungated rule goes on learning from
constexpr double repeatable = 0.7;

LearnerOptions options_of(const std::string& arm) {
  LearnerOptions o;
  using Rule = LearnerOptions::Rule;
  if (arm == "force" || arm == "force-reset") o.rule = Rule::force;
  o.consolidates = arm != "online" && arm != "online-slow";
  if (arm == "online") o.eta_what = o.eta_when;
  if (arm == "probabilities-fast") {
    o.eta_when = o.eta_what = 0.2;
    o.consolidates = false;
  }
  o.error = arm != "hebb";
  o.gate = arm != "ungated";
  o.traces = arm != "exchanged";
  return o;
}

/// Pearson's correlation of two trials' features.
double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i];
    sb += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  return (ab - sa * sb / n) / std::sqrt((aa - sa * sa / n) * (bb - sb * sb / n));
}

}  // namespace

double Probe::peak_error(double latency_ms) const {
  return predicts() ? std::abs(peak_ms - latency_ms) : static_cast<double>(Reservoir::trial_ms);
}

double Probe::p_error(double p) const { return predicts() ? std::abs(p_A - p) : 1; }

double Probe::error(const Phase& phase) const {
  double squares = 0;
  for (std::size_t k = 0; k < A.size(); ++k) {
    const double y = Learner::kernel(static_cast<std::int64_t>(k), phase.latency_ms);
    const double a = A[k] - phase.p_A * y, b = B[k] - (1 - phase.p_A) * y;
    squares += a * a + b * b;
  }
  return std::sqrt(squares / static_cast<double>(2 * A.size()));
}

Probe probe(Reservoir& reservoir, const Learner& learner) {
  Probe result;
  result.A.assign(Reservoir::ticks, 0);
  result.B = result.A;
  for (int k = 0; k < probes; ++k) {
    const std::vector<double> x = reservoir.run();
    const std::vector<double> a = learner.output(x, true), b = learner.output(x, false);
    for (std::size_t i = 0; i < a.size(); ++i) {
      result.A[i] += a[i] / probes;
      result.B[i] += b[i] / probes;
    }
  }
  std::size_t best = 0;
  const auto sum = [&](std::size_t i) { return result.A[i] + result.B[i]; };
  for (std::size_t i = 1; i < result.A.size(); ++i)
    if (sum(i) > sum(best)) best = i;
  result.peak_ms = static_cast<double>((best + 1) * Reservoir::tick_ms);
  result.height = sum(best);
  result.p_A = result.predicts() ? result.A[best] / result.height : 0;
  return result;
}

Reservoir reservoir_of(const Trial& t, Outcome& out) {
  const bool flat = t.arm == "flat";
  const auto neurons = static_cast<std::uint32_t>(t.whole("N"));
  const double tonic = settled_tonic(t.seed, neurons);
  Reservoir reservoir(
      t.seed, {.neurons = neurons, .tonic = tonic, .heterogeneous = !flat, .attention = !flat});
  reservoir.standardise(warm_up);
  const std::vector<double> one = reservoir.run();
  const double same = correlation(one, reservoir.run());
  out.values["tonic input"] = tonic;
  out.values["active cells"] = reservoir.active_share();
  out.values["rate"] = reservoir.rate_hz();
  out.values["repeatability"] = same;
  if (!(same >= repeatable)) out.note += "Trials of the reservoir differ much. ";
  return reservoir;
}

Learner learner_of(const Trial& t, const Reservoir& reservoir, const LearnerOptions& options) {
  return Learner(reservoir.features(), options, reservoir.active(), t.stream("exchanged traces"));
}

Learner learner_of(const Trial& t, const Reservoir& reservoir) {
  return learner_of(t, reservoir, options_of(t.arm));
}

void train(const Trial& t, Reservoir& reservoir, Learner& learner, const Phase& phase,
           const std::string& name,
           const std::function<void(std::int64_t, const std::vector<double>&)>& after) {
  Stream draw = t.stream("outcomes " + name);
  const std::int64_t trials = t.whole("trials");
  const std::int64_t ms = Reservoir::trial_ms + (learner.options().gate ? 0 : after_ms);
  for (std::int64_t k = 1; k <= trials; ++k) {
    const std::vector<double> x = reservoir.run(ms);
    learner.learn(x, draw.uniform() < phase.p_A, phase.latency_ms);
    after(k, x);
  }
}

}  // namespace callosum::experiment
