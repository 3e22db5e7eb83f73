#include "callosum/report/chart_parts.h"

#include <algorithm>

#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {

double left_margin(const Axis& axis, const Layout& layout) {
  double widest = 0;
  for (double tick : axis.ticks)
    widest = std::max(widest, text_width(axis.label(tick), layout.small));
  return layout.text + 14 + widest + 9;
}

void draw_titles(Svg& svg, const Plot& plot, const Layout& layout) {
  const Box& box = plot.box;
  svg.vertical_text(layout.text, box.y + box.height / 2,
                    fitted(plot.y.title, box.height + 30, layout.text), layout.text, fill("soft"));
  svg.text(box.x + box.width / 2, box.bottom() + 40,
           fitted(plot.x.title, box.width + 30, layout.text), Anchor::middle, layout.text,
           fill("soft"));
}

double draw_legend(Svg* svg, const std::vector<std::string>& names, double x, double y,
                   double width, const Layout& layout) {
  const double row = layout.text + 7, gap = 20;
  double at = 0, line = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double needed =
        std::min(width, text_width(names[i], layout.text) * 1.08 + layout.text + 8);
    if (at > 0 && at + needed > width) {
      at = 0;
      ++line;
    }
    if (svg)
      draw_name(*svg, x + at, y + line * row + layout.text, names[i], i, needed, layout.text);
    at += needed + gap;
  }
  return names.empty() ? 0 : (line + 1) * row + 6;
}

}  // namespace callosum::report
