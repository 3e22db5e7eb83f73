#pragma once

#include "callosum/report/axis.h"
#include "callosum/report/svg.h"

namespace callosum::report {

/// A figure is drawn once for each: wide screens, paper and export; and phones.
struct Layout {
  bool narrow;
  double width;
  double text;   ///< font size of labels
  double small;  ///< font size of ticks
  int columns;   ///< panels side by side
  int ticks;     ///< on an axis across the figure
  std::size_t raster_spikes;
};
inline constexpr Layout wide_layout{false, 1080, 13, 11.5, 4, 10, 20000};
inline constexpr Layout narrow_layout{true, 340, 12, 10.5, 2, 5, 5000};

struct Box {
  double x, y, width, height;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

/// A rectangle with two axes.
struct Plot {
  Box box;
  Axis x, y;
  double px(double value) const;
  double py(double value) const;
};

/// Ticks, labels and grid. The titles are placed by the figure, as panels may share them.
void draw_x_axis(Svg& svg, const Plot& plot, const Layout& layout, bool labels);
void draw_y_axis(Svg& svg, const Plot& plot, const Layout& layout);
/// The line at the left and at the bottom.
void draw_frame(Svg& svg, const Plot& plot);

/// A square in the colour of a population and its name, cut to `width`.
void draw_name(Svg& svg, double x, double baseline, std::string_view name, std::size_t colour,
               double width, double font_size);

}  // namespace callosum::report
