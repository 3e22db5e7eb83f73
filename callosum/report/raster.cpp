#include <algorithm>

#include "callosum/report/figures.h"
#include "callosum/report/palette.h"
#include "callosum/report/raster_sample.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

/// Heights of the bands: in proportion to the neurons, but never too low for a name.
std::vector<double> band_heights(const std::vector<SpikeSeries>& series, double total,
                                 double least) {
  double neurons = 0;
  for (const SpikeSeries& one : series) neurons += index_range(*one.record).count;
  const double shared = std::max(0.0, total - least * static_cast<double>(series.size()));
  std::vector<double> heights;
  for (const SpikeSeries& one : series)
    heights.push_back(least + shared * index_range(*one.record).count / std::max(neurons, 1.0));
  return heights;
}

/// The marks of one band as one path of short vertical strokes.
std::string marks(const SpikeSeries& one, const std::vector<std::size_t>& spikes,
                  std::uint32_t stride, const Plot& plot, double time_per_step) {
  const IndexRange range = index_range(*one.record);
  const double rows = std::max(1u, (range.count + stride - 1) / stride);
  const double pitch = (plot.box.height - 3) / rows;
  const double length = std::clamp(0.8 * pitch, 1.5, 8.0);
  std::string stroke_down = "v";
  append_coordinate(stroke_down, length);
  std::string d;
  d.reserve(spikes.size() * 16);
  for (std::size_t i : spikes) {
    const double row = (one.record->neurons[i] - range.first) / stride;
    d += 'M';
    append_coordinate(d, plot.px(static_cast<double>(one.record->steps[i]) * time_per_step));
    d += ' ';
    append_coordinate(d, plot.box.y + 1.5 + (row + 0.5) * pitch - length / 2);
    d += stroke_down;
  }
  return d;
}

std::string draw(const Recording& recording, const std::vector<SpikeSeries>& series,
                 const Layout& layout) {
  const auto count = static_cast<double>(series.size());
  const double least = layout.narrow ? 19 : 21;
  double neurons = 0;
  for (const SpikeSeries& one : series) neurons += index_range(*one.record).count;
  const double height = std::max(
      least * count, std::min((layout.narrow ? 220.0 : 250.0) + 24 * count, 40 + 12 * neurons));
  const RasterSample sample = raster_sample(series, layout.raster_spikes);
  const TimeAxis time =
      time_axis(0, static_cast<double>(recording.steps) * recording.dt_ms, layout.ticks);
  const double left = name_column(series, layout), right = 16;
  Plot plot{{left, 8, layout.width - left - right, height}, time.axis, Axis{}};
  Svg svg(layout.width, height + 8 + 44, layout.narrow ? "narrow" : "wide",
          "Spike raster: time on the horizontal axis, neurons by population on the vertical axis");
  svg.vertical_text(layout.small, plot.box.y + height / 2, "neurons", layout.text, fill("soft"));
  for (double tick : time.axis.ticks)
    svg.line(plot.px(tick), plot.box.y, plot.px(tick), plot.box.bottom(), stroke("rule"));
  const std::vector<double> heights = band_heights(series, height, least);
  double y = plot.box.y;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const SpikeSeries& one = series[s];
    Plot band = plot;
    band.box.y = y;
    band.box.height = heights[s];
    const double baseline = y + heights[s] / 2 + 0.35 * layout.text;
    const double names = layout.small + 10;
    const std::string neurons = layout.narrow ? "" : grouped(one.record->size);
    const double numbers = text_width(neurons, layout.small) * 1.1;
    draw_name(svg, names, baseline, one.label, one.colour, left - names - numbers - 14,
              layout.text);
    if (!neurons.empty())
      svg.text(left - 7, baseline, neurons, Anchor::end, layout.small, fill("soft"));
    svg.path(marks(one, sample.spikes[s], sample.stride[s], band, recording.dt_ms * time.scale),
             stroke(population_tone(one.colour)) + " stroke-width=\"1.5\"");
    y += heights[s];
    svg.line(layout.small + 10, y, plot.box.right(), y,
             stroke(s + 1 < series.size() ? "edge" : "frame"));
  }
  draw_frame(svg, plot);
  draw_x_axis(svg, plot, layout, true);
  svg.text(plot.box.x + plot.box.width / 2, plot.box.bottom() + 40, time.axis.title, Anchor::middle,
           layout.text, fill("soft"));
  return svg.finish();
}

std::string ordinal(std::uint32_t n) {
  const std::uint32_t tens = n % 100;
  const bool teen = tens >= 11 && tens <= 13;
  const char* ending = teen          ? "th"
                       : n % 10 == 1 ? "st"
                       : n % 10 == 2 ? "nd"
                       : n % 10 == 3 ? "rd"
                                     : "th";
  return grouped(n) + ending;
}

std::string caption(const std::vector<SpikeSeries>& series) {
  const RasterSample sample = raster_sample(series, wide_layout.raster_spikes);
  std::string out =
      "One mark a spike; neuron 0 of a population is at the top of its band. A band is as high as "
      "its "
      "share of the neurons, but never too low to be seen. ";
  if (sample.shown == sample.total)
    return out + "All " + grouped(sample.total) + " spikes are shown.";
  const auto [low, high] = std::minmax_element(sample.stride.begin(), sample.stride.end());
  if (*high > 1) {
    out += "Shown: every " + ordinal(*high) + " neuron";
    if (*low != *high)
      out += " (small populations: " + (*low == 1 ? "all" : "every " + ordinal(*low) + " neuron") +
             ")";
    out += sample.thinned ? ", and of these a part of the spikes, " : ", ";
  } else {
    out += "Shown: a part of the spikes, ";
  }
  return out + grouped(sample.shown) + " of " + grouped(sample.total) +
         " spikes, fewer on a narrow screen; the choice is the same each time.";
}

}  // namespace

Figure raster_figure(const Recording& recording, const std::vector<SpikeSeries>& series) {
  return both_layouts("raster", "Spikes", caption(series),
                      [&](const Layout& layout) { return draw(recording, series, layout); });
}

}  // namespace callosum::report
