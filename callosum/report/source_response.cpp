#include <algorithm>
#include <cmath>

#include "callosum/model/flat_model.h"
#include "callosum/model/symbolic.h"
#include "callosum/report/model_charts.h"
#include "callosum/report/text.h"
#include "callosum/sim/simulation.h"

namespace callosum::report {
namespace {

using model::Model;
using model::Variable;
using model::VariableKind;

constexpr std::uint32_t trains = 500, drawn = 20;
constexpr double duration_ms = 1000, bin_ms = 20, train_dt_ms = 0.1;

/// Spikes of all trains.
SpikeRecord emitted(const Model& m) {
  Network net(ms(train_dt_ms), m.name());
  const View all = net.add("trains", trains, m);
  net.record_spikes(all);
  Simulation sim(net);
  sim.run(ms(duration_ms));
  const Recording recording = sim.recording();
  return recording.spikes.at(0);
}

Chart raster(const SpikeRecord& record, double dt_ms, std::string caption) {
  Dots dots{"time (ms)", "train (number)", {}, {}};
  for (std::size_t k = 0; k < record.steps.size(); ++k)
    if (record.neurons[k] < drawn) {
      dots.x.push_back(static_cast<double>(record.steps[k]) * dt_ms);
      dots.y.push_back(record.neurons[k]);
    }
  return {"spikes", "Spikes", std::move(caption), std::move(dots)};
}

Chart rate_over_time(const SpikeRecord& record) {
  const auto bins = static_cast<std::size_t>(duration_ms / bin_ms);
  Line line{"rate", {}, std::vector<double>(bins, 0.0)};
  for (std::size_t b = 0; b < bins; ++b) line.x.push_back((static_cast<double>(b) + 0.5) * bin_ms);
  for (const std::int64_t step : record.steps) {
    const auto b =
        static_cast<std::size_t>((static_cast<double>(step) - 0.5) * train_dt_ms / bin_ms);
    line.y[std::min(b, bins - 1)] += 1000 / (bin_ms * trains);
  }
  return {"rate", "Rate over time",
          "Mean of " + std::to_string(trains) + " trains in bins of " + rounded(bin_ms) + " ms.",
          Lines{"time (ms)", "rate (Hz)", false, false, {std::move(line)}}};
}

/// Intervals between spikes of one train, ms.
std::vector<double> intervals(const SpikeRecord& record) {
  std::vector<std::int64_t> last(trains, -1);
  std::vector<double> found;
  for (std::size_t k = 0; k < record.steps.size(); ++k) {
    std::int64_t& before = last[record.neurons[k]];
    if (before >= 0) found.push_back(static_cast<double>(record.steps[k] - before) * train_dt_ms);
    before = record.steps[k];
  }
  return found;
}

Chart interval_density(const std::vector<double>& found) {
  double mean = 0, square = 0;
  for (const double x : found) {
    mean += x / static_cast<double>(found.size());
    square += x * x / static_cast<double>(found.size());
  }
  const double width = mean / 8;
  Line line{"intervals", {}, std::vector<double>(32, 0.0)};
  for (std::size_t b = 0; b < line.y.size(); ++b)
    line.x.push_back((static_cast<double>(b) + 0.5) * width);
  for (const double x : found)
    if (const auto b = static_cast<std::size_t>(x / width); b < line.y.size())
      line.y[b] += 1000 / (static_cast<double>(found.size()) * width);
  const double cv = std::sqrt(std::max(0.0, square - mean * mean)) / mean;
  return {"intervals", "Intervals between spikes",
          "Of the same trains: mean " + rounded(mean) + " ms, coefficient of variation " +
              rounded(cv) + " (long intervals are cut by the second that is shown).",
          Lines{"interval (ms)", "density (1/s)", false, false, {std::move(line)}}};
}

/// What projections read: a state or subexpression with a unit of current.
const Variable* output(const Model& m) {
  for (const Variable& v : m.variables())
    if (v.kind != VariableKind::parameter && v.dimension == dimension::current) return &v;
  return nullptr;
}

Chart course(const Model& m, const Variable& v, double dt_ms) {
  const bool chance =
      std::any_of(m.variables().begin(), m.variables().end(), [](const Variable& x) {
        return x.rhs && model::symbolic::mentions(*x.rhs, model::is_noise);
      });
  const std::uint32_t shown = chance ? 3 : 1;
  Network net(ms(dt_ms), m.name());
  const View all = net.add("sources", shown, m);
  net.record(all, v.name, ms(2 * dt_ms));
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(ms(300));
  const Recording recording = sim.recording();
  const TraceRecord& trace = recording.traces.at(0);
  Lines lines{"time (ms)", titled(v), false, false, {}};
  for (std::uint32_t i = 0; i < shown; ++i)
    lines.lines.push_back({chance ? "source " + std::to_string(i) : v.name,
                           sample_times(trace, dt_ms), of_neuron(trace, i)});
  return {"course", "Course", chance ? "Three sources, each with noise of its own." : "One source.",
          std::move(lines)};
}

/// An example, for what is given with the population has no default.
Chart given_spikes(double dt_ms) {
  Network net(ms(dt_ms), "spike_list");
  std::vector<std::uint32_t> neurons;
  std::vector<Quantity> times;
  for (std::uint32_t i = 0; i < 5; ++i)
    for (int k = 1; k <= 6; ++k) {
      neurons.push_back(i);
      times.push_back(ms(10.0 * k * (i + 1)));
    }
  net.record_spikes(net.add_spike_list("list", 5, neurons, times));
  Simulation sim(net);
  sim.run(ms(350));
  const Recording recording = sim.recording();
  return raster(recording.spikes.at(0), dt_ms,
                "Five neurons that were given six times each: multiples of 10, 20, 30, 40, 50 ms.");
}

}  // namespace

void source_charts(const Model& m, double dt_ms, std::vector<Chart>& charts) {
  if (m.text().equations.text.empty()) {
    charts.push_back(given_spikes(dt_ms));
    return;
  }
  if (const Variable* v = output(m)) charts.push_back(course(m, *v, dt_ms));
  if (m.events().empty()) return;
  const SpikeRecord record = emitted(m);
  charts.push_back(
      raster(record, train_dt_ms, std::to_string(drawn) + " trains with default values."));
  charts.push_back(rate_over_time(record));
  const std::vector<double> found = intervals(record);
  if (!found.empty()) charts.push_back(interval_density(found));
}

}  // namespace callosum::report
