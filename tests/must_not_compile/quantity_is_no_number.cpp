#include "callosum/core/units.h"
using namespace callosum::literals;
#ifdef MUST_FAIL
double voltage = -50_mV;
#else
callosum::Quantity voltage = -50_mV;
#endif
