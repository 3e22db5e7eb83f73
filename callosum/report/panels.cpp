#include "callosum/report/panels.h"

#include <algorithm>
#include <cmath>

#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {

namespace {

std::string bars(const Histogram& h, const Plot& plot) {
  std::string d;
  const double gap = plot.box.width / static_cast<double>(h.counts.size()) > 6 ? 1 : 0;
  for (std::size_t i = 0; i < h.counts.size(); ++i) {
    if (h.counts[i] == 0) continue;
    const double from = plot.px(h.low + h.width * static_cast<double>(i));
    const double to = plot.px(h.low + h.width * static_cast<double>(i + 1));
    d += 'M';
    append_coordinate(d, from + gap / 2);
    d += ' ';
    append_coordinate(d, plot.box.bottom());
    d += 'V';
    append_coordinate(d, plot.py(static_cast<double>(h.counts[i])));
    d += 'H';
    append_coordinate(d, to - gap / 2);
    d += 'V';
    append_coordinate(d, plot.box.bottom());
    d += 'Z';
  }
  return d;
}

void draw_panel(Svg& svg, const HistogramPanel& panel, Plot plot, const Layout& layout) {
  const Box& box = plot.box;
  const Histogram& h = panel.bars;
  draw_name(svg, box.x, box.y - 10, panel.name, panel.colour,
            panel.mark_text.empty() || layout.narrow ? box.width : box.width * 0.55, layout.text);
  if (h.counts.empty()) {
    svg.rect(box.x, box.y, box.width, box.height, fill("rule") + " fill-opacity=\"0.5\"");
    svg.text(box.x + box.width / 2, box.y + box.height / 2, panel.nothing, Anchor::middle,
             layout.small, fill("soft"));
    return;
  }
  plot.x = axis_over(h.low, h.high(), layout.narrow ? 3 : 5);
  plot.y = count_axis(static_cast<double>(h.largest()), 3);
  draw_y_axis(svg, plot, layout);
  svg.path(bars(h, plot), fill(population_tone(panel.colour)) + " fill-opacity=\"0.75\"");
  draw_frame(svg, plot);
  draw_x_axis(svg, plot, layout, true);
  if (!(panel.mark >= h.low && panel.mark <= h.high())) return;
  const double x = plot.px(panel.mark);
  svg.line(x, box.y - 3, x, box.bottom(), stroke("ink") + " stroke-dasharray=\"3 3\"");
  if (layout.narrow) return;
  svg.text(box.right(), box.y - 10, panel.mark_text, Anchor::end, layout.small, fill("soft"));
}

}  // namespace

std::string draw_panels(const std::vector<HistogramPanel>& panels, const std::string& x_title,
                        const std::string& y_title, const std::string& label,
                        const Layout& layout) {
  const std::size_t columns =
      std::clamp<std::size_t>(panels.size(), 1, static_cast<std::size_t>(layout.columns));
  const std::size_t rows = (panels.size() + columns - 1) / columns;
  const double left = layout.narrow ? 18 : 22, margin = layout.narrow ? 36 : 48;
  const double gap = layout.narrow ? 6 : 14;
  const double pitch = (layout.width - left) / static_cast<double>(columns);
  // One or two panels alone would be stretched to the width of the page.
  const double width = std::min(pitch - margin - gap, layout.narrow ? 300.0 : 440.0);
  const double height = layout.narrow ? 90 : 110, head = 32, foot = 44;
  const double row = head + height + foot;
  Svg svg(layout.width, row * static_cast<double>(rows), layout.narrow ? "narrow" : "wide", label);
  svg.vertical_text(layout.small, row * static_cast<double>(rows) / 2, y_title, layout.text,
                    fill("soft"));
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const double x = left + static_cast<double>(i % columns) * pitch + margin;
    const double y = static_cast<double>(i / columns) * row + head;
    draw_panel(svg, panels[i], {{x, y, width, height}, {}, {}}, layout);
    if (i + columns >= panels.size())
      svg.text(x + width / 2, y + height + 38, x_title, Anchor::middle, layout.text, fill("soft"));
  }
  return svg.finish();
}

}  // namespace callosum::report
