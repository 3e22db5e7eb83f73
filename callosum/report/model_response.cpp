#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/model/symbolic.h"
#include "callosum/report/model_charts.h"
#include "callosum/report/model_page.h"
#include "callosum/report/nullcline.h"
#include "callosum/report/text.h"
#include "callosum/sim/simulation.h"

namespace callosum::report {
namespace {

using model::Model;
using model::Variable;
using model::VariableKind;

std::vector<const Variable*> states(const Model& m) {
  std::vector<const Variable*> all;
  for (const Variable& v : m.variables())
    if (v.kind == VariableKind::state) all.push_back(&v);
  return all;
}

/// Whether `name` has a part in `e`, through subexpressions or states too.
bool depends(const Model& m, const model::Expression& e, const std::string& name,
             std::set<std::string>& seen) {
  return model::symbolic::mentions(e, [&](const std::string& n) {
    if (n == name) return true;
    const Variable* v = m.find(n);
    return v != nullptr && v->rhs && seen.insert(n).second && depends(m, *v->rhs, name, seen);
  });
}

/// The parameter that stands for input from outside: one of that name, or else a current that
/// reaches a state; null without one.
const Variable* drive(const Model& m) {
  for (const char* name : {"I_e", "I", "P", "x"})
    if (const Variable* v = m.find(name); v && v->kind == VariableKind::parameter) return v;
  for (const Variable& v : m.variables())
    if (v.kind == VariableKind::parameter && v.dimension == dimension::current)
      for (const Variable* state : states(m)) {
        std::set<std::string> seen;
        if (depends(m, *state->rhs, v.name, seen)) return &v;
      }
  return nullptr;
}

/// States on which spikes arrive: currents and conductances that decay by themselves and that no
/// event writes; else the first state.
std::vector<const Variable*> arrivals(const Model& m) {
  std::vector<const Variable*> found;
  for (const Variable* v : states(m)) {
    bool alone = v->dimension == dimension::current || v->dimension == dimension::conductance;
    for (const Variable* other : states(m))
      alone = alone && (other == v || !model::symbolic::mentions(*v->rhs, other->name));
    for (const model::Event& e : m.events())
      for (const model::Statement& s : e.actions) alone = alone && s.target != v->name;
    if (alone) found.push_back(v);
  }
  if (found.empty() && !states(m).empty()) found.push_back(states(m).front());
  return found;
}

double weight(const Variable& v) {
  if (v.dimension == dimension::current) return v.name.ends_with("_in") ? -100 : 100;
  if (v.dimension == dimension::voltage) return 1;
  return v.dimension == dimension::conductance ? 2 : 0.1;
}

/// The state that the pictures show: the first that the input reaches.
const Variable& observed(const Model& m) {
  const auto all = states(m);
  if (const Variable* input = drive(m))
    for (const Variable* v : all) {
      std::set<std::string> seen;
      if (depends(m, *v->rhs, input->name, seen)) return *v;
    }
  return *all.front();
}

struct Curve {
  std::vector<double> input, output;
  bool rate = true;
};

/// Rate, or final value of the first state, over the input; inputs that make a state overflow are
/// left out.
Curve input_curve(const Model& m, const Variable& input, double dt_ms) {
  const bool plain = input.dimension.none();
  for (int points = 28; points >= 4; points -= 6) {
    std::vector<double> x;
    for (int k = 0; k < points; ++k) x.push_back((plain ? 0.05 : 20) * (std::pow(1.22, k) - 1) * 5);
    Network net(ms(dt_ms), m.name());
    PopulationOptions options;
    std::vector<double> values = x;
    for (double& v : values) v += input.value.value_or(0);
    options.parameters.emplace(input.name, Values::array(values, input.dimension));
    const View all = net.add("neurons", static_cast<std::uint32_t>(points), m, options);
    if (!m.events().empty()) net.record_spikes(all);
    Simulation sim(net, {.precision = Precision::twofold});
    try {
      sim.run(ms(1000));
    } catch (const NumericalError&) {
      continue;
    }
    Curve curve{x, {}, !m.events().empty()};
    if (!curve.rate) {
      curve.output = sim.get(all, observed(m).name);
      return curve;
    }
    curve.output.assign(x.size(), 0);
    const Recording recording = sim.recording();
    for (std::uint32_t i : recording.spikes.at(0).neurons) curve.output[i] += 1;
    // Beyond some rate a curve tells of the cut, not of the neuron; and where input has silenced
    // the neuron there is nothing more to see.
    std::size_t shown = 0;
    double highest = 0;
    for (; shown < x.size(); ++shown) {
      if (shown > 1 && curve.output[shown - 1] >= 200) break;
      if (shown > 1 && highest > 5 && curve.output[shown - 1] < 0.2 * highest &&
          curve.output[shown - 2] < 0.2 * highest)
        break;
      highest = std::max(highest, curve.output[shown]);
    }
    curve.input.resize(shown);
    curve.output.resize(shown);
    return curve;
  }
  return {};
}

Recording stepped(const Model& m, const Variable& input, double amplitude, double dt_ms) {
  Network net(ms(dt_ms), m.name());
  const View neuron = net.add("neuron", 1, m);
  Stimulus step;
  step.kind = Stimulus::Kind::steps;
  step.to = neuron;
  step.target = input.name;
  step.times = {std::llround(50 / dt_ms), std::llround(250 / dt_ms)};
  step.value = Values::array({amplitude, 0.0}, input.dimension);
  net.stimulate(step);
  for (const Variable* v : states(m)) net.record(neuron, v->name, ms(dt_ms));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(300));
  return sim.recording();
}

/// A run's values and a tenth beyond them.
StateRange shown_range(const Variable& v, const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = 0.1 * std::max(*high - *low, 1e-3);
  return {v.name, *low - margin, *high + margin};
}

Chart phase_plane(const Model& m, const Recording& run, const Variable& input, double amplitude) {
  const auto all = states(m);
  std::vector<double> x = of_neuron(run.traces[0], 0), y = of_neuron(run.traces[1], 0);
  const StateRange across = shown_range(*all[0], x), up = shown_range(*all[1], y);
  Lines lines{titled(*all[0]), titled(*all[1]), false, false, {}};
  lines.lines.push_back({"trajectory", std::move(x), std::move(y)});
  for (const Variable* v : all)
    if (auto line = nullcline(m, v->name, across, up, input.name, amplitude))
      lines.lines.push_back(std::move(*line));
  const std::string nullclines =
      lines.lines.size() > 1 ? " Nullclines are those while the input is raised." : "";
  return {"plane", "Phase plane", "The same run in the plane of both states." + nullclines,
          std::move(lines)};
}

void neuron_charts(const Model& m, double dt_ms, std::vector<Chart>& charts) {
  const auto all = states(m);
  if (all.empty()) return;
  const Variable& first = observed(m);
  if (const Variable* input = drive(m)) {
    const Curve curve = input_curve(m, *input, dt_ms);
    double amplitude = input->dimension.none() ? 0.5 : 200;
    // The least that gives 20 Hz, or what gives the highest rate, or the most there is.
    if (curve.rate && !curve.input.empty()) amplitude = curve.input.back();
    double highest = 0;
    for (std::size_t k = 0; k < curve.input.size() && curve.rate && highest < 20; ++k)
      if (curve.output[k] > highest) {
        amplitude = curve.input[k];
        highest = curve.output[k];
      }
    const std::string unit =
        input->dimension.none() ? "" : " " + std::string(input->dimension.internal_name());
    const std::string shown = rounded(amplitude) + unit;
    const Recording run = stepped(m, *input, amplitude, dt_ms);
    const auto shown_trace =
        static_cast<std::size_t>(std::find(all.begin(), all.end(), &first) - all.begin());
    const TraceRecord& course = run.traces[shown_trace];
    charts.push_back(
        {"step", "Step of input",
         first.name + " while " + input->name + " is raised by " + shown + " from 50 to 250 ms.",
         Lines{"time (ms)",
               titled(first),
               false,
               false,
               {{first.name, sample_times(course, dt_ms), of_neuron(course, 0)}}}});
    if (all.size() == 2) charts.push_back(phase_plane(m, run, *input, amplitude));
    if (!curve.input.empty())
      charts.push_back({"input", curve.rate ? "Rate over input" : "Final value over input",
                        curve.rate ? "Spikes in the first second, initial response included."
                                   : first.name + " after one second.",
                        Lines{"added to " + titled(*input),
                              curve.rate ? "rate (Hz)" : titled(first),
                              false,
                              false,
                              {{m.name(), curve.input, curve.output}}}});
  }
  Lines lines{"time (ms)", "change of " + titled(first), false, false, {}};
  std::string caption = "One spike arrives after 10 ms:";
  for (const Variable* target : arrivals(m)) {
    Network net(ms(dt_ms), m.name());
    const View neurons = net.add("neuron", 2, m);
    const View source = net.add_spike_list("spike", 1, {0}, {ms(10 - dt_ms)});
    net.connect(source, net.slice(neurons, 0, 1), all_to_all(),
                {.target = target->name,
                 .weight = Quantity::from_internal(weight(*target), target->dimension)});
    net.record(neurons, first.name, ms(dt_ms));
    Simulation sim(net, {.precision = Precision::twofold});
    sim.run(ms(100));
    const Recording run = sim.recording();
    // The second neuron, which gets nothing, is the rest from which the change is taken.
    std::vector<double> change = of_neuron(run.traces[0], 0), rest = of_neuron(run.traces[0], 1);
    for (std::size_t k = 0; k < change.size(); ++k) change[k] -= rest[k];
    lines.lines.push_back({target->name, sample_times(run.traces[0], dt_ms), change});
    caption +=
        (lines.lines.size() == 1 ? " " : ", ") + rounded(weight(*target)) +
        (target->dimension.none() ? "" : " " + std::string(target->dimension.internal_name())) +
        " on " + target->name;
  }
  charts.push_back({"arrival", "One arriving spike", caption + ".", std::move(lines)});
}

}  // namespace

std::vector<Chart> model_response(const Model& model, double dt_ms) {
  // A map from step to step counts steps: one a millisecond.
  for (const Variable& v : model.variables())
    if (v.kind == VariableKind::state && v.rhs && model::symbolic::mentions(*v.rhs, "dt"))
      dt_ms = 1;
  std::vector<Chart> charts;
  if (model.kind() == model::ModelKind::neuron) neuron_charts(model, dt_ms, charts);
  if (model.kind() == model::ModelKind::synapse) synapse_charts(model, dt_ms, charts);
  if (model.kind() == model::ModelKind::source) source_charts(model, dt_ms, charts);
  return charts;
}

}  // namespace callosum::report
