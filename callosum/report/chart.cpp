#include "callosum/report/chart.h"

#include "callosum/report/chart_parts.h"
#include "callosum/report/text.h"

namespace callosum::report {

Figure draw(const Chart& chart) {
  return both_layouts(chart.id, chart.title, escaped(chart.caption), [&](const Layout& layout) {
    return std::visit([&](const auto& plot) { return drawn(plot, chart.title, layout); },
                      chart.plot);
  });
}

}  // namespace callosum::report
