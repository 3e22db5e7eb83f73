#include "callosum/sonata/stimuli.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "callosum/core/error.h"

namespace callosum::sonata {
namespace {

using Kind = Stimulus::Kind;

constexpr std::array kinds = {std::pair{"constant", Kind::constant}, std::pair{"sine", Kind::sine},
                              std::pair{"noise", Kind::noise}, std::pair{"poisson", Kind::poisson}};

double one_value(const Values& values, const Stimulus& s, const char* what) {
  if (values.is_constant()) return values.first();
  throw UnsupportedError({.where = "SONATA circuit, stimulus '" + s.name + "'",
                          .what = std::string("its ") + what + " differs from neuron to neuron"});
}

double hertz(double internal) { return Quantity::from_internal(internal, dimension::frequency).si; }

std::string kind_name(const Stimulus& s) {
  for (const auto& [name, kind] : kinds)
    if (kind == s.kind) return name;
  throw UnsupportedError({.where = "SONATA circuit, stimulus '" + s.name + "'",
                          .what = "a configuration holds no lists of values",
                          .got = s.kind == Kind::steps ? "steps" : "array",
                          .expected = "constant, sine, noise or poisson"});
}

double number(const Input& input, const std::string& key, double fallback) {
  const auto found = input.numbers.find(key);
  return found == input.numbers.end() ? fallback : found->second;
}

std::string text(const Input& input, const std::string& key) {
  const auto found = input.texts.find(key);
  return found == input.texts.end() ? "" : found->second;
}

/// A time in steps, to the nearest.
std::int64_t steps(const Network& network, const Input& input, double ms) {
  if (!(std::abs(ms / network.grid().dt_ms()) < 9e15))
    throw ValueError({.where = "SONATA input '" + input.name + "'",
                      .what = "a time is too long to be counted in steps",
                      .got = std::to_string(ms) + " ms"});
  return network.grid().nearest_steps(ms);
}

Stimulus clamp(const Input& input, bool picoampere) {
  Stimulus s{.kind = Kind::constant, .target = "I_e"};
  s.value =
      Quantity::from_internal(number(input, "amp", 0) * (picoampere ? 1 : 1e3), dimension::current);
  return s;
}

/// What `stimulus_input` has written.
Stimulus own(const Network& network, const Input& input, const View& to) {
  Stimulus s{.target = text(input, "target")};
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const auto& k) { return input.module == k.first; });
  if (found == kinds.end())
    throw NameError({.where = "SONATA input '" + input.name + "', module",
                     .what = "there is no such kind of stimulus",
                     .got = input.module,
                     .expected = "constant, sine, noise or poisson"});
  s.kind = found->second;
  const Dimension d = network.populations().at(to.population).model.at(s.target).dimension;
  s.value = Quantity::from_internal(number(input, "value", 0), d);
  s.amplitude = Quantity::from_internal(number(input, "amplitude", 0), d);
  s.frequency = Quantity(number(input, "frequency", 0), dimension::frequency);
  s.phase = number(input, "phase", 0);
  s.rate = Quantity(number(input, "rate", 0), dimension::frequency);
  s.sources = number(input, "sources", 1);
  s.interval = steps(network, input, number(input, "interval", network.grid().dt_ms()));
  return s;
}

}  // namespace

Json stimulus_input(const Network& network, const Stimulus& s) {
  const std::string kind = kind_name(s);
  const TimeGrid& grid = network.grid();
  Json out;
  if (s.kind == Kind::constant && s.target == "I_e") {
    out = {{"input_type", "current_clamp"}, {"module", "IClamp"}};
    out["amp"] = one_value(s.value, s, "current");
  } else {
    out = {{"input_type", "callosum"}, {"module", kind}, {"target", s.target}};
    out["value"] = one_value(s.value, s, s.kind == Kind::poisson ? "weight" : "value");
    if (s.kind == Kind::sine || s.kind == Kind::noise) out["amplitude"] = s.amplitude.internal();
    if (s.kind == Kind::sine) out["frequency"] = s.frequency.si;
    if (s.kind == Kind::sine) out["phase"] = s.phase;
    if (s.kind == Kind::noise) out["interval"] = grid.time(s.interval).internal();
    if (s.kind == Kind::poisson) out["rate"] = hertz(one_value(s.rate, s, "rate"));
    if (s.kind == Kind::poisson) out["sources"] = s.sources;
  }
  if (s.start > 0) out["delay"] = grid.time(s.start).internal();
  if (s.stop >= 0) out["duration"] = grid.time(s.stop - s.start).internal();
  return out;
}

Stimulus stimulus_of(const Network& network, const Input& input, const View& to, bool picoampere) {
  const bool clamps = input.type == "current_clamp";
  Stimulus s = clamps ? clamp(input, picoampere) : own(network, input, to);
  const std::string& population = network.populations().at(to.population).name;
  s.name = clamps ? input.name + " -> " + population : input.name;
  s.to = to;
  const double delay = number(input, "delay", 0);
  s.start = steps(network, input, delay);
  if (input.numbers.contains("duration"))
    s.stop = steps(network, input, delay + number(input, "duration", 0));
  return s;
}

}  // namespace callosum::sonata
