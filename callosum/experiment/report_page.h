#pragma once

#include <string>

#include "callosum/experiment/protocol.h"

namespace callosum::experiment {

/// The report of a run as one HTML text: claims first, then figures, values, provenance.
std::string report_html(const Result& result);

}  // namespace callosum::experiment
