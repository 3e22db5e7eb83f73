#include <ATen/ATen.h>

#include <cmath>

#include "callosum/analysis/statistics.h"
#include "callosum/nets/readout.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

constexpr Phase phases[] = {{300, 0.8}, {300, 0.2}, {500, 0.2}};
constexpr int phase_count = 3;

void keep_curves(const Probe& p, const std::string& phase, Outcome& out) {
  for (std::size_t k = 0; k < p.A.size(); ++k) {
    const double at = static_cast<double>((k + 1) * Reservoir::tick_ms);
    for (const auto& [readout, z] : {std::pair{"A", p.A[k]}, {"B", p.B[k]}}) {
      Curve& curve = out.curves[std::string("z_") + readout + ", phase " + phase];
      curve.x.push_back(at);
      curve.y.push_back(z);
    }
  }
}

void note(const Probe& p, const Phase& phase, const std::string& at, Outcome& out) {
  out.values["peak error " + at] = p.peak_error(phase.latency_ms);
  out.values["p error " + at] = p.p_error(phase.p_A);
  out.values["p_A " + at] = p.p_A;
  out.values["height " + at] = p.height;
  out.values["rms error " + at] = p.error(phase);
}

/// How well time is told by features: determination of the time since the cue (50 ms on) by ridge
/// regression, on trials it was not fitted to.
double time_decoded(Reservoir& reservoir) {
  constexpr std::int64_t first = 12, fitted = 6, tested = 3;
  const auto n = static_cast<std::int64_t>(reservoir.features());
  const auto trials = [&](std::int64_t count) {
    std::vector<at::Tensor> all;
    for (std::int64_t k = 0; k < count; ++k) {
      std::vector<double> x = reservoir.run();
      all.push_back(
          at::from_blob(x.data(), {Reservoir::ticks, n}, at::kDouble).slice(0, first).clone());
    }
    return at::cat(all);
  };
  const at::Tensor time = at::arange(first, Reservoir::ticks, at::kDouble);
  const auto readout = nets::fit_ridge(trials(fitted), time.repeat({fitted}), 1e2);
  const at::Tensor wanted = time.repeat({tested});
  const at::Tensor off = readout(trials(tested)).sub(wanted);
  return 1 - (off.square().mean() / wanted.sub(wanted.mean()).square().mean()).item<double>();
}

}  // namespace

void phases_study(const Trial& t, Outcome& out) {
  Reservoir reservoir = reservoir_of(t, out);
  out.values["time decoded"] = time_decoded(reservoir);
  Learner learner = learner_of(t, reservoir);
  const std::int64_t trials = t.whole("trials");
  double done = 0;
  std::vector<double> late_p;  // of the second half of phase 2, for its spread
  for (int k = 0; k < phase_count; ++k) {
    const std::string number = std::to_string(k + 1);
    if (k > 0 && t.arm == "force-reset") learner.begin_anew();
    train(t, reservoir, learner, phases[k], number, [&](std::int64_t trial, const auto&) {
      t.progress(++done / static_cast<double>(phase_count * trials));
      const bool late = k == 1 && 2 * trial > trials && trial * 10 % trials == 0;
      const bool reported = trial == 10 || trial == 40 || trial == trials;
      if (!late && !reported) return;
      const Probe p = probe(reservoir, learner);
      for (const auto& [curve, value] : {std::pair{"peak", p.peak_ms}, {"p_A", p.p_A}}) {
        out.curves[curve].x.push_back(done);
        out.curves[curve].y.push_back(value);
      }
      if (late && p.predicts()) late_p.push_back(p.p_A);
      if (reported)
        note(p, phases[k], number + (trial == trials ? "" : " after " + std::to_string(trial)),
             out);
      if (trial == trials) keep_curves(p, number, out);
    });
  }
  out.values["spread of p_A"] = analysis::standard_deviation(late_p);
  out.values["at bound"] = learner.share_at_bound();
}

}  // namespace callosum::experiment
