#include <cmath>

#include "callosum/core/error.h"
#include "callosum/report/chart_parts.h"
#include "callosum/report/palette.h"

namespace callosum::report {

std::string drawn(const Dots& dots, const std::string& title, const Layout& layout) {
  if (dots.x.size() != dots.y.size() ||
      (!dots.colour.empty() && dots.colour.size() != dots.x.size()))
    throw ShapeError({.where = "dots '" + title + "'",
                      .what = "its parts have different lengths",
                      .got = std::to_string(dots.x.size()) + " x, " +
                             std::to_string(dots.y.size()) + " y, " +
                             std::to_string(dots.colour.size()) + " colours"});
  Span xs(false), ys(false);
  xs.take(dots.x);
  ys.take(dots.y);
  Plot plot;
  plot.x = xs.axis(layout.ticks, dots.x_title);
  plot.y = ys.axis(layout.narrow ? 4 : 6, dots.y_title);
  widen(plot.x, 0.01);
  widen(plot.y, 0.03);
  const double height = layout.narrow ? 220 : 320, left = left_margin(plot.y, layout), top = 8;
  plot.box = {left, top, layout.width - left - 16, height};
  Svg svg(layout.width, top + height + 50, layout.narrow ? "narrow" : "wide", title);
  draw_y_axis(svg, plot, layout);
  for (std::size_t tone = 0; tone < population_tones.size(); ++tone) {
    std::string d;
    for (std::size_t i = 0; i < dots.x.size(); ++i) {
      const std::size_t own = dots.colour.empty() ? 0 : dots.colour[i] % population_tones.size();
      if (own != tone || !std::isfinite(dots.x[i]) || !std::isfinite(dots.y[i])) continue;
      d += 'M';
      append_coordinate(d, plot.px(dots.x[i]) - 0.8);
      d += ' ';
      append_coordinate(d, plot.py(dots.y[i]));
      d += "h1.6";
    }
    svg.path(d, stroke(population_tone(tone)) + " stroke-width=\"2\"");
  }
  draw_frame(svg, plot);
  draw_x_axis(svg, plot, layout, true);
  draw_titles(svg, plot, layout);
  return svg.finish();
}

}  // namespace callosum::report
