#pragma once

#include <string>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

namespace callosum::experiment {

/// Magnitudes of the fixed weights of an LSM; the best is chosen on validation images.
inline constexpr double magnitudes[] = {0.25, 0.5, 1, 1.5, 2};

/// Data sets of the two parts of the protocol; quick runs have the second alone.
inline const std::string data_sets[] = {"mnist", "fashion-mnist"};
/// "accuracy, mnist": the name of a value on a data set.
std::string on(const std::string& value, const std::string& data);

/// One arm, one seed: liquid, initialisation, encoding and readout for every data set.
Outcome classify(const Trial& t);

}  // namespace callosum::experiment
