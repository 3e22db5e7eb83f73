#include "callosum/sim/watch.h"

#include <cmath>
#include <tuple>

#include "callosum/core/error.h"

namespace callosum::sim {

template <class T>
void look_for_not_finite(const std::vector<std::unique_ptr<PopulationState<T>>>& populations,
                         const std::vector<Segment>& segments, std::int64_t step,
                         NotFinite& found) {
  if (found.step >= 0) return;
  for (const Segment& segment : segments)
    for (const auto& [name, column] : populations[segment.population]->states()) {
      T sum = 0;  // x - x is 0, or NaN where x is not finite
      for (std::uint32_t i = segment.begin; i < segment.end; ++i) sum += column[i] - column[i];
      if (sum == 0) continue;
      for (std::uint32_t i = segment.begin; i < segment.end; ++i)
        if (!std::isfinite(column[i])) {
          found = {step, segment.population, i, name, static_cast<double>(column[i])};
          return;
        }
    }
}

void refuse_not_finite(const std::vector<NotFinite>& found, const Network& network) {
  const NotFinite* first = nullptr;
  const auto key = [](const NotFinite& f) { return std::tuple(f.step, f.population, f.neuron); };
  for (const NotFinite& f : found)
    if (f.step >= 0 && (first == nullptr || key(f) < key(*first))) first = &f;
  if (first == nullptr) return;
  const std::string time = to_string(network.grid().time(first->step));
  throw NumericalError({.where = "population '" + network.populations()[first->population].name +
                                 "', neuron " + std::to_string(first->neuron),
                        .what = "'" + first->variable + "' is no longer finite by t = " + time,
                        .got = std::isnan(first->value) ? "NaN" : "infinity",
                        .expected = "a finite value; a smaller dt, or another method, may help"});
}

template void look_for_not_finite(const std::vector<std::unique_ptr<PopulationState<float>>>&,
                                  const std::vector<Segment>&, std::int64_t, NotFinite&);
template void look_for_not_finite(const std::vector<std::unique_ptr<PopulationState<double>>>&,
                                  const std::vector<Segment>&, std::int64_t, NotFinite&);

}  // namespace callosum::sim
