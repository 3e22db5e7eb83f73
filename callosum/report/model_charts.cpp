#include "callosum/report/model_charts.h"

namespace callosum::report {

Quantity ms(double t) { return Quantity::from_internal(t, dimension::time); }

std::string titled(const model::Variable& v) {
  return v.name + " (" + (v.dimension.none() ? "no unit" : v.dimension.internal_name()) + ")";
}

std::vector<double> sample_times(const TraceRecord& trace, double dt_ms) {
  std::vector<double> t(trace.samples());
  for (std::size_t k = 0; k < t.size(); ++k)
    t[k] = static_cast<double>(trace.interval * static_cast<std::int64_t>(k)) * dt_ms;
  return t;
}

std::vector<double> of_neuron(const TraceRecord& trace, std::size_t i) {
  std::vector<double> values(trace.samples());
  for (std::size_t k = 0; k < values.size(); ++k)
    values[k] = trace.values[k * trace.indices.size() + i];
  return values;
}

}  // namespace callosum::report
