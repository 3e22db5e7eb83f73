#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "callosum/report/figures.h"

/// Figures of results as values: what is shown, apart from how it is drawn.
namespace callosum::report {

/// One curve, with a band about it where `low` and `high` are given (as long as `y`).
struct Line {
  std::string name;
  std::vector<double> x, y, low = {}, high = {};
  bool dashed = false;
};
/// Curves over a common axis. Points that are not finite, or not positive on a logarithmic axis,
/// interrupt a line.
struct Lines {
  std::string x_title, y_title;  ///< with unit: "steps", "error (no unit)"
  bool log_x = false, log_y = false;
  std::vector<Line> lines;
};

/// A value with its interval and the single values behind it.
struct Bar {
  std::string name;
  double value = 0, low = 0, high = 0;  ///< NaN low or high: no interval
  std::vector<double> points = {};
};
struct Bars {
  std::string y_title;
  bool log_y = false;
  std::vector<Bar> bars;
  double mark = 0;             ///< a dashed line across, where `mark_text` is not empty
  std::string mark_text = {};  ///< "bar: 0.5"
};

/// A matrix as colours: values[row * columns + column], row 0 at the top.
struct HeatMap {
  std::string x_title, y_title, value_title;
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;  ///< NaN: left empty
  std::vector<std::string> row_names = {}, column_names = {};
  bool log = false;
};

/// Events in time: a dot at x[i] in row rows[i].
struct Dots {
  std::string x_title, y_title;
  std::vector<double> x, y;
  std::vector<std::size_t> colour = {};  ///< one a dot, or empty
};

struct Chart {
  std::string id, title, caption;  ///< plain text
  std::variant<Lines, Bars, HeatMap, Dots> plot;
};

/// The chart in both layouts. ShapeError where lengths do not fit together.
Figure draw(const Chart& chart);

}  // namespace callosum::report
