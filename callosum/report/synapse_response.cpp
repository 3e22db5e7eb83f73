#include <algorithm>
#include <cmath>
#include <set>

#include "callosum/library/library.h"
#include "callosum/model/symbolic.h"
#include "callosum/report/model_charts.h"
#include "callosum/report/text.h"
#include "callosum/sim/simulation.h"

namespace callosum::report {
namespace {

using model::Model;
using model::Statement;
using model::Variable;
using model::VariableKind;

bool has_states(const Model& m) {
  return std::any_of(m.variables().begin(), m.variables().end(),
                     [](const Variable& v) { return v.kind == VariableKind::state; });
}

/// Integrates what it is given, so that increments divided by dt are the input.
Model probe(const std::string& input, const std::string& unit) {
  model::ModelText t;
  t.name = "probe";
  t.equations.text = input + " : " + unit + "\ndprobe_sum/dt = " + input + " : " + unit + "*second";
  return Model(t);
}

void summed_charts(const Model& m, double dt_ms, std::vector<Chart>& charts) {
  for (const Variable& v : m.variables()) {
    if (!v.summed || !v.name.ends_with("_post") || !has_states(m)) continue;
    const std::string target = v.name.substr(0, v.name.size() - 5);
    const char* unit = v.dimension == dimension::current       ? "amp"
                       : v.dimension == dimension::conductance ? "siemens"
                                                               : nullptr;
    if (unit == nullptr || v.rhs == nullptr) continue;
    Network net(ms(dt_ms), m.name());
    const View list = net.add_spike_list("list", 1, {0, 0, 0}, {ms(10), ms(30), ms(50)});
    PopulationOptions options;
    options.parameters.emplace(target, Quantity::from_internal(0, v.dimension));
    const View to = net.add("to", 1, probe(target, unit), options);
    net.connect(list, to, all_to_all(),
                {.target = "", .weight = Quantity::from_internal(1, v.dimension), .model = m});
    net.record(to, "probe_sum", ms(dt_ms));
    Simulation sim(net, {.precision = Precision::twofold});
    sim.run(ms(250));
    const Recording recording = sim.recording();
    const TraceRecord& trace = recording.traces.at(0);
    std::vector<double> t = sample_times(trace, dt_ms), input(t.size() - 1);
    t.pop_back();
    for (std::size_t k = 0; k < t.size(); ++k)
      input[k] = (trace.values[k + 1] - trace.values[k]) / dt_ms;
    charts.push_back({"course", "What the target receives",
                      "Spikes at 10, 30 and 50 ms over one synapse of weight 1 " +
                          std::string(v.dimension.internal_name()) + ".",
                      Lines{"time (ms)",
                            target + " (" + std::string(v.dimension.internal_name()) + ")",
                            false,
                            false,
                            {{target, t, input}}}});
  }
}

/// Whether neurons of the library that have a variable of this name mean a voltage.
bool is_voltage(const std::string& name) {
  for (const std::string& neuron : library::names(model::ModelKind::neuron)) {
    const Model model = library::neuron(neuron);
    if (const Variable* v = model.find(name); v != nullptr)
      return v->dimension == dimension::voltage;
  }
  return false;
}

/// A target that fires when it is told to (`kick`), takes what arrives (`input`), and has 1 (of its
/// unit) for every variable that the synapse reads of it.
Model listener(const Model& m) {
  std::set<std::string> read;
  for (const auto* statements : {&m.on_pre(), &m.on_post()})
    for (const Statement& s : *statements)
      model::symbolic::mentions(*s.value, [&](const std::string& name) {
        if (name.ends_with("_post") && m.find(name) == nullptr)
          read.insert(name.substr(0, name.size() - 5));
        return false;
      });
  model::ModelText t;
  t.name = "listener";
  t.equations.text = "dinput/dt = 0/second : 1\ndkick/dt = 0/second : 1";
  for (const std::string& name : read) {
    const bool voltage = is_voltage(name);
    t.equations.text += "\n" + name + (voltage ? " : volt" : " : 1");
    t.parameters.push_back({name, voltage ? "1 mV" : "1", "", "", {}});
  }
  t.threshold.text = "kick > 0.5";
  t.reset.text = "kick = 0";
  return Model(t);
}

/// 1 for bounds and scales that have the unit of the weight and no default.
std::map<std::string, Values> ones(const Model& m) {
  std::map<std::string, Values> values;
  for (const Variable& v : m.variables())
    if (v.kind == VariableKind::parameter && v.of_weight && !v.value) values.emplace(v.name, 1.0);
  return values;
}

/// What moves from event to event is exact at any step.
constexpr double event_dt_ms = 1;

/// What each of ten spikes in a row, and one after a pause, adds to the target.
Chart delivered(const Model& m) {
  Network net(ms(event_dt_ms), m.name());
  std::vector<Quantity> given;
  std::vector<double> at;
  for (int k = 1; k <= 11; ++k) at.push_back(k <= 10 ? 50.0 * k : 1000);
  for (const double t : at) given.push_back(ms(t));
  const View list =
      net.add_spike_list("list", 1, std::vector<std::uint32_t>(given.size(), 0), given);
  const View to = net.add("to", 1, listener(m));
  net.connect(
      list, to, all_to_all(),
      {.target = "input", .weight = 1.0, .delay = ms(1), .model = m, .parameters = ones(m)});
  net.record(to, "input", ms(event_dt_ms));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(1050));
  const Recording recording = sim.recording();
  const std::vector<double> input = of_neuron(recording.traces.at(0), 0);
  Line line{"added", at, {}};
  for (const double t : at) {
    const auto k = static_cast<std::size_t>(std::llround(t / event_dt_ms));
    const auto later = static_cast<std::size_t>(std::llround((t + 2) / event_dt_ms));
    line.y.push_back(input[later] - input[k]);
  }
  return {"delivered", "What spikes deliver",
          "Ten spikes 50 ms apart and one at 1 s, over a synapse of weight 1.",
          Lines{"time (ms)", "added to the target (weight)", false, false, {std::move(line)}}};
}

/// The weight after twenty pairs of spikes, over the time from the source's to the target's.
Chart pairing(const Model& m) {
  constexpr int pairs = 20, half = 20;
  constexpr double apart = 500, grid = 4;
  Network net(ms(event_dt_ms), m.name());
  std::vector<std::uint32_t> neurons, told;
  std::vector<Quantity> source_times, target_times;
  Line line{"change", {}, {}};
  for (int i = -half; i <= half; ++i) {
    const double lag = grid * i + (i == 0 ? 1 : 0);
    line.x.push_back(lag);
    for (int k = 0; k < pairs; ++k) {
      neurons.push_back(static_cast<std::uint32_t>(i + half));
      source_times.push_back(ms(200 + apart * k));
      // Both act one step after they are told, and the target fires at the end of that step.
      target_times.push_back(ms(200 + apart * k + lag));
    }
  }
  const auto size = static_cast<std::uint32_t>(2 * half + 1);
  const View from = net.add_spike_list("from", size, neurons, source_times);
  const View tell = net.add_spike_list("tell", size, neurons, target_times);
  const View to = net.add("to", size, listener(m));
  const auto learning =
      net.connect(from, to, one_to_one(),
                  {.target = "input", .weight = 0.5, .model = m, .parameters = ones(m)});
  net.connect(tell, to, one_to_one(), {.target = "kick", .weight = 1.0});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(400 + apart * pairs));
  for (const double w : sim.get_synapses(learning, "weight")) line.y.push_back(200 * (w - 0.5));
  return {"pairing", "What pairs of spikes do to the weight",
          "After " + std::to_string(pairs) + " pairs " + rounded(apart) +
              " ms apart; the weight was 0.5, bounds and scales are 1, and so are variables of the "
              "target that the rule reads.",
          Lines{"target's spike after the source's (ms)",
                "change of the weight (%)",
                false,
                false,
                {std::move(line)}}};
}

