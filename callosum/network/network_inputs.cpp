#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/network/checks.h"
#include "callosum/network/network.h"

namespace callosum {

namespace {

using Kind = Stimulus::Kind;

[[noreturn]] void wrong(const std::string& where, std::string what, std::string got,
                        std::string expected) {
  throw ValueError({.where = where,
                    .what = std::move(what),
                    .got = std::move(got),
                    .expected = std::move(expected)});
}

void not_negative(const Values& values, const std::string& where) {
  const auto check = [&](double x) {
    if (!(x >= 0))
      wrong(where, "a rate is negative", to_string(Quantity::from_internal(x, values.dimension())),
            "0 Hz or more");
  };
  switch (values.kind()) {
    case Values::Kind::array:
      for (double x : values.elements()) check(x);
      return;
    case Values::Kind::normal:
      // Drawn rates must be sure to be rates.
      check(values.low().value_or(values.second() > 0 ? -HUGE_VAL : values.first()));
      return;
    default:
      check(std::max(values.first(), values.low().value_or(values.first())));
  }
}

void check_amplitude(const Stimulus& s, Dimension expected, const std::string& where) {
  const double a = internal_value(s.amplitude, expected, where + ", amplitude");
  if (!(std::isfinite(a) && (s.kind != Kind::noise || a >= 0)))
    wrong(where + ", amplitude", "out of range", to_string(s.amplitude),
          s.kind == Kind::noise ? "a standard deviation >= 0" : "a finite value");
}

void check_timing(const Stimulus& s, const std::string& where) {
  if (!(s.start >= 0))
    wrong(where, "it starts before time 0", std::to_string(s.start) + " steps", "0 or more");
  if (s.stop != -1 && !(s.stop > s.start))
    wrong(where, "it stops before it starts", std::to_string(s.stop) + " steps",
          "more than " + std::to_string(s.start) + ", or -1 for no end");
  if (!(s.interval >= 1))
    wrong(where, "the interval is no step", std::to_string(s.interval) + " steps", "1 or more");
}

void check_steps(const Stimulus& s, const std::string& where) {
  if (s.times.empty()) wrong(where, "no times are given", "none", "one time for each value");
  for (std::size_t i = 0; i < s.times.size(); ++i)
    if (!(s.times[i] >= 0 && (i == 0 || s.times[i] > s.times[i - 1])))
      wrong(where, "the times do not ascend at place " + std::to_string(i),
            std::to_string(s.times[i]) + " steps", "ascending times >= 0");
  if (s.value.kind() != Values::Kind::array)
    wrong(where, "values by time must be an array", "one value",
          std::to_string(s.times.size()) + " values");
}

void check_samples(const Stimulus& s, std::uint32_t size, const std::string& where) {
  if (s.samples.empty() || s.samples.size() % size != 0)
    throw ShapeError({.where = where,
                      .what = "the number of samples is no multiple of the number of neurons",
                      .got = std::to_string(s.samples.size()) + " samples",
                      .expected = "a multiple of " + std::to_string(size)});
  for (std::size_t i = 0; i < s.samples.size(); ++i)
    if (!std::isfinite(s.samples[i]))
      wrong(where, "sample " + std::to_string(i) + " is not finite",
            to_string(Quantity(s.samples[i])), "finite samples");
}

}  // namespace

std::uint32_t Network::stimulate(Stimulus s) {
  std::string where = s.name.empty() ? "stimulus" : "stimulus '" + s.name + "'";
  checks::view(s.to, populations_, where);
  const Population& p = populations_[s.to.population];
  std::vector<std::string> taken;
  for (const Stimulus& other : stimuli_) taken.push_back(other.name);
  const bool arrivals = s.kind == Kind::poisson;
  const model::Variable& target = checks::variable(
      p.model, s.target, arrivals ? checks::states : checks::parameters, where + ", target");
  s.name = checks::unique_name(s.name, "stimulus of " + p.name + " : " + target.name, taken, where);
  where = "stimulus '" + s.name + "'";
  check_timing(s, where);
  const std::uint32_t size = s.to.size();
  if (s.kind == Kind::steps) {
    check_steps(s, where);
    checks::values(s.value, target.dimension, s.times.size(), where + ", value");
  } else if (s.kind == Kind::constant || arrivals || !(s.value == Values(0.0))) {
    // Other kinds may leave the value out: zero then needs no unit.
    checks::values(s.value, target.dimension, size, where + ", value");
  }
  if (s.kind == Kind::sine) {
    check_amplitude(s, target.dimension, where);
    const double f = internal_value(s.frequency, dimension::frequency, where + ", frequency");
    if (!(std::isfinite(f) && f >= 0))
      wrong(where + ", frequency", "out of range", to_string(s.frequency), "0 Hz or more");
    if (!std::isfinite(s.phase))
      wrong(where, "the phase is not finite", to_string(Quantity(s.phase)), "an angle in radians");
  }
  if (s.kind == Kind::noise) check_amplitude(s, target.dimension, where);
  if (arrivals) {
    checks::values(s.rate, dimension::frequency, size, where + ", rate");
    not_negative(s.rate, where + ", rate");
    if (!(s.sources >= 0 && std::isfinite(s.sources)))
      wrong(where, "the number of sources is negative", to_string(Quantity(s.sources)),
            "0 or more");
  }
  if (s.kind == Kind::array) check_samples(s, size, where);
  s.target = target.name;
  stimuli_.push_back(std::move(s));
  return static_cast<std::uint32_t>(stimuli_.size() - 1);
}

void Network::record_spikes(View view) {
  checks::view(view, populations_, "spike recorder");
  const Population& p = populations_[view.population];
  if (p.model.kind() == model::ModelKind::neuron && p.model.events().empty())
    wrong("spike recorder", "population '" + p.name + "' never spikes",
          "'" + p.model.name() + "', which has no threshold", "a population that spikes");
  recorders_.push_back({.kind = Recorder::Kind::spikes, .view = std::move(view)});
}

void Network::record(View view, std::string variable, Quantity interval) {
  checks::view(view, populations_, "recorder");
  const Population& p = populations_[view.population];
  const std::string where = "recorder of '" + p.name + "'";
  const model::Variable& v = checks::variable(
      p.model, variable,
      {.state = true, .subexpression = true, .plural = "states and subexpressions"}, where);
  const std::int64_t steps =
      interval == Quantity(0, dimension::time) ? 1 : grid_.steps(interval, where + ", interval");
  if (!(steps >= 1)) wrong(where, "the interval is no step", to_string(interval), "1 step or more");
  recorders_.push_back({.kind = Recorder::Kind::variable,
                        .view = std::move(view),
                        .variable = v.name,
                        .interval = steps});
}

void Network::record_weights(std::uint32_t projection, Quantity interval) {
  if (projection >= projections_.size())
    wrong("weight recorder", "there is no such projection", std::to_string(projection),
          "below " + std::to_string(projections_.size()));
  const std::string where = "weight recorder of '" + projections_[projection].name + "'";
  const std::int64_t steps =
      interval == Quantity(0, dimension::time) ? 1 : grid_.steps(interval, where + ", interval");
  if (!(steps >= 1)) wrong(where, "the interval is no step", to_string(interval), "1 step or more");
  recorders_.push_back(
      {.kind = Recorder::Kind::weights, .projection = projection, .interval = steps});
}

}  // namespace callosum
