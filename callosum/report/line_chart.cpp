#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/report/chart_parts.h"
#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {
namespace {

void check(const Line& line) {
  const bool band = !line.low.empty() || !line.high.empty();
  if (line.x.size() == line.y.size() &&
      (!band || (line.low.size() == line.y.size() && line.high.size() == line.y.size())))
    return;
  throw ShapeError({.where = "line '" + line.name + "'",
                    .what = "its parts have different lengths",
                    .got = std::to_string(line.x.size()) + " x, " + std::to_string(line.y.size()) +
                           " y, " + std::to_string(line.low.size()) + " low, " +
                           std::to_string(line.high.size()) + " high"});
}

void append_point(std::string& d, char command, double x, double y) {
  d += command;
  append_coordinate(d, x);
  d += ' ';
  append_coordinate(d, y);
}

std::string curve(const Line& line, const Plot& plot) {
  std::string d;
  bool down = false;
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    const double x = on_axis(plot.x, line.x[i]), y = on_axis(plot.y, line.y[i]);
    const bool shown = std::isfinite(x) && std::isfinite(y);
    if (shown) append_point(d, down ? 'L' : 'M', plot.px(x), plot.py(y));
    down = shown;
  }
  return d;
}

/// The outline of each stretch in which the whole band can be drawn.
std::string band(const Line& line, const Plot& plot) {
  std::string d;
  const auto shown = [&](std::size_t i) {
    return std::isfinite(on_axis(plot.x, line.x[i])) &&
           std::isfinite(on_axis(plot.y, line.low[i])) &&
           std::isfinite(on_axis(plot.y, line.high[i]));
  };
  const auto point = [&](char command, std::size_t i, const std::vector<double>& edge) {
    const double y = std::clamp(plot.py(on_axis(plot.y, edge[i])), plot.box.y, plot.box.bottom());
    append_point(d, command, plot.px(on_axis(plot.x, line.x[i])), y);
  };
  for (std::size_t i = 0; i < line.low.size();) {
    std::size_t end = i;
    while (end < line.low.size() && shown(end)) ++end;
    if (end > i + 1) {
      for (std::size_t k = i; k < end; ++k) point(k == i ? 'M' : 'L', k, line.low);
      for (std::size_t k = end; k-- > i;) point('L', k, line.high);
      d += 'Z';
    }
    i = end + 1;
  }
  return d;
}

}  // namespace

std::string drawn(const Lines& lines, const std::string& title, const Layout& layout) {
  Span xs(lines.log_x), ys(lines.log_y);
  std::vector<std::string> names;
  for (const Line& line : lines.lines) {
    check(line);
    names.push_back(line.name);
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      if (lines.log_x && !(line.x[i] > 0)) continue;
      xs.take(line.x[i]);
      ys.take(line.y[i]);
    }
  }
  const double height = layout.narrow ? 210 : 320, right = 16;
  Plot plot;
  plot.x = xs.axis(layout.ticks, lines.x_title);
  plot.y = ys.axis(layout.narrow ? 4 : 6, lines.y_title);
  widen(plot.y, 0.04);
  const double left = left_margin(plot.y, layout);
  const double top = draw_legend(nullptr, names, left, 0, layout.width - left - right, layout) + 8;
  Svg svg(layout.width, top + height + 50, layout.narrow ? "narrow" : "wide", title);
  plot.box = {left, top, layout.width - left - right, height};
  draw_legend(&svg, names, left, 0, plot.box.width, layout);
  draw_y_axis(svg, plot, layout);
  for (std::size_t i = 0; i < lines.lines.size(); ++i)
    svg.path(band(lines.lines[i], plot), fill(population_tone(i)) + " fill-opacity=\"0.16\"");
  for (std::size_t i = 0; i < lines.lines.size(); ++i)
    svg.path(curve(lines.lines[i], plot),
             stroke(population_tone(i)) + " stroke-width=\"1.8\" stroke-linejoin=\"round\"" +
                 (lines.lines[i].dashed ? " stroke-dasharray=\"6 4\"" : ""));
  draw_frame(svg, plot);
  draw_x_axis(svg, plot, layout, true);
  draw_titles(svg, plot, layout);
  return svg.finish();
}

}  // namespace callosum::report
