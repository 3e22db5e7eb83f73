#pragma once

#include <iosfwd>

#include "callosum/experiment/protocol.h"

namespace callosum::app {

/// Verdict, claim and numbers, a few lines each, for a terminal or a log.
void print_claims(std::ostream& out, const experiment::Result& result);

}  // namespace callosum::app
