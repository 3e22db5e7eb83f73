#pragma once

#include <string>
#include <vector>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

namespace callosum::experiment {

/// A recurrent population of orientation-tuned units sees one orientation too often and adapts its
/// gains: gains, tuning curves, mean activity, covariance. `recurrence` is J; where the gains are
/// frozen the prior changes and nothing else.
void adaptation_study(const Trial& t, double recurrence, bool frozen, Outcome& out);

/// Whitening by gains on a fixed overcomplete frame of `columns` vectors in 10 dimensions, over
/// three contexts; and online with 3 vectors in 2 dimensions.
void whitening_study(const Trial& t, std::int64_t columns, Outcome& out);

}  // namespace callosum::experiment
