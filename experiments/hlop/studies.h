#pragma once

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

/// The studies of the protocol. Each reads the arm and writes what it measured.
namespace callosum::experiment {

/// Permuted images, task after task; the arm says how errors travel and whether, and by which
/// subspace, updates are projected.
void continual_study(const Trial& t, Outcome& out);

/// The Hebbian rule on fixed data against the singular vectors of the data.
void subspace_study(const Trial& t, Outcome& out);

}  // namespace callosum::experiment
