#pragma once

#include <string>

#include "callosum/network/network.h"
#include "callosum/sonata/config.h"
#include "callosum/sonata/json_file.h"

namespace callosum::sonata {

/// A stimulus as an entry of a configuration's inputs, without its node set. A constant current
/// through I_e is a "current_clamp" in pA; what SONATA does not know has the input_type "callosum"
/// and numbers in mV, pA, nS, Hz, ms. Throws UnsupportedError for lists of values.
Json stimulus_input(const Network& network, const Stimulus& stimulus);

/// The other way, for neurons of the network. `picoampere`: the unit of a current_clamp, else nA.
/// Throws UnsupportedError, NameError, ValueError.
Stimulus stimulus_of(const Network& network, const Input& input, const View& to, bool picoampere);

}  // namespace callosum::sonata
