#pragma once

#include <string>
#include <string_view>

namespace callosum::report {

/// Appends a coordinate with at most one decimal: figures are drawn in CSS pixels.
void append_coordinate(std::string& out, double value);

enum class Anchor { start, middle, end };

/// Writes one SVG element by element. Attributes are passed as text made by palette.h; every text
/// is escaped here.
class Svg {
 public:
  /// `label` tells who cannot see the figure what it shows.
  Svg(double width, double height, std::string_view css_class, std::string_view label);

  void line(double x1, double y1, double x2, double y2, std::string_view attributes);
  void rect(double x, double y, double width, double height, std::string_view attributes);
  void path(std::string_view d, std::string_view attributes);
  void text(double x, double y, std::string_view text, Anchor anchor, double size,
            std::string_view attributes);
  /// Turned by a quarter to be read from the right: titles of vertical axes.
  void vertical_text(double x, double y, std::string_view text, double size,
                     std::string_view attributes);
  void open_group(std::string_view attributes);
  void close_group();

  double width() const { return width_; }
  double height() const { return height_; }
  std::string finish();

 private:
  void attribute(std::string_view name, double value);
  std::string text_;
  double width_, height_;
};

}  // namespace callosum::report
