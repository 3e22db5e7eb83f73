#pragma once

#include <cstdint>
#include <span>

#include "callosum/nets/sparse_matrix.h"

/// Rates that units are to have, reached through their inhibitory synapses alone. Networks obey
/// Dale's law as `dale_matrix` makes them: columns [0, excitatory) are >= 0, the rest <= 0. Units
/// answer with logistic(gain (v - threshold)), as a Reservoir does.
namespace callosum::nets {

/// One step of local homeostasis (Srinivasan, Plenz and Girvan 2025, eq. 7): every inhibitory
/// synapse onto unit i grows by rate (r_i - target_i). A unit that is too active receives more
/// inhibition; magnitudes stop at 0, and what is stopped there is counted and returned.
/// rates, targets: [units].
std::int64_t adapt_inhibition(SparseMatrix& recurrent, std::int64_t excitatory,
                              std::span<const double> rates, std::span<const double> targets,
                              double rate);

/// The same end in one step (eq. 8, derived): scales the inhibitory synapses onto each unit so that
/// `targets` is a fixed point under the mean drive. Where that takes less than none they become 0;
/// the number of such units, and of those with no inhibition to scale, is returned.
/// targets: [units], in (0, 1); drive: [units], the mean of W_in u. ValueError otherwise.
std::int64_t balance_inhibition(SparseMatrix& recurrent, std::int64_t excitatory,
                                std::span<const double> targets, std::span<const double> drive,
                                double gain, double threshold);

}  // namespace callosum::nets
