#include "callosum/sonata/step_train.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum::sonata {

StepTrain on_steps(std::vector<std::pair<std::uint32_t, double>> train, double dt_ms,
                   const std::string& where) {
  std::sort(train.begin(), train.end());
  StepTrain out;
  for (const auto& [neuron, ms] : train) {
    const double step = std::nearbyint(ms / dt_ms);
    if (!(std::abs(step) < 9e15))
      throw ValueError({.where = where,
                        .what = "a spike comes too late to be counted in steps",
                        .got = std::to_string(ms) + " ms"});
    out.off_grid += !(std::abs(step * dt_ms - ms) <= 1e-6 * dt_ms) || step < 1;
    auto at = std::max<std::int64_t>(1, static_cast<std::int64_t>(step));
    if (!out.neurons.empty() && out.neurons.back() == neuron && at <= out.steps.back()) {
      at = out.steps.back() + 1;
      ++out.moved;
    }
    out.neurons.push_back(neuron);
    out.steps.push_back(at);
  }
  return out;
}

}  // namespace callosum::sonata
