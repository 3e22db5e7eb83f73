#include "studies.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "callosum/nets/inhibition.h"
#include "callosum/nets/readout.h"
#include "callosum/nets/reservoir.h"
#include "callosum/nets/scores.h"
#include "callosum/nets/series.h"
#include "callosum/report/text.h"

namespace callosum::experiment {
namespace {

using nets::Draws;
using nets::Reservoir;

constexpr double untuned = -0.5;  ///< balance that adaptation starts from
constexpr double gain = 10, threshold = 0;
const std::vector<double> betas = {-4, -2, -1, -0.5, -0.2, -0.1, 0, 0.1, 0.2, 0.5};
const std::vector<double> mean_targets = {0.2, 0.3, 0.4, 0.5, 0.6};

at::Tensor column(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble).reshape({-1, 1});
}

std::int64_t excitatory_units(const Trial& t) { return t.whole("N") * 8 / 10; }

/// The reservoir of a seed at a global balance: beta = 0 balanced, below inhibited, above excited.
Reservoir reservoir(const Trial& t, double beta, double amplitude) {
  Draws wiring(t.seed, "wiring"), input(t.seed, "input weights");
  const std::int64_t k_e = t.whole("in_excitatory"), k_i = t.whole("in_inhibitory");
  const double mean = 1.0 / static_cast<double>(k_e);
  const auto ratio = static_cast<double>(k_e) / static_cast<double>(k_i);
  return Reservoir(
      nets::dale_matrix(wiring, {.units = t.whole("N"),
                                 .excitatory = excitatory_units(t),
                                 .in_excitatory = k_e,
                                 .in_inhibitory = k_i,
                                 .mean_excitatory = mean,
                                 .mean_inhibitory = mean * ratio * (1 - beta)}),
      nets::input_weights(input, t.whole("N"), 1, 0.3, amplitude / 2),
      {.activation = nets::Activation::logistic, .gain = gain, .threshold = threshold});
}

std::vector<double> series(const Trial& t, const char* name, std::int64_t length, double low,
                           double high) {
  Stream stream(StreamKey(t.seed, name_hash(name), Purpose::user), 0);
  return nets::uniform_series(stream, length, low, high);
}

/// Local adaptation under the task's own kind of input, in two halves, the second ten times slower;
/// `sign` -1 is the ablation. Afterwards the weights are frozen: nothing below changes them.
void adapt(const Trial& t, Reservoir& r, const std::vector<double>& targets,
           const std::vector<double>& input, double sign = 1) {
  const auto half = static_cast<std::int64_t>(input.size() / 2);
  r.run(column(input), [&](std::int64_t step) {
    const double delta = sign * t["delta"] * (step < half ? 1 : 0.1);
    nets::adapt_inhibition(r.recurrent(), excitatory_units(t), r.state(), targets, delta);
  });
}

/// Inhibition drawn at random with mean and standard deviation of an adapted one: the magnitudes
/// without their places.
void shuffle_inhibition(const Trial& t, Reservoir& r) {
  std::vector<double*> weights;
  for (std::int64_t i = 0; i < r.units(); ++i)
    for (std::size_t k = 0; k < r.recurrent().row(i).size(); ++k)
      if (r.recurrent().row_columns(i)[k] >= excitatory_units(t))
        weights.push_back(&r.recurrent().row(i)[k]);
  double sum = 0, squares = 0;
  for (const double* w : weights) sum += *w, squares += *w * *w;
  const auto n = static_cast<double>(weights.size());
  const double mean = sum / n, sd = std::sqrt(std::max(0.0, squares / n - mean * mean));
  Draws draws(t.seed, "random inhibition");
  const at::Tensor drawn = draws.normal({static_cast<std::int64_t>(n)}, mean, sd);
  for (std::size_t k = 0; k < weights.size(); ++k)
    *weights[k] = std::min(0.0, drawn.data_ptr<double>()[k]);
}

struct Score {
  double memory = 0, rate_error = 0, silent = 0, saturated = 0;
  bool oscillates = false;
};

/// Memory capacity on fresh input, and whether the units swing without any.
Score score(const Trial& t, Reservoir r, const std::vector<double>& targets) {
  const std::int64_t washout = 200, steps = t.whole("steps");
  const std::int64_t training = (steps - washout) / 2;
  r.reset(0.5);
  const std::vector<double> input = series(t, "memory input", steps, -1, 1);
  const at::Tensor states = r.run(column(input));
  Score s;
  s.memory = nets::memory_capacity(states, at::tensor(input, at::kDouble),
                                   {.washout = washout,
                                    .training = training,
                                    .lambda = 1e-7 * static_cast<double>(training)})
                 .total;
  const at::Tensor mean = states.slice(0, washout).mean(0);
  s.rate_error = (mean - at::tensor(targets, at::kDouble)).abs().mean().item<double>();
  s.silent = (mean < 0.05).to(at::kDouble).mean().item<double>();
  s.saturated = (mean > 0.95).to(at::kDouble).mean().item<double>();
  const at::Tensor quiet = r.run(column(std::vector<double>(400, 0))).slice(0, 200);
  s.oscillates = quiet.std(0).mean().item<double>() > 0.2;
  return s;
}

/// NRMSE of a ridge readout for a task of one input and one target.
double task_error(Reservoir r, const std::vector<double>& input,
                  const std::vector<double>& target) {
  r.reset(0.5);
  const at::Tensor x = r.run(column(input)), y = at::tensor(target, at::kDouble);
  const std::int64_t washout = 200, split = washout + (x.size(0) - washout) / 2;
  const auto readout = nets::fit_ridge(x.slice(0, washout, split), y.slice(0, washout, split),
                                       1e-7 * static_cast<double>(split - washout));
  return nets::nrmse(readout(x.slice(0, split)), y.slice(0, split));
}

std::vector<double> scaled(std::vector<double> x) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double middle = (*low + *high) / 2, half = (*high - *low) / 2;
  for (double& v : x) v = (v - middle) / half;
  return x;
}

