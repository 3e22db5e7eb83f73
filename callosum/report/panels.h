#pragma once

#include <string>
#include <vector>

#include "callosum/report/figures.h"
#include "callosum/report/histogram.h"

namespace callosum::report {

/// One histogram of a grid of them.
struct HistogramPanel {
  std::string name;
  std::size_t colour = 0;
  Histogram bars;
  double mark = 0;        ///< where a dashed line stands; NaN: none
  std::string mark_text;  ///< "mean 4.5 Hz"
  std::string nothing;    ///< said instead of bars when there are none: "no spikes"
};

/// Panels in rows of `layout.columns`, each with its own scales.
std::string draw_panels(const std::vector<HistogramPanel>& panels, const std::string& x_title,
                        const std::string& y_title, const std::string& label, const Layout& layout);

}  // namespace callosum::report
