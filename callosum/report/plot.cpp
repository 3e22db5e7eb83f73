#include "callosum/report/plot.h"

#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {

double Plot::px(double value) const {
  return box.x + (value - x.low) / (x.high - x.low) * box.width;
}

double Plot::py(double value) const {
  return box.bottom() - (value - y.low) / (y.high - y.low) * box.height;
}

void draw_x_axis(Svg& svg, const Plot& plot, const Layout& layout, bool labels) {
  const double y = plot.box.bottom();
  double free_from = -1e9;
  for (double tick : plot.x.ticks) {
    const double x = plot.px(tick);
    svg.line(x, y, x, y + 4, stroke("frame"));
    const std::string label = plot.x.label(tick);
    const double half = text_width(label, layout.small) / 2;
    if (!labels || x - half < free_from || x + half > svg.width()) continue;
    svg.text(x, y + 6 + layout.small, label, Anchor::middle, layout.small, fill("soft"));
    free_from = x + half + 6;
  }
}

void draw_y_axis(Svg& svg, const Plot& plot, const Layout& layout) {
  for (double tick : plot.y.ticks) {
    const double y = plot.py(tick);
    if (tick != plot.y.low) svg.line(plot.box.x, y, plot.box.right(), y, stroke("rule"));
    svg.line(plot.box.x - 4, y, plot.box.x, y, stroke("frame"));
    svg.text(plot.box.x - 7, y + 0.35 * layout.small, plot.y.label(tick), Anchor::end, layout.small,
             fill("soft"));
  }
}

void draw_frame(Svg& svg, const Plot& plot) {
  const Box& b = plot.box;
  svg.line(b.x, b.y, b.x, b.bottom(), stroke("frame"));
  svg.line(b.x, b.bottom(), b.right(), b.bottom(), stroke("frame"));
}

void draw_name(Svg& svg, double x, double baseline, std::string_view name, std::size_t colour,
               double width, double font_size) {
  const double side = 0.7 * font_size;
  svg.rect(x, baseline - side, side, side, fill(population_tone(colour)) + " rx=\"2\"");
  svg.text(x + side + 6, baseline, fitted(name, width - side - 6, font_size), Anchor::start,
           font_size, fill("ink"));
}

}  // namespace callosum::report