/// The time series, each scaled to [-1, 1] as input; the value `ahead` steps on is the target.
void time_series(const Trial& t, const std::function<Reservoir(const std::vector<double>&)>& made,
                 Outcome& out) {
  const std::int64_t steps = t.whole("steps");
  Stream stream(StreamKey(t.seed, name_hash("narma"), Purpose::user), 0);
  const nets::Narma narma = nets::narma(stream, steps);
  const std::vector<double> narma_input = scaled(narma.input);
  out.values["narma"] = task_error(made(narma_input), narma_input, narma.target);
  const auto predict = [&](const char* name, std::vector<double> x, std::int64_t ahead) {
    x = scaled(std::move(x));
    const std::vector<double> input(x.begin(), x.begin() + steps);
    const std::vector<double> target(x.begin() + ahead, x.begin() + ahead + steps);
    out.values[name] = task_error(made(input), input, target);
  };
  // The attractor is entered at a place of the seed's own.
  const auto offset = static_cast<std::int64_t>(t.seed % 100) * 37;
  predict("mackey_glass_1", nets::mackey_glass(steps + 1, {.discarded = 1000 + offset}), 1);
  predict("mackey_glass_84", nets::mackey_glass(steps + 84, {.discarded = 1000 + offset}), 84);
  predict("lorenz_1", nets::lorenz(steps + 1, {.discarded = 1000 + offset}).x, 1);
}

std::vector<double> targets_of(const Trial& t, double mean, bool heterogeneous) {
  const auto n = static_cast<std::size_t>(t.whole("N"));
  if (!heterogeneous) return std::vector<double>(n, mean);
  Draws draws(t.seed, "targets");  // Beta(2, 2) at mean 0.5, of equal concentration elsewhere
  const at::Tensor rho = draws.beta({static_cast<std::int64_t>(n)}, 4 * mean, 4 * (1 - mean));
  std::vector<double> out(rho.data_ptr<double>(), rho.data_ptr<double>() + n);
  for (double& x : out) x = std::clamp(x, 0.01, 0.99);
  return out;
}

/// A reservoir at the untuned balance, changed by what the arm stands for.
Reservoir prepared(const Trial& t, double amplitude, const std::vector<double>& targets,
                   const std::vector<double>& input) {
  Reservoir r = reservoir(t, untuned, amplitude);
  if (t.arm == "one-step") {
    const std::vector<double> drive(static_cast<std::size_t>(r.units()), 0);  // mean input is 0
    nets::balance_inhibition(r.recurrent(), excitatory_units(t), targets, drive, gain, threshold);
  } else if (t.arm != "unadapted") {
    adapt(t, r, targets, input, t.arm == "reversed" ? -1 : 1);
  }
  if (t.arm == "random") shuffle_inhibition(t, r);
  return r;
}

}  // namespace

