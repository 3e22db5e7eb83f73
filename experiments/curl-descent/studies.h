#pragma once

#include <array>
#include <cstdint>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

/// The studies of the protocol. Each reads the arm and writes what it measured.
namespace callosum::experiment {

constexpr std::array<std::int64_t, 8> map_inputs = {5, 10, 20, 30, 40, 55, 70, 90};
constexpr std::array<double, 4> map_flips = {0, 0.1, 0.3, 0.5};

/// Errors of the expansive net at three fractions and of two contractive ones at 0.3.
void stability_study(const Trial& t, Outcome& out);

/// Antisymmetric part of the Jacobian of the update, four inputs and three hidden units.
double curl_of_update(const Trial& t);

/// The learning curve of a tanh student from a random start; one readout unit is flipped.
void speed_study(const Trial& t, Outcome& out);

/// How far eigenvalues of a sampled D + W W^T (M = 480, N = 400) lie outside the predicted edges,
/// and how far the edges are from what the authors' code gives.
void random_matrix_study(const Trial& t, Outcome& out);

/// Error over compression and share of hidden flips, and whether the lowest edge tells it.
void phase_map(const Trial& t, Outcome& out);

}  // namespace callosum::experiment
