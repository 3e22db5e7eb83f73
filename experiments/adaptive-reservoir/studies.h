#pragma once

#include <string>
#include <vector>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

namespace callosum::experiment {

/// sigma_in: input weights are uniform in +-sigma_in/2.
inline const std::vector<double> amplitudes = {0.1, 0.3, 1};
/// "memory_0.3": the name of a value at an input amplitude.
std::string label(const char* what, double amplitude);

/// No adaptation: memory over the global balance beta, and the time series at the best one.
void sweep(const Trial& t, Outcome& out);
/// Memory, rates, exponent and, where the arm adapts, time series of a reservoir that the arm has
/// changed.
void local_adaptation(const Trial& t, Outcome& out);
/// Relative spread of the memory over the choice of the mean target: what is left to tune.
/// Oscillating networks have no score.
void spread_over_targets(const Trial& t, Outcome& out);

}  // namespace callosum::experiment