std::string label(const char* what, double amplitude) {
  return std::string(what) + "_" + report::fixed(amplitude, 1);
}

void spread_over_targets(const Trial& t, Outcome& out) {
  const std::vector<double> input = series(t, "adaptation input", t.whole("adaptation"), -1, 1);
  std::vector<double> scores;
  std::int64_t oscillating = 0;
  for (double mean : mean_targets) {
    const auto targets = targets_of(t, mean, t.arm == "heterogeneous");
    Reservoir r = reservoir(t, untuned, 0.3);
    adapt(t, r, targets, input);
    const Score s = score(t, r, targets);
    out.curves["memory_by_target"].x.push_back(mean);
    out.curves["memory_by_target"].y.push_back(s.oscillates ? std::nan("") : s.memory);
    if (s.oscillates)
      ++oscillating;
    else
      scores.push_back(s.memory);
  }
  const auto n = static_cast<double>(scores.size());
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
  double squares = 0;
  for (double s : scores) squares += (s - mean) * (s - mean);
  out.values["spread"] = scores.size() < 2 ? std::nan("") : std::sqrt(squares / (n - 1)) / mean;
  out.values["oscillating"] = static_cast<double>(oscillating);
  if (oscillating > 0)
    out.note = std::to_string(oscillating) + " of " + std::to_string(mean_targets.size()) +
               " mean targets: oscillating, no score";
}

void sweep(const Trial& t, Outcome& out) {
  const auto targets = targets_of(t, 0.5, false);
  double done = 0, best_beta = 0;
  for (double amplitude : amplitudes) {
    Curve& curve = out.curves[label("memory", amplitude)];
    curve.x = betas;
    for (double beta : betas) {
      curve.y.push_back(score(t, reservoir(t, beta, amplitude), targets).memory);
      t.progress(++done / static_cast<double>(betas.size() * amplitudes.size()));
    }
    const auto best = std::max_element(curve.y.begin(), curve.y.end());
    out.values[label("memory", amplitude)] = *best;
    out.values[label("excited", amplitude)] = curve.y.back();
    out.values[label("untuned", amplitude)] = std::max(curve.y[2], curve.y[8]);  // -1 and +0.2
    out.values[label("best_beta", amplitude)] =
        betas[static_cast<std::size_t>(best - curve.y.begin())];
    if (amplitude == 0.3) best_beta = out.values[label("best_beta", amplitude)];
  }
  time_series(
      t, [&](const std::vector<double>&) { return reservoir(t, best_beta, 0.3); }, out);
}

void local_adaptation(const Trial& t, Outcome& out) {
  const std::vector<double> input = series(t, "adaptation input", t.whole("adaptation"), -1, 1);
  const auto targets = targets_of(t, 0.5, false);
  double done = 0, worst = 0;
  for (double amplitude : amplitudes) {
    const Score s = score(t, prepared(t, amplitude, targets, input), targets);
    out.values[label("memory", amplitude)] = s.memory;
    if (s.oscillates) out.note += "oscillating at sigma_in " + report::fixed(amplitude, 1) + " ";
    worst = std::max(worst, s.rate_error);
    out.values[label("silent", amplitude)] = s.silent;
    out.values[label("saturated", amplitude)] = s.saturated;
    t.progress(++done / 5);
  }
  const auto low = targets_of(t, 0.35, false);
  worst = std::max(worst, score(t, prepared(t, 0.3, low, input), low).rate_error);
  out.values["rate_error"] = worst;
  Draws apart(t.seed, "lyapunov");
  out.values["lyapunov"] = nets::largest_lyapunov_exponent(
      prepared(t, 0.3, targets, input), column(series(t, "memory input", 1000, -1, 1)), 200, apart);
  if (t.arm == "adapted")
    time_series(
        t, [&](const std::vector<double>& own) { return prepared(t, 0.3, targets, own); }, out);
}

}  // namespace callosum::experiment
