#include "callosum/learn/match_to_sample.h"

#include <cmath>
#include <numbers>
#include <string>

#include "callosum/core/elementary_circular.h"
#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum::learn {
namespace {

constexpr const char* where = "match_to_sample";

[[noreturn]] void refuse(const std::string& what, double got, const std::string& expected) {
  throw ValueError(
      {.where = where, .what = what, .got = std::to_string(got), .expected = expected});
}

std::int64_t whole_steps(const char* period, double ms, double dt_ms) {
  const double steps = ms / dt_ms;
  if (!(dt_ms > 0 && steps >= 1 && std::abs(steps - std::round(steps)) < 1e-9 * steps))
    refuse(std::string(period) + " is no multiple of the step", ms,
           "at least one step of " + std::to_string(dt_ms) + " ms");
  return std::llround(steps);
}

/// Probability of a spike a step, [direction, unit], without the background.
std::vector<double> tuning(const MatchToSample& task) {
  elementary::ScalarArithmetic<double> plain;
  const double turn = 2 * std::numbers::pi;
  std::vector<double> p;
  for (std::int64_t d = 0; d < task.directions; ++d)
    for (std::uint32_t i = 0; i < task.units; ++i) {
      const double angle = turn * (static_cast<double>(d) / static_cast<double>(task.directions) -
                                   static_cast<double>(i) / static_cast<double>(task.units));
      const double near = elementary::exp(plain, task.kappa * (elementary::cos(plain, angle) - 1));
      p.push_back(1e-3 * task.peak_hz * task.dt_ms * near);
    }
  return p;
}

}  // namespace

std::int64_t MatchToSample::test_steps() const { return whole_steps("test", test_ms, dt_ms); }
std::int64_t MatchToSample::steps() const {
  return whole_steps("fixation", fixation_ms, dt_ms) + whole_steps("sample", sample_ms, dt_ms) +
         whole_steps("delay", delay_ms, dt_ms) + test_steps();
}

SpikeSamples match_trials(const MatchToSample& task, std::int64_t trials, std::uint64_t seed,
                          std::uint64_t first) {
  const std::int64_t steps = task.steps(), test = steps - task.test_steps();
  const std::int64_t sample = whole_steps("fixation", task.fixation_ms, task.dt_ms);
  const std::int64_t delay = sample + whole_steps("sample", task.sample_ms, task.dt_ms);
  const double background = 1e-3 * task.background_hz * task.dt_ms;
  if (!(task.directions >= 2))
    refuse("too few directions", static_cast<double>(task.directions), "at least 2");
  if (!(trials >= 1)) refuse("there is no trial", static_cast<double>(trials), "at least 1");
  if (!(task.kappa >= 0)) refuse("kappa is negative", task.kappa, "0 or more");
  if (!(background >= 0 && task.peak_hz >= 0 && background + 1e-3 * task.peak_hz * task.dt_ms <= 1))
    refuse("a neuron would fire more than once a step",
           background + 1e-3 * task.peak_hz * task.dt_ms, "peak + background times dt in 0 to 1");

  const std::vector<double> tuned = tuning(task);
  const StreamKey key(seed, name_hash(where), Purpose::user);
  std::vector<std::int64_t> labels, shown;  // shown: two directions a trial
  const auto n = static_cast<std::uint64_t>(task.directions);
  for (std::int64_t k = 0; k < trials; ++k) {
    Stream draw(key, first + static_cast<std::uint64_t>(k), 0);
    labels.push_back(static_cast<std::int64_t>(draw.below(2)));
    const std::uint64_t direction = draw.below(n);
    const std::uint64_t other = labels.back() == 1 ? 0 : 1 + draw.below(n - 1);
    shown.push_back(static_cast<std::int64_t>(direction));
    shown.push_back(static_cast<std::int64_t>((direction + other) % n));
  }
  SpikeSamples samples(labels, 2, steps, task.units, task.dt_ms);
  for (std::int64_t k = 0; k < trials; ++k) {
    Stream draw(key, first + static_cast<std::uint64_t>(k), 1);
    for (std::int64_t t = 0; t < steps; ++t) {
      const std::int64_t cue = t >= test ? 1 : 0;
      const bool on = cue == 1 || (t >= sample && t < delay);
      const auto row =
          static_cast<std::size_t>(shown[static_cast<std::size_t>(2 * k + cue)]) * task.units;
      for (std::uint32_t i = 0; i < task.units; ++i)
        if (draw.uniform() < background + (on ? tuned[row + i] : 0)) samples.set(k, t, i);
    }
  }
  return samples;
}

}  // namespace callosum::learn
