#include <algorithm>
#include <cmath>

#include "callosum/report/figures.h"
#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

constexpr std::size_t most_neurons = 5;
constexpr double longest_ms = 2000;

/// The part of a trace that is drawn: its last two seconds at most.
struct Window {
  std::size_t begin = 0, end = 0;
  double from_ms = 0, to_ms = 0;
};

double time_ms(const Recording& recording, const TraceRecord& trace, std::size_t sample) {
  return static_cast<double>(trace.first + static_cast<std::int64_t>(sample) * trace.interval) *
         recording.dt_ms;
}

Window window(const Recording& recording, const TraceRecord& trace) {
  Window w;
  w.end = trace.samples();
  if (w.end == 0) return w;
  w.to_ms = time_ms(recording, trace, w.end - 1);
  while (w.to_ms - time_ms(recording, trace, w.begin) > longest_ms * (1 + 1e-9)) ++w.begin;
  w.from_ms = time_ms(recording, trace, w.begin);
  return w;
}

std::size_t shown_neurons(const TraceRecord& trace) {
  return std::min(most_neurons, trace.indices.size());
}

struct Range {
  double low = INFINITY, high = -INFINITY;
  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// The line of one neuron. Where samples are denser than pixels, each pixel column is drawn from
/// its least to its greatest value, in the order they came, so that no peak is lost.
std::string curve(const Recording& recording, const TraceRecord& trace, std::size_t neuron,
                  const Window& w, const Plot& plot, double scale) {
  std::string d;
  bool pen_down = false;
  const auto draw_to = [&](double ms, double value) {
    d += pen_down ? 'L' : 'M';
    append_coordinate(d, plot.px(ms * scale));
    d += ' ';
    append_coordinate(d, plot.py(value));
    pen_down = true;
  };
  const auto columns = static_cast<std::size_t>(plot.box.width);
  const std::size_t chunk =
      std::max<std::size_t>(1, (w.end - w.begin) / std::max<std::size_t>(columns, 1));
  for (std::size_t k = w.begin; k < w.end; k += chunk) {
    std::size_t low = k, high = k;
    const auto value = [&](std::size_t sample) {
      return trace.values[sample * trace.indices.size() + neuron];
    };
    bool finite = true;
    for (std::size_t j = k; j < std::min(k + chunk, w.end); ++j) {
      finite = finite && std::isfinite(value(j));
      if (value(j) < value(low)) low = j;
      if (value(j) > value(high)) high = j;
    }
    if (!finite) {
      pen_down = false;
      continue;
    }
    draw_to(time_ms(recording, trace, std::min(low, high)), value(std::min(low, high)));
    if (low != high)
      draw_to(time_ms(recording, trace, std::max(low, high)), value(std::max(low, high)));
  }
  return d;
}

/// Short strokes above a neuron's panel at its spikes, where they are recorded.
std::string spike_marks(const Recording& recording, const TraceRecord& trace, std::uint32_t index,
                        const Window& w, const Plot& plot, double scale) {
  std::string d;
  for (const SpikeRecord& record : recording.spikes) {
    if (record.population != trace.population) continue;
    for (std::size_t i = 0; i < record.neurons.size(); ++i) {
      const double ms = static_cast<double>(record.steps[i]) * recording.dt_ms;
      if (record.neurons[i] != index || ms < w.from_ms || ms > w.to_ms) continue;
      d += 'M';
      append_coordinate(d, plot.px(ms * scale));
      d += ' ';
      append_coordinate(d, plot.box.y - 9);
      d += "v8";
    }
  }
  return d;
}

std::string titled(const TraceRecord& trace) {
  return trace.variable +
         (trace.dimension.none() ? " (no unit)" : " (" + trace.dimension.internal_name() + ")");
}

std::string draw(const Recording& recording, const TraceRecord& trace, const Layout& layout) {
  const Window w = window(recording, trace);
  const std::size_t shown = shown_neurons(trace);
  const std::size_t colour = colour_of(recording, trace.population);
  Range range;
  for (std::size_t k = w.begin; k < w.end; ++k)
    for (std::size_t i = 0; i < shown; ++i) range.take(trace.values[k * trace.indices.size() + i]);
  const double height = shown == 1 ? 150 : shown == 2 ? 110 : 78, gap = 26;
  const double left = layout.narrow ? 62 : 78, right = 16, top = 28;
  const double all = static_cast<double>(shown) * (height + gap);
  const TimeAxis time = time_axis(w.from_ms, w.to_ms, layout.ticks);
  Svg svg(layout.width, top + all + 30, layout.narrow ? "narrow" : "wide",
          trace.variable + " of " + trace.population + " over time, one panel a neuron");
  svg.vertical_text(layout.small, top + (all - gap) / 2,
                    fitted(titled(trace), all - gap, layout.text), layout.text, fill("soft"));
  Plot plot;
  for (std::size_t i = 0; i < shown; ++i) {
    plot.box = {left, top + static_cast<double>(i) * (height + gap), layout.width - left - right,
                height};
    plot.x = time.axis;
    plot.y = axis_over(range.low, range.high, height > 100 ? 5 : 3);
    draw_y_axis(svg, plot, layout);
    svg.path(curve(recording, trace, i, w, plot, time.scale),
             stroke(population_tone(colour)) + " stroke-width=\"1.2\" stroke-linejoin=\"round\"");
    svg.path(spike_marks(recording, trace, trace.indices[i], w, plot, time.scale),
             stroke("ink") + " stroke-width=\"1.4\"");
    draw_frame(svg, plot);
    draw_x_axis(svg, plot, layout, i + 1 == shown);
    svg.text(left - 7 - 34, plot.box.y - 4, "neuron " + grouped(trace.indices[i]), Anchor::start,
             layout.small, fill("soft"));
  }
  svg.text(plot.box.x + plot.box.width / 2, plot.box.bottom() + 40, time.axis.title, Anchor::middle,
           layout.text, fill("soft"));
  return svg.finish();
}

std::string caption(const Recording& recording, const TraceRecord& trace) {
  const Window w = window(recording, trace);
  std::string out =
      "Sampled every " + duration(static_cast<double>(trace.interval) * recording.dt_ms) + ". ";
  if (trace.indices.size() > shown_neurons(trace))
    out += "Shown are the first " + grouped(shown_neurons(trace)) + " of " +
           grouped(trace.indices.size()) + " recorded neurons. ";
  if (w.begin > 0) out += "Shown are the last " + duration(w.to_ms - w.from_ms) + ". ";
  const bool spikes =
      std::any_of(recording.spikes.begin(), recording.spikes.end(),
                  [&](const SpikeRecord& record) { return record.population == trace.population; });
  if (spikes) out += "Strokes above a curve are the neuron&#39;s spikes.";
  return out;
}

}  // namespace

Figure trace_figure(const Recording& recording, const TraceRecord& trace, std::size_t number) {
  return both_layouts("trace-" + std::to_string(number), trace.variable + " of " + trace.population,
                      caption(recording, trace),
                      [&](const Layout& layout) { return draw(recording, trace, layout); });
}

}  // namespace callosum::report
