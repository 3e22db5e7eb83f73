#pragma once

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

/// The two networks of the protocol. Each reads the arm and returns what it measured.
namespace callosum::experiment {

/// Two linear layers f = w2 W1 x with w2 = 0 at the start, white inputs, target beta^T x; gradient
/// descent on the expected loss |W1^T w2 - beta|^2 / 2. The tangent kernel is that of x and x' of
/// unit basis vectors: W1^T W1 + |w2|^2 I.
Outcome linear_network(const Trial& t);

/// A recurrent network learns a cognitive task; kernel and representations on trials that are never
/// trained on.
Outcome recurrent_network(const Trial& t);

}  // namespace callosum::experiment
