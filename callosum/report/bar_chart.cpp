#include <algorithm>
#include <cmath>

#include "callosum/report/chart_parts.h"
#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {
namespace {

/// The name under a bar, or its number where there is no room for names: then a legend tells.
struct Labels {
  bool numbers;
  std::vector<std::string> legend;
};

Labels labels(const Bars& bars, double pitch, const Layout& layout) {
  bool fits = true;
  for (const Bar& bar : bars.bars)
    fits = fits && text_width(bar.name, layout.small) * 1.08 < pitch - 6;
  Labels out{!fits, {}};
  if (!fits)
    for (std::size_t i = 0; i < bars.bars.size(); ++i)
      out.legend.push_back(std::to_string(i + 1) + "  " + bars.bars[i].name);
  return out;
}

void draw_bar(Svg& svg, const Bar& bar, const Plot& plot, double centre, double width,
              std::size_t colour) {
  const double base = plot.y.logarithmic ? plot.y.low : std::clamp(0.0, plot.y.low, plot.y.high);
  const double y = on_axis(plot.y, bar.value);
  if (std::isfinite(y)) {
    const double top = std::min(plot.py(y), plot.py(base));
    svg.rect(centre - width / 2, top, width, std::fabs(plot.py(y) - plot.py(base)),
             fill(population_tone(colour)) + " fill-opacity=\"0.55\"");
  }
  double low = on_axis(plot.y, bar.low), high = on_axis(plot.y, bar.high);
  if (std::isfinite(high)) {
    // An interval that reaches beyond the axis is drawn to its edge.
    low = std::isfinite(low) ? std::max(low, plot.y.low) : plot.y.low;
    high = std::min(high, plot.y.high);
    svg.line(centre, plot.py(low), centre, plot.py(high), stroke("ink") + " stroke-width=\"1.5\"");
    for (double end : {low, high})
      svg.line(centre - 5, plot.py(end), centre + 5, plot.py(end),
               stroke("ink") + " stroke-width=\"1.5\"");
  }
  // Values of single seeds stand beside the interval, spread so that equal ones show.
  const auto n = static_cast<double>(bar.points.size());
  for (std::size_t i = 0; i < bar.points.size(); ++i) {
    const double value = on_axis(plot.y, bar.points[i]);
    if (!std::isfinite(value)) continue;
    const double offset = n > 1 ? (static_cast<double>(i) / (n - 1) - 0.5) * width * 0.6 : 0;
    std::string d = "M";
    append_coordinate(d, centre + offset - 2.5);
    d += ' ';
    append_coordinate(d, plot.py(value));
    d += "a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0Z";
    svg.path(d, fill(population_tone(colour)));
  }
}

}  // namespace

std::string drawn(const Bars& bars, const std::string& title, const Layout& layout) {
  Span ys(bars.log_y);
  if (!bars.log_y) ys.take(0);
  for (const Bar& bar : bars.bars) {
    ys.take(bar.value);
    ys.take(bar.points);
    if (!bars.log_y) {
      ys.take(bar.low);
      ys.take(bar.high);
    }
  }
  if (!bars.mark_text.empty()) ys.take(bars.mark);
  const double height = layout.narrow ? 210 : 300, right = 16;
  Plot plot;
  plot.y = ys.axis(layout.narrow ? 4 : 6, bars.y_title);
  widen(plot.y, bars.log_y ? 0.06 : 0.03);
  if (!bars.log_y && ys.low() >= 0) plot.y.low = 0;
  const double left = left_margin(plot.y, layout);
  const auto count = static_cast<double>(std::max<std::size_t>(bars.bars.size(), 1));
  const double width = std::min(layout.width - left - right, layout.narrow ? 400.0 : 150 * count);
  const double pitch = width / count;
  const Labels names = labels(bars, pitch, layout);
  const double legend =
      draw_legend(nullptr, names.legend, left, 0, layout.width - left - right, layout);
  const double top = legend + 22;
  Svg svg(layout.width, top + height + 30, layout.narrow ? "narrow" : "wide", title);
  plot.box = {left, top, width, height};
  draw_legend(&svg, names.legend, left, 0, layout.width - left - right, layout);
  draw_y_axis(svg, plot, layout);
  for (std::size_t i = 0; i < bars.bars.size(); ++i) {
    const double centre = left + (static_cast<double>(i) + 0.5) * pitch;
    draw_bar(svg, bars.bars[i], plot, centre, std::min(pitch * 0.62, 80.0), i);
    svg.text(centre, plot.box.bottom() + 8 + layout.small,
             names.numbers ? std::to_string(i + 1) : bars.bars[i].name, Anchor::middle,
             layout.small, fill("ink"));
  }
  draw_frame(svg, plot);
  const double mark = on_axis(plot.y, bars.mark);
  if (!bars.mark_text.empty() && std::isfinite(mark)) {
    svg.line(left, plot.py(mark), plot.box.right(), plot.py(mark),
             stroke("ink") + " stroke-dasharray=\"3 3\"");
    svg.text(plot.box.right(), plot.box.y - 7, "dashed: " + bars.mark_text, Anchor::end,
             layout.small, fill("soft"));
  }
  svg.vertical_text(layout.text, plot.box.y + height / 2,
                    fitted(bars.y_title, height + 40, layout.text), layout.text, fill("soft"));
  return svg.finish();
}

}  // namespace callosum::report