/// The weight of a rule that asks the target for nothing but a variable, spike by spike.
Chart taught(const Model& m) {
  constexpr int spikes = 60;
  constexpr double apart = 50;
  Network net(ms(event_dt_ms), m.name());
  std::vector<Quantity> given;
  for (int k = 0; k < spikes; ++k) given.push_back(ms(apart * k + 10));
  const View list = net.add_spike_list("list", 1, std::vector<std::uint32_t>(spikes, 0), given);
  const View to = net.add("to", 1, listener(m));
  const auto learning =
      net.connect(list, to, all_to_all(),
                  {.target = "input", .weight = 0.5, .model = m, .parameters = ones(m)});
  Simulation sim(net, {.precision = Precision::twofold});
  Line line{"weight", {}, {}};
  for (int k = 0; k <= spikes; ++k) {
    line.x.push_back(apart * k);
    line.y.push_back(sim.get_synapses(learning, "weight").at(0));
    if (k < spikes) sim.run(ms(apart));
  }
  return {
      "taught", "What spikes do to the weight",
      "A spike every " + rounded(apart) +
          " ms; bounds and scales are 1, and so are variables of the target that the rule reads.",
      Lines{"time (ms)", "weight (no unit)", false, false, {std::move(line)}}};
}

/// Two passive membranes joined both ways; a current flows into one of them.
Chart coupling(const Model& m, double dt_ms) {
  Network net(ms(dt_ms), m.name());
  const Model membrane = library::neuron("leaky_integrator");
  const View pair = net.add("pair", 2, membrane);
  net.connect(
      pair, pair, pairs({0, 1}, {1, 0}),
      {.target = "", .weight = Quantity::from_internal(5, dimension::conductance), .model = m});
  Stimulus step;
  step.kind = Stimulus::Kind::steps;
  step.to = net.slice(pair, 0, 1);
  step.target = "I_e";
  step.times = {std::llround(50 / dt_ms), std::llround(200 / dt_ms)};
  step.value = Values::array({100.0, 0.0}, dimension::current);
  net.stimulate(step);
  net.record(pair, "V_m", ms(dt_ms));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(300));
  const Recording recording = sim.recording();
  const TraceRecord& trace = recording.traces.at(0);
  Lines lines{"time (ms)", "V_m (mV)", false, false, {}};
  for (std::size_t i = 0; i < 2; ++i)
    lines.lines.push_back(
        {i == 0 ? "with current" : "without", sample_times(trace, dt_ms), of_neuron(trace, i)});
  return {"coupling", "Two membranes",
          "Two leaky_integrator joined both ways by 5 nS; 100 pA flow into one from 50 to 200 ms.",
          std::move(lines)};
}

}  // namespace

void synapse_charts(const Model& m, double dt_ms, std::vector<Chart>& charts) {
  // What a third factor does is not shown by two neurons.
  if (std::any_of(m.variables().begin(), m.variables().end(),
                  [](const Variable& v) { return v.linked; }))
    return;
  const std::size_t before = charts.size();
  summed_charts(m, dt_ms, charts);
  if (charts.size() > before) return;
  if (m.on_pre().empty() && m.on_post().empty()) {
    if (m.find("I_e_post") != nullptr) charts.push_back(coupling(m, dt_ms));
    return;
  }
  const auto learns = [](const Statement& s) { return s.target == "weight"; };
  const bool plastic = std::any_of(m.on_pre().begin(), m.on_pre().end(), learns) ||
                       std::any_of(m.on_post().begin(), m.on_post().end(), learns);
  charts.push_back(!plastic ? delivered(m) : m.on_post().empty() ? taught(m) : pairing(m));
}

}  // namespace callosum::report
