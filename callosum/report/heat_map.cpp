#include <algorithm>
#include <array>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/report/chart_parts.h"
#include "callosum/report/palette.h"
#include "callosum/report/text.h"

namespace callosum::report {
namespace {

/// Viridis (van der Walt and Smith 2015) at eight places: even steps of lightness, the same in both
/// themes.
constexpr std::array<std::array<int, 3>, 8> viridis = {{{68, 1, 84},
                                                        {70, 50, 127},
                                                        {54, 92, 141},
                                                        {39, 127, 142},
                                                        {31, 161, 135},
                                                        {74, 194, 109},
                                                        {159, 218, 58},
                                                        {253, 231, 37}}};

std::string colour(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * (viridis.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(at), viridis.size() - 2);
  std::string out = "fill=\"rgb(";
  for (std::size_t c = 0; c < 3; ++c) {
    const double mixed =
        viridis[i][c] + (at - static_cast<double>(i)) * (viridis[i + 1][c] - viridis[i][c]);
    out += std::to_string(static_cast<int>(std::lround(mixed))) + (c < 2 ? "," : ")\"");
  }
  return out;
}

/// The scale of colours with its ticks, right of the map.
void draw_scale(Svg& svg, const Axis& axis, const Box& box, const Layout& layout) {
  constexpr int steps = 48;
  const double step = box.height / steps;
  for (int i = 0; i < steps; ++i)
    svg.rect(box.x, box.bottom() - (i + 1) * step, box.width, step + 0.5,
             colour((i + 0.5) / steps));
  for (double tick : axis.ticks) {
    const double y = box.bottom() - (tick - axis.low) / (axis.high - axis.low) * box.height;
    svg.line(box.right(), y, box.right() + 4, y, stroke("frame"));
    svg.text(box.right() + 7, y + 0.35 * layout.small, axis.label(tick), Anchor::start,
             layout.small, fill("soft"));
  }
}

std::string name_at(const std::vector<std::string>& names, std::size_t i) {
  return i < names.size() ? names[i] : std::to_string(i + 1);
}

/// Every how many rows or columns a name fits.
std::size_t stride(double pitch, double needed) {
  return static_cast<std::size_t>(std::max(1.0, std::ceil(needed / pitch)));
}

}  // namespace

std::string drawn(const HeatMap& map, const std::string& title, const Layout& layout) {
  if (map.rows == 0 || map.columns == 0 || map.values.size() != map.rows * map.columns)
    throw ShapeError({.where = "heat map '" + title + "'",
                      .what = "the values do not fill it",
                      .got = std::to_string(map.values.size()) + " for " +
                             std::to_string(map.rows) + " x " + std::to_string(map.columns)});
  Span range(map.log);
  range.take(map.values);
  const Axis values = range.axis(4, map.value_title);
  double names = 0, widest = 0;
  for (std::size_t i = 0; i < map.rows; ++i)
    names = std::max(names, text_width(name_at(map.row_names, i), layout.small));
  for (std::size_t i = 0; i < map.columns; ++i)
    widest = std::max(widest, text_width(name_at(map.column_names, i), layout.small));
  const double left = layout.text + 14 + names + 9, top = layout.text + 12;
  const double right = 16 + 14 + 7 + 48;
  const double cell =
      std::min({(layout.width - left - right) / static_cast<double>(map.columns),
                (layout.narrow ? 260.0 : 400.0) / static_cast<double>(map.rows), 60.0});
  // Few columns are stretched rather than left as a thin strip.
  const double cell_width =
      std::min((layout.width - left - right) / static_cast<double>(map.columns),
               std::max(cell, (layout.narrow ? 150.0 : 420.0) / static_cast<double>(map.columns)));
  Plot plot;
  plot.box = {left, top, cell_width * static_cast<double>(map.columns),
              cell * static_cast<double>(map.rows)};
  plot.x.title = map.x_title;
  plot.y.title = map.y_title;
  Svg svg(layout.width, top + plot.box.height + 50, layout.narrow ? "narrow" : "wide", title);
  for (std::size_t r = 0; r < map.rows; ++r)
    for (std::size_t c = 0; c < map.columns; ++c) {
      const double value = on_axis(values, map.values[r * map.columns + c]);
      const double x = left + cell_width * static_cast<double>(c);
      const double y = top + cell * static_cast<double>(r);
      if (std::isfinite(value))
        svg.rect(x, y, cell_width + 0.3, cell + 0.3,
                 colour((value - values.low) / (values.high - values.low)));
      else
        svg.rect(x, y, cell_width, cell, fill("rule"));
    }
  for (std::size_t r = 0; r < map.rows; r += stride(cell, layout.small + 2))
    svg.text(left - 7, top + cell * (static_cast<double>(r) + 0.5) + 0.35 * layout.small,
             name_at(map.row_names, r), Anchor::end, layout.small, fill("soft"));
  for (std::size_t c = 0; c < map.columns; c += stride(cell_width, widest + 8))
    svg.text(left + cell_width * (static_cast<double>(c) + 0.5),
             plot.box.bottom() + 6 + layout.small, name_at(map.column_names, c), Anchor::middle,
             layout.small, fill("soft"));
  draw_scale(svg, values, {plot.box.right() + 16, top, 14, plot.box.height}, layout);
  svg.text(plot.box.right() + right - 4, layout.text, map.value_title, Anchor::end, layout.text,
           fill("soft"));
  draw_titles(svg, plot, layout);
  return svg.finish();
}

}  // namespace callosum::report
