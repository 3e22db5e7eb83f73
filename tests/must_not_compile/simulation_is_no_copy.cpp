#include "callosum/sim/simulation.h"
#ifdef MUST_FAIL
callosum::Simulation twice(callosum::Simulation& one) { return one; }
#else
callosum::Simulation moved(callosum::Simulation& one) { return std::move(one); }
#endif
