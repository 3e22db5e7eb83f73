#include <algorithm>

#include "callosum/report/figures.h"
#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

constexpr int most_bins = 250;

/// The outline of a row of bars, from the base line and back to it if `closed`.
std::string outline(const std::vector<double>& rate, const Plot& plot, double bin, double end,
                    bool closed) {
  std::string d;
  const auto point = [&](char command, double x, double y) {
    d += command;
    append_coordinate(d, plot.px(x));
    d += ' ';
    append_coordinate(d, plot.py(y));
  };
  point('M', 0, closed ? 0 : rate.front());
  for (std::size_t i = 0; i < rate.size(); ++i) {
    const double from = static_cast<double>(i) * bin;
    if (closed || i > 0) point('L', from, rate[i]);
    d += 'H';
    append_coordinate(d, plot.px(std::min(from + bin, end)));
  }
  if (closed) {
    point('L', end, 0);
    d += 'Z';
  }
  return d;
}

double panel_height(std::size_t panels, bool narrow) {
  if (panels == 1) return narrow ? 130 : 160;
  if (panels == 2) return narrow ? 90 : 110;
  return panels <= 4 ? 72 : 52;
}

std::string draw(const Recording& recording, const std::vector<SpikeSeries>& series,
                 const Layout& layout) {
  const double end_ms = static_cast<double>(recording.steps) * recording.dt_ms;
  const std::int64_t bin = pleasant_bin(recording.steps, recording.dt_ms, most_bins);
  const TimeAxis time = time_axis(0, end_ms, layout.ticks);
  const double left = name_column(series, layout), right = 16;
  const double height = panel_height(series.size(), layout.narrow), gap = 16;
  const double all = static_cast<double>(series.size()) * (height + gap);
  Svg svg(layout.width, all + 8 + 36, layout.narrow ? "narrow" : "wide",
          "Population rates in Hz over time, one panel a population");
  svg.vertical_text(layout.small, 8 + (all - gap) / 2, "rate (Hz)", layout.text, fill("soft"));
  Plot plot;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const SpikeSeries& one = series[s];
    const std::vector<double> rate =
        binned_rate_hz(*one.record, recording.steps, bin, recording.dt_ms);
    const double top = rate.empty() ? 0 : *std::max_element(rate.begin(), rate.end());
    plot.box = {left, 8 + static_cast<double>(s) * (height + gap), layout.width - left - right,
                height};
    plot.x = time.axis;
    plot.y = rounded_axis(0, top > 0 ? top : 1, height > 60 ? 3 : 2);
    for (double tick : time.axis.ticks)
      svg.line(plot.px(tick), plot.box.y, plot.px(tick), plot.box.bottom(), stroke("rule"));
    draw_y_axis(svg, plot, layout);
    if (!rate.empty()) {
      const double width = static_cast<double>(bin) * recording.dt_ms * time.scale;
      const double end = end_ms * time.scale;
      svg.path(outline(rate, plot, width, end, true),
               fill(population_tone(one.colour)) + " fill-opacity=\"0.22\"");
      svg.path(outline(rate, plot, width, end, false),
               stroke(population_tone(one.colour)) + " stroke-width=\"1.3\"");
    }
    draw_frame(svg, plot);
    draw_x_axis(svg, plot, layout, s + 1 == series.size());
    const double names = layout.small + 10, ticks = layout.narrow ? 30 : 46;
    draw_name(svg, names, plot.box.y + height / 2 + 0.35 * layout.text, one.label, one.colour,
              left - names - ticks, layout.text);
  }
  svg.text(plot.box.x + plot.box.width / 2, plot.box.bottom() + 40, time.axis.title, Anchor::middle,
           layout.text, fill("soft"));
  return svg.finish();
}

}  // namespace

Figure rate_figure(const Recording& recording, const std::vector<SpikeSeries>& series) {
  const std::int64_t bin = pleasant_bin(recording.steps, recording.dt_ms, most_bins);
  const std::string caption = "Spikes of a population per neuron and second, in bins of " +
                              duration(static_cast<double>(bin) * recording.dt_ms) +
                              "; each panel has its own scale.";
  return both_layouts("rates", "Population rates", caption,
                      [&](const Layout& layout) { return draw(recording, series, layout); });
}

}  // namespace callosum::report
